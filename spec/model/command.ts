/** What may be told to a program from outside, one thing after another, and what its tasklets do. */
import * as fc from 'fast-check';

/** One thing that may have to wait. */
export type Deed =
  | readonly ['send' | 'receive', channel: number]
  | readonly ['take', what: 'lock' | 'semaphore']
  | readonly ['wait', 'event']
  | readonly ['put' | 'get' | 'finish', 'queue']
  | readonly ['join', tasklet: number];

/** What a tasklet does in one step: give its turn away, do one thing, or select from several in their order. */
export interface Operation {
  readonly deeds: readonly Deed[];
  /** A select that does not wait. */
  readonly default?: boolean;
  readonly timeout?: number;
  /** One that may be aborted; the last one is aborted already. */
  readonly signal?: number;
}

export type Command =
  | readonly ['spawn', script: readonly Operation[]]
  | readonly ['turn']
  | readonly ['kill', tasklet: number]
  /** Aborts a signal. Who comes later has a new one by that number. */
  | readonly ['abort', signal: number]
  | readonly ['advance', ms: number]
  | readonly ['close' | 'post' | 'trySend' | 'tryReceive', channel: number]
  | readonly ['prefer', channel: number, who: Preference]
  | readonly ['tryTake' | 'release', what: 'lock' | 'semaphore']
  | readonly ['set' | 'clear', 'event']
  | readonly ['tryPut' | 'tryGet' | 'empty' | 'done' | 'closeQueue', 'queue'];

export type Preference = 'receiver' | 'sender' | 'neither';

/** How a program looks from outside between two commands. */
export interface View {
  /** What happened, in its order. */
  readonly log: readonly string[];
  /** Who can run, from who has the turn: numbers of tasklets, `main`, and a deadline of 0. */
  readonly ring: readonly string[];
  /** Who stands where, in order. */
  readonly queues: Readonly<Record<string, readonly string[]>>;
  /** What else can be seen of each thing. */
  readonly states: Readonly<Record<string, unknown>>;
}

export const CHANNELS = 2;
export const SIGNALS = 3;
export const PERMITS = 2;
export const ROOM = 2;

const channel = fc.nat(CHANNELS - 1);
const lockable = fc.constantFrom('lock' as const, 'semaphore' as const);
const queue = fc.constant('queue' as const);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.constantFrom('send' as const, 'receive' as const), channel) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('take' as const), lockable) },
  { weight: 1, arbitrary: fc.constant(['wait', 'event'] as const) },
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('put' as const, 'get' as const), queue) },
  { weight: 1, arbitrary: fc.constant(['finish', 'queue'] as const) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('join' as const), fc.nat(3)) },
);

/** Most waits have no limit. */
const limits = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ timeout: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ signal: fc.nat(SIGNALS - 1) }) },
  { weight: 1, arbitrary: fc.record({ timeout: fc.nat(3), signal: fc.nat(SIGNALS - 1) }) },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ deeds: [] }) },
  {
    weight: 8,
    arbitrary: fc.tuple(deed, limits).map(([one, limit]) => ({ deeds: [one], ...limit })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(deed, { minLength: 2, maxLength: 4 }), limits)
      .map(([deeds, limit]) => ({ deeds, ...limit })),
  },
  {
    weight: 1,
    arbitrary: fc.array(deed, { minLength: 2, maxLength: 3 }).map((deeds) => ({ deeds, default: true })),
  },
);

const spawn = fc.tuple(fc.constant('spawn' as const), fc.array(operation, { minLength: 1, maxLength: 4 }));
const turn = fc.constant(['turn'] as const);

/** Each is as likely as the others. */
export const commandArbitraries: readonly fc.Arbitrary<Command>[] = [
  ...[spawn, spawn, spawn, spawn, spawn, turn, turn, turn, turn],
  fc.tuple(fc.constant('kill' as const), fc.nat(9)),
  fc.tuple(fc.constant('abort' as const), fc.nat(SIGNALS - 1)),
  fc.tuple(fc.constant('advance' as const), fc.nat(2)),
  fc.tuple(
    fc.constantFrom('post' as const, 'trySend' as const, 'tryReceive' as const, 'tryReceive' as const),
    channel,
  ),
  fc.tuple(fc.constantFrom('tryTake' as const, 'release' as const, 'release' as const), lockable),
  fc.tuple(fc.constantFrom('tryPut' as const, 'tryGet' as const, 'tryGet' as const, 'done' as const), queue),
  fc.oneof(
    fc.tuple(
      fc.constant('prefer' as const),
      channel,
      fc.constantFrom<Preference>('receiver', 'sender', 'neither'),
    ),
    fc.tuple(fc.constantFrom('set' as const, 'clear' as const), fc.constant('event' as const)),
    fc.tuple(fc.constant('close' as const), channel),
    fc.tuple(fc.constantFrom('empty' as const, 'empty' as const, 'closeQueue' as const), queue),
  ),
];

/** `told`, in words that can be read. */
export function inWords(told: Command): string {
  if (told[0] !== 'spawn') return told.join(' ');
  return `spawn(${told[1].map(operationInWords).join(', ')})`;
}

function operationInWords({ deeds, default: never, timeout, signal }: Operation): string {
  const words = deeds.length === 0 ? ['schedule'] : [deeds.map((each) => each.join(' ')).join(' | ')];
  if (never === true) words.push('or else');
  if (timeout !== undefined) words.push(`for ${timeout} ms`);
  if (signal !== undefined) words.push(`with signal ${signal}`);
  return words.join(' ');
}
