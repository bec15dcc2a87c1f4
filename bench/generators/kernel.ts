// What the exploration needs of the kernel beyond the front door. Not exported by the package: it is loaded from
// the same build as the library, file by file, so that both are one kernel.

import type * as Identity from '../../lib/kernel/identity.js';
import type * as Meeting from '../../lib/kernel/meeting.js';
import type * as Options from '../../lib/kernel/options.js';
import type * as Wait from '../../lib/kernel/wait.js';
import type * as Waiter from '../../lib/kernel/waiter.js';

/** Rooms of the kernel, as they are. */
export type Kernel = typeof Identity & typeof Meeting & typeof Options & typeof Wait & typeof Waiter;

/** The kernel of the build whose front door is at `module`. */
export async function kernelAt(module: string): Promise<Kernel> {
  const room = (name: string): Promise<object> =>
    import(module.replace(/index\.js$/, `kernel/${name}.js`)) as Promise<object>;
  const rooms = await Promise.all(['identity', 'meeting', 'options', 'wait', 'waiter'].map(room));
  return Object.assign({}, ...rooms) as Kernel;
}
