/**
 * How a wait is settled.
 *
 * Whoever settles it first owns it: a partner ({@link meet}, {@link letGo}) or an abandonment
 * ({@link abandon}: time was up, a signal, a kill). In one step the waiter leaves every queue, its deadline
 * and its listener are released, and the outcome is fixed. What comes later finds it settled.
 */
import { next } from './host.js';
import {
  ARM,
  NEXTING,
  POSTED,
  READY,
  RECEIVING,
  SELECTING,
  SENDING,
  YIELDING,
  type Side,
  type Waiter,
} from './waiter.js';

/** Fixes the outcome of the wait of `waiter`, who has left its queue. */
export function settle(waiter: Waiter, value: unknown, failed: boolean): void {
  waiter.value = value;
  waiter.failed = failed;
  waiter.doing = READY;
  if (waiter.limit !== null) waiter.limit.release();
}

/** Gives `value` to `peer`, the first of the receivers. Who it was is to be woken. */
export function meet(peer: Waiter, value: unknown, failed: boolean): Waiter {
  return grant(peer, peer.doing === NEXTING && !failed ? { value, done: false } : value, failed);
}

/** Ends the wait of `peer`, who stands on a side of a channel, with `got`. Who it was is to be woken. */
export function grant(peer: Waiter, got: unknown, failed: boolean): Waiter {
  (peer.side as Side).remove(peer);
  if (peer.kind === ARM) return hit(peer, got, failed);
  settle(peer, got, failed);
  return peer;
}

/** Lets `peer`, the first of the senders, go on when its turn comes: its value was taken. */
export function letGo(peer: Waiter): void {
  if (peer.kind !== POSTED) {
    const giver = grant(peer, undefined, false);
    giver.scheduler.wake(giver);
    return;
  }
  (peer.side as Side).remove(peer);
  if (peer.owner !== null) (peer.owner as { taken(): void }).taken();
  else if (peer.tag !== undefined) next(peer.tag as () => void);
}

/** The select of `arm` has its case; the other arms leave. */
function hit(arm: Waiter, value: unknown, failed: boolean): Waiter {
  const selector = arm.owner as Waiter;
  withdraw(selector);
  settle(selector, failed ? value : { case: arm.tag, value }, failed);
  return selector;
}

/** Takes the arms of a select out of all queues. */
function withdraw(selector: Waiter): void {
  for (const arm of selector.arms as Waiter[]) {
    arm.value = undefined;
    if (arm.side !== null) arm.side.remove(arm);
  }
}

/** Raises `error` at the wait of `waiter` and takes back what it wanted; `false` if it is settled already. */
export function abandon(waiter: Waiter, error: unknown): boolean {
  switch (waiter.doing) {
    case SENDING:
    case RECEIVING:
    case NEXTING:
      (waiter.side as Side).remove(waiter);
      break;
    case SELECTING:
      withdraw(waiter);
      break;
    case YIELDING:
      // It keeps its place in the ring.
      settle(waiter, error, true);
      return true;
    default:
      return false;
  }
  settle(waiter, error, true);
  waiter.scheduler.wake(waiter);
  return true;
}

/** What `waiter` waits for, in words. */
export function describe(waiter: Waiter): string | undefined {
  switch (waiter.doing) {
    case SENDING:
    case RECEIVING:
    case NEXTING:
      return waiter.side?.channel.describe(waiter.side.sending);
    case SELECTING: {
      const arms = (waiter.arms as Waiter[]).filter((arm) => arm.side !== null);
      return `select: ${arms.map((arm) => describe(arm) ?? '').join(', or ')}`;
    }
    default:
      return undefined;
  }
}
