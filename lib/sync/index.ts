export { BrokenBarrierError, StateError, TimeoutError } from '../kernel/errors.js';
export { Barrier, type BarrierOptions } from './barrier.js';
export { BoundedSemaphore } from './bounded-semaphore.js';
export { Condition } from './condition.js';
export { Event } from './event.js';
export { Lease } from './lease.js';
export { Lock, type NameOptions } from './lock.js';
export { RLock } from './rlock.js';
export { Semaphore } from './semaphore.js';
