/** What is sent: as a whole, or as it comes. */
export type HttpBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** Whether `body` is there as a whole. */
export function isKept(body: unknown): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** Whether `body` comes in pieces. */
export function isComing(body: unknown): body is AsyncIterable<string | Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
