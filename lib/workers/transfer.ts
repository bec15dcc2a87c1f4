/** What is to be moved with a value, not copied. */
const lists = new WeakMap<object, readonly ArrayBuffer[]>();

/**
 * Says that `buffers`, which belong to `value`, are to be moved to a worker thread or back, not copied: they are
 * empty on this side afterwards. Returns `value` itself, to be an argument or the result of a job.
 *
 * Between processes everything is copied, and this changes nothing.
 *
 * @example
 * pool.submit(jobs.blur, transfer(pixels, [pixels.buffer]));
 */
export function transfer<T extends object>(value: T, buffers: readonly ArrayBuffer[]): T {
  for (const buffer of buffers) {
    if (!(buffer instanceof ArrayBuffer))
      throw new TypeError('transfer: buffers must be a list of ArrayBuffer');
  }
  lists.set(value, buffers);
  return value;
}

/** All that is to be moved with `values`, each once. */
export function moved(values: readonly unknown[]): ArrayBuffer[] {
  const all = new Set<ArrayBuffer>();
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    for (const buffer of lists.get(value) ?? []) all.add(buffer);
  }
  return [...all];
}
