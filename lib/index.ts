export { Case } from './kernel/case.js';
export { Channel, type ChannelOptions, type Preference } from './kernel/channel.js';
export { Clock, type Time, type Timer } from './kernel/clock.js';
export {
  AbandonedError,
  BrokenBarrierError,
  CancelledError,
  ChannelClosedError,
  DeadlockError,
  ShutdownError,
  StateError,
  TaskletExit,
  TaskletKilledError,
  TimeoutError,
  WorkerLostError,
  type Waiting,
} from './kernel/errors.js';
export { wait } from './kernel/foreign.js';
export type { WaitOptions } from './kernel/options.js';
export { defaultScheduler } from './kernel/caller.js';
export { Scheduler, type SchedulerOptions } from './kernel/scheduler.js';
export {
  select,
  type Cases,
  type Hit,
  type Outcome,
  type Selectable,
  type SelectOptions,
} from './kernel/select.js';
export { LifoQueue } from './queue/lifo-queue.js';
export { PriorityQueue } from './queue/priority-queue.js';
export { Queue, type QueueOptions } from './queue/queue.js';
export { Barrier, type BarrierOptions } from './sync/barrier.js';
export { BoundedSemaphore } from './sync/bounded-semaphore.js';
export { Condition } from './sync/condition.js';
export { Event } from './sync/event.js';
export { Lease } from './sync/lease.js';
export { Lock, type NameOptions } from './sync/lock.js';
export { RLock } from './sync/rlock.js';
export { Semaphore } from './sync/semaphore.js';
export { TaskGroup, type TaskGroupOptions } from './tasklet/group.js';
export { joinAll, killAll, type Results } from './tasklet/join-all.js';
export { Local } from './tasklet/local.js';
export { observe, type Observer } from './tasklet/observe.js';
export { run, shutdown, type RunOptions, type ShutdownOptions } from './tasklet/run.js';
export { idle, schedule } from './kernel/schedule.js';
export { shield } from './tasklet/shield.js';
export { current, spawn } from './tasklet/spawn.js';
export { supervise, type SuperviseOptions } from './tasklet/supervise.js';
export type { KillOptions, TaskletOptions } from './tasklet/options.js';
export { Tasklet, type TaskletState } from './tasklet/tasklet.js';
export { after } from './time/after.js';
export { every } from './time/every.js';
export { never } from './time/never.js';
export { periodic, type PeriodicOptions } from './time/periodic.js';
export { retry, type RetryOptions } from './time/retry.js';
export { sleep } from './time/sleep.js';
export { timeout, type TimeoutOptions } from './time/timeout.js';
