import { caller } from './calling.js';

/**
 * Sets the `atomic` mark of the calling tasklet until it is disposed; then it is what it was before.
 *
 * The mark has no effect, since nothing here interrupts a tasklet between two waits: it is there for programs
 * that say it. Source: Stackless `atomic()`.
 *
 * @example
 * using _ = atomic();
 */
export function atomic(): Disposable {
  const { handle } = caller();
  const before = handle.setAtomic(true);
  return {
    [Symbol.dispose]() {
      handle.setAtomic(before);
    },
  };
}
