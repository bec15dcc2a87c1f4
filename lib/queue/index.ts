export { ChannelClosedError, StateError, TimeoutError } from '../kernel/errors.js';
export { LifoQueue } from './lifo-queue.js';
export { PriorityQueue } from './priority-queue.js';
export { Queue, type QueueOptions } from './queue.js';
