/**
 * How an error comes from a worker.
 *
 * A structured clone keeps the type of a built-in error, its message, stack and cause; what else it had, its
 * `code` above all, travels beside it.
 */
export interface Failure {
  readonly error: unknown;
  readonly name: string | undefined;
  readonly more: Readonly<Record<string, unknown>>;
}

export function packed(error: unknown): Failure {
  if (!(error instanceof Error)) return { error, name: undefined, more: {} };
  const more: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (
      value === null ||
      (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
    ) {
      more[key] = value;
    }
  }
  return { error: copyable(error), name: error.name, more };
}

/** `error` itself, unless it holds what cannot be copied, such as a function as its cause. */
function copyable(error: Error): Error {
  try {
    structuredClone(error);
    return error;
  } catch {
    const plain = new Error(error.message);
    if (error.stack !== undefined) plain.stack = error.stack;
    return plain;
  }
}

export function unpacked({ error, name, more }: Failure): unknown {
  if (!(error instanceof Error)) return error;
  Object.assign(error, more);
  if (name !== undefined && error.name !== name) {
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  }
  return error;
}
