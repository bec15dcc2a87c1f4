/** Programs chosen by hand: each pair of things that may get in each other's way, at most 3 tasklets of 4 operations. */
import type { Operation, Plan } from './model.js';

const send: Operation = ['send', 0];
const receive: Operation = ['receive', 0];
const sendLimited: Operation = ['send', 0, 'limited'];
const receiveLimited: Operation = ['receive', 0, 'limited'];
const selectReceive: Operation = ['select', ['receive', 0], ['receive', 1]];
const selectSend: Operation = ['select', ['send', 0], ['send', 1]];
const selectBoth: Operation = ['select', ['send', 0], ['receive', 0]];
const selectTwice: Operation = ['select', ['receive', 0], ['receive', 0]];
const close: Operation = ['close', 0];
const yields: Operation = ['yield'];

const FEATURES: Readonly<Record<string, readonly Operation[]>> = {
  'plain sends': [send, send],
  'plain receives': [receive, receive],
  'limited sends': [sendLimited, sendLimited],
  'limited receives': [receiveLimited, receiveLimited],
  'a select of receives': [selectReceive, yields],
  'a select of sends': [selectSend, yields],
  'a select of both sides': [selectBoth, selectBoth],
  'a select of one side twice': [selectTwice, receive],
  'a close': [yields, close],
  'a kill': [yields, ['kill', 0]],
};

/** Each pair of features, so many times over, beside a tasklet that may be killed at any time. */
function pairs(times: number): readonly Plan[] {
  const over = (script: readonly Operation[]): Operation[] =>
    Array.from({ length: times }, () => script).flat();
  return Object.values(FEATURES).flatMap((one, i, all) =>
    all.slice(i + 1).map((other): Plan => {
      return { tasklets: [over([send, receive]), over(one), over(other)], mortal: [0] };
    }),
  );
}

const LONG: readonly Plan[] = [
  {
    tasklets: [
      [send, send, send, send],
      [receive, receive],
      [receive, receive],
    ],
  },
  {
    tasklets: [
      [yields, yields, yields],
      [yields, yields, yields],
      [yields, yields],
    ],
  },
  {
    tasklets: [
      [selectBoth, selectBoth],
      [selectBoth, selectBoth],
      [selectTwice, send],
    ],
  },
  {
    tasklets: [
      [selectSend, selectReceive],
      [selectReceive, selectSend],
      [receive, ['send', 1]],
    ],
  },
  { tasklets: [[sendLimited, close], [receiveLimited, receiveLimited], [selectReceive]] },
  { tasklets: [[selectReceive, receive], [send, ['kill', 0], ['send', 1]], [send]] },
  { tasklets: [[send, send], [receive, ['kill', 0], receive], [selectTwice]], mortal: [1] },
  { tasklets: [[receive], [receive], [send, close]], mortal: [0, 1] },
  { tasklets: [[send], [send], [receive, close, receive]], mortal: [0, 1] },
  { tasklets: [[sendLimited], [sendLimited], [receiveLimited, receiveLimited]], mortal: [0] },
  { tasklets: [[selectSend], [selectReceive], [['kill', 1], yields, close]], mortal: [0] },
  {
    tasklets: [
      [['receive', 1], send],
      [receive, ['send', 1]],
      [['send', 1], receive],
    ],
  },
  {
    tasklets: [
      [yields, send, yields, receive],
      [send, receive],
      [receive, send],
    ],
  },
  { tasklets: [[selectBoth], [selectBoth], [selectBoth]], mortal: [0, 1, 2] },
  {
    tasklets: [
      [receiveLimited, close],
      [selectReceive, ['receive', 1]],
      [['send', 1], sendLimited],
    ],
  },
];

export const CATALOGUE: readonly Plan[] = [...pairs(2), ...LONG];
/** The same, with pairs of 2 operations: most of them have so few orders that they can be played in no time. */
export const SKETCHES: readonly Plan[] = [...pairs(1), ...LONG];
