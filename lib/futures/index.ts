export { asCompleted } from './as-completed.js';
export type { Executor, ExecutorShutdownOptions } from './executor.js';
export type { Flow, FlowOptions } from './flow.js';
export { Future, type FutureOptions, type FutureState } from './future.js';
export type { Settling } from './settling.js';
export { TaskletPoolExecutor, type TaskletPoolOptions } from './tasklet-pool.js';
export { waitAll, type Settled, type WaitAllOptions } from './wait-all.js';
