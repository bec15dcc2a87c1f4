/**
 * A certificate for `localhost`, `127.0.0.1` and `other.test`, and its key; signed by itself, from 2020 to 2120.
 *
 * That everybody can read the key does no harm: nobody trusts it but a test that says so, and it is used nowhere else.
 * To make one for each run would take a tool that not every machine has.
 */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwv4XsNkTqFtRO5Ik
VJ84NOGOL9+yDfPrXDHjIrqeqD2hRANCAASBudWJMu7TCpAIKCqzaSIyECEUUC+f
JPyybC8Ar3fklg/Xg+dvK5FKJQDh67a/YwYuIVSTPAY51Ap8cCvRpaBc
-----END PRIVATE KEY-----
`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIG51Yky7tMKkAgo
KrNpIjIQIRRQL58k/LJsLwCvd+SWD9eD528rkUolAOHrtr9jBi4hVJM8BjnUCnxw
K9GloFyjWjBYMA8GA1UdEwEB/wQFMAMBAf8wJgYDVR0RBB8wHYIJbG9jYWxob3N0
ggpvdGhlci50ZXN0hwR/AAABMB0GA1UdDgQWBBRvPUdV4TFT1Q3lBSDYiiHjqP2C
PTAKBggqhkjOPQQDAgNIADBFAiA2zKgJyesH6mTnvGjv+8oOzSTHT+NRVUiK3S8x
qydqfwIhAOa4FOOP4XvviDKP14ykmPEIMJpDP9KGuJarKjs5Nzf0
-----END CERTIFICATE-----
`;
