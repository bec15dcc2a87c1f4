export { ExplorationError, UncontrolledError } from '../kernel/errors.js';
export type { Mortal, Program, World } from './program.js';
export { exhaust, type Exhausted, type ExhaustOptions } from './exhaust.js';
export { explore, type Explored, type ExploreOptions } from './explore.js';
export { leaks } from './leaks.js';
export { sequencer, type Sequencer } from './sequencer.js';
export { trace, type Trace } from './trace.js';
export { VirtualClock } from './virtual-clock.js';
