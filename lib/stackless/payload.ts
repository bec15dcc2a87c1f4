import { isThenable } from '../kernel/options.js';

/** `value`, if it can be handed through an `await`. */
export function payload<T>(value: T, where: string): T {
  if (!isThenable(value)) return value;
  throw new TypeError(
    `${where}: a promise cannot pass through an await unharmed; send what it comes to, or an object that holds it`,
  );
}
