export { jobsOf, type Jobs } from './call.js';
export { ProcessPoolExecutor, ThreadPoolExecutor } from './executors.js';
export { jobSignal } from './signal.js';
export { transfer } from './transfer.js';
export { type WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
