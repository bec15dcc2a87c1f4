/**
 * How options are read: own properties only, nothing unknown, and an error that names what was wrong.
 */

/** What every wait takes. */
export interface WaitOptions {
  /** Milliseconds until the wait rejects with `TimeoutError`. 0 gives up after one turn; none by default. */
  timeout?: number | undefined;
  /**
   * Aborts the wait: it rejects with the signal's reason. A signal keeps no program alive, that of
   * `AbortSignal.timeout` neither: where nothing else is left to come, `timeout` does.
   */
  signal?: AbortSignal | undefined;
}

/** No options: inherits nothing, as somebody may have given `Object.prototype` a property of that name. */
const NONE: object = Object.freeze(Object.create(null) as object);

/** `options` as an object with no property but `names`, inherited ones not counted. */
export function readOptions<T extends object>(
  options: T | undefined,
  names: readonly (keyof T & string)[],
  where: string,
): Partial<T> {
  if (options === undefined) return NONE;
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null) {
    throw new TypeError(`${where}: options must be an object, not ${show(options)}`);
  }
  const read: Partial<T> = Object.create(null) as Partial<T>;
  for (const key of Object.keys(options)) {
    if (!(names as readonly string[]).includes(key)) {
      throw new TypeError(`${where}: unknown option '${key}'; there is ${names.join(', ')}`);
    }
    read[key as keyof T] = options[key as keyof T];
  }
  return read;
}

/** `value` in milliseconds, from 0 to Infinity. */
export function duration(value: unknown, name: string, where: string): number {
  if (typeof value !== 'number')
    throw new TypeError(`${where}: ${name} must be a number, not ${show(value)}`);
  if (!(value >= 0)) throw new RangeError(`${where}: ${name} must be 0 milliseconds or more, not ${value}`);
  return value;
}

/** `value` as a whole number from `least`. */
export function whole(value: unknown, least: number, name: string, where: string): number {
  if (typeof value !== 'number')
    throw new TypeError(`${where}: ${name} must be a number, not ${show(value)}`);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${where}: ${name} must be a whole number from ${least}, not ${value}`);
  }
  return value;
}

/** `value` as a function. */
export function callable(value: unknown, name: string, where: string): void {
  if (typeof value !== 'function')
    throw new TypeError(`${where}: ${name} must be a function, not ${show(value)}`);
}

/** `value`, if given, as one of `choices`. */
export function oneOf<T extends string>(value: T, choices: readonly T[], name: string, where: string): T {
  if (choices.includes(value)) return value;
  throw new TypeError(
    `${where}: ${name} must be ${choices.map((c) => `'${c}'`).join(' or ')}, not ${show(value)}`,
  );
}

/** A word about `value` that calls no code of its own. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? value.slice(0, 40) + '…' : value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || value === undefined) {
    return String(value);
  }
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Whether `await` would unwrap `value`. The one place that looks at a payload's `then`: a getter that throws
 * there would make the `await` throw as well, so it counts.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}
