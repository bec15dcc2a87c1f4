export type { Executor, ExecutorShutdownOptions } from '../futures/executor.js';
export type { Flow, FlowOptions } from '../futures/flow.js';
export type { Future, FutureOptions, FutureState } from '../futures/future.js';
export { jobsOf, type Jobs } from './call.js';
export { ProcessPoolExecutor, ThreadPoolExecutor, type ThreadPoolOptions } from './executors.js';
export { jobSignal } from './signal.js';
export { transfer } from './transfer.js';
export { type WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
