/** What a tasklet of Stackless does from its first turn to its end. */
import { raisePending } from '../kernel/extra.js';
import { crash } from '../kernel/host.js';
import { takeBack } from '../kernel/take-back.js';
import { RUNNING } from '../kernel/waiter.js';
import { RuntimeError, TaskletExit } from './errors.js';
import type { Body, Life } from './life.js';

interface Outcome {
  readonly value?: unknown;
  readonly failure?: { readonly error: unknown };
}

/** The body of main: when it is over, so is its world. */
export function mainBody(fn: () => unknown): Body {
  return async (life) => {
    const { value, failure } = await toTheEnd(life, fn);
    life.world.close();
    if (failure !== undefined) throw failure.error;
    return value;
  };
}

/** The body of every other one: its value is nobody's, and its error is raised in who answers for it. */
export function taskletBody(fn: () => unknown): Body {
  return async (life) => {
    const { world } = life;
    let { failure } = await toTheEnd(life, () => {
      life.begin();
      return fn();
    });
    const { onError } = world;
    if (failure !== undefined && onError !== null && !isExit(failure)) {
      const { error } = failure;
      ({ failure } = await toTheEnd(life, () => onError(error)));
    }
    if (failure !== undefined && !isExit(failure)) world.die(life, failure.error);
  };
}

function isExit({ error }: { error: unknown }): boolean {
  return error instanceof TaskletExit;
}

/** Runs `fn`, and returns when `life` has the turn: a tasklet ends in its place in the ring. */
async function toTheEnd(life: Life, fn: () => unknown): Promise<Outcome> {
  const { waiter } = life;
  let outcome: Outcome;
  try {
    outcome = { value: await fn() };
  } catch (error) {
    outcome = { failure: { error } };
  }
  while (!life.holds) {
    if (!life.alive) return forgotten(life, outcome);
    if (waiter.doing !== RUNNING && !life.inRing) takeBack(waiter);
    try {
      await (waiter.doing === RUNNING ? life.claim() : waiter.again());
    } catch (error) {
      outcome = { failure: { error } };
    }
  }
  try {
    raisePending(waiter);
  } catch (error) {
    outcome = { failure: { error } };
  }
  return outcome;
}

/**
 * Its world ended while it awaited something foreign: it has no turn to end in, and nobody to end for. A
 * RuntimeError is how it was told.
 */
function forgotten({ waiter }: Life, { failure }: Outcome): Promise<never> {
  const { error } = failure ?? {};
  if (failure !== undefined && !isExit(failure) && !(error instanceof RuntimeError)) crash(error);
  return waiter.park() as Promise<never>; // never settled
}
