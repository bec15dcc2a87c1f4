// Our own words for the programs that are written once for everybody.

import type { Kit, KitChannel, Library } from './question.js';

/** Who runs first when two meet. */
export type Preference = 'receiver' | 'sender' | 'neither';

/** The kit of one build of the library; its channels are made with `options`. */
export function evergreen(library: Library, options?: { preference?: Preference }) {
  const { Channel, run, schedule, spawn } = library;
  return {
    name: 'evergreen',
    run: (main) => run(main),
    spawn: (body) => void spawn(body),
    start: (body) => {
      const tasklet = spawn(body);
      return () => tasklet.join();
    },
    channel: <T>(): KitChannel<T> => new Channel<T>(options),
    schedule: () => schedule(),
  } satisfies Kit;
}
