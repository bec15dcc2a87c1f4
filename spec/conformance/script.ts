/**
 * The language of the scripted traces, and what an owner of a script logs.
 *
 * A script is played by a generator that asks for one operation at a time. Whoever drives it
 * (the model, or the façade) carries the operation out and hands the result or the error back,
 * so the log lines are worded once and both sides can only differ in what they did.
 *
 * The first group of operations is that of the recorded traces; the others were added so that
 * random scripts reach every rule of the ring.
 */

export type Op =
  | readonly ['spawn', string]
  | readonly ['send', number, number]
  | readonly ['recv', number]
  | readonly ['sendexc', number, number]
  | readonly ['yield']
  | readonly ['park']
  | readonly ['insert', string]
  | readonly ['remove', string]
  | readonly ['trun', string]
  | readonly ['kill', string]
  | readonly ['run']
  | readonly ['pref', number, number]
  | readonly ['balance']
  | readonly ['runcount']
  // from here on: not in the recorded scripts
  | readonly ['tswitch', string]
  | readonly ['throw', string, number]
  | readonly ['pkill', string]
  | readonly ['pthrow', string, number]
  | readonly ['bind', string] // bound and set up again
  | readonly ['bindargs', string] // alive, but paused
  | readonly ['unbind', string]
  | readonly ['all', number, boolean] // schedule_all
  | readonly ['close', number]
  | readonly ['open', number]
  | readonly ['seq', number, readonly number[]]
  | readonly ['stop', number] // sends StopIteration
  | readonly ['iter', number, number] // iterates, leaves after so many values
  | readonly ['blocktrap', boolean]
  | readonly ['trapped', Op] // the operation, with the switch trap raised
  | readonly ['yieldvalue', number]
  | readonly ['parkvalue', number]
  | readonly ['slot', string, number] // sets somebody's tempval
  | readonly ['trunvalue', string]
  | readonly ['die', number] // raises an error that nobody catches
  | readonly ['handler', 'none' | 'quiet' | 'raising']
  | readonly ['flags', string]
  | readonly ['queue', number]
  | readonly ['ring'];

/** What a driver is asked to do: an operation, or a part of one that `play` has taken apart. */
export type Request =
  Op | readonly ['next', number] | readonly ['switchtrap', number] | readonly ['error', number];

export interface Script {
  /** The preference of each channel. */
  readonly channels: readonly number[];
  readonly tasklets: Readonly<Record<string, readonly Op[]>>;
  readonly main: readonly Op[];
  /** Log every switch and every meeting as well, through the two callbacks. */
  readonly watched?: boolean;
  /** Log the text of errors, not only their class. */
  readonly texts?: boolean;
}

/** A driver answers a request about a tasklet that was never spawned with this. */
export const SKIP: unique symbol = Symbol('skip');

/** All owners of a script together may do this many operations, so that every script ends. */
const FUEL = 300;

export class Player {
  readonly log: string[] = [];
  readonly script: Script;
  #fuel = FUEL;

  constructor(script: Script) {
    this.script = script;
  }

  *play(owner: string): Generator<Request, void, unknown> {
    const ops = owner === 'M' ? this.script.main : (this.script.tasklets[owner] ?? []);
    for (const [i, op] of ops.entries()) {
      if (this.#fuel-- <= 0) {
        this.log.push(`${owner} tired`);
        return;
      }
      const say = (line: string) => this.log.push(`${owner}${i} ${line}`);
      if (op[0] === 'die') {
        if (owner === 'M') continue;
        say('dies');
        throw yield ['error', op[1]];
      }
      try {
        say(yield* outcome(op, say));
      } catch (error) {
        const kind = error instanceof Error ? error.constructor.name : String(error);
        if (kind === 'TaskletExit') {
          say('exit');
          throw error;
        }
        const text =
          error instanceof Error && (kind !== 'RuntimeError' || this.script.texts) ? ` ${error.message}` : '';
        say(kind + text);
      }
    }
    this.log.push(`${owner} end`);
  }
}

function* outcome(op: Op, say: (line: string) => void): Generator<Request, string, unknown> {
  switch (op[0]) {
    case 'trapped':
      yield ['switchtrap', 1];
      try {
        return `trapped ${yield* outcome(op[1], say)}`;
      } finally {
        yield ['switchtrap', -1];
      }
    case 'iter':
      for (let n = 0; n < op[2]; n++) {
        const step = yield ['next', op[1]];
        if (step === undefined) return 'iterated';
        say(`it ${step as number}`);
      }
      return 'broke';
    default: {
      const result = yield op;
      return result === SKIP ? 'skip' : wording(op, result);
    }
  }
}

function wording(op: Op, result: unknown): string {
  switch (op[0]) {
    case 'spawn':
      return `spawned ${op[1]}`;
    case 'send':
      return `sent ${op[2]}`;
    case 'recv':
      return `got ${String(result)}`;
    case 'sendexc':
      return `sentexc ${op[2]}`;
    case 'yield':
      return 'yielded';
    case 'park':
      return 'unparked';
    case 'insert':
      return `inserted ${op[1]}`;
    case 'remove':
      return `removed ${op[1]}`;
    case 'trun':
      return `ran ${op[1]}`;
    case 'kill':
      return `killed ${op[1]}`;
    case 'balance':
    case 'runcount':
      return `${op[0]} ${String(result)}`;
    case 'run':
    case 'pref':
      return op[0];
    default:
      return `${op.slice(0, 2).join(' ')} ${String(result)}`;
  }
}
