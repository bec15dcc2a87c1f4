// Is the suite worth anything? Plants known bugs, one at a time, in a copy of lib, and sees whether the fast part
// of the suite goes red: npm run mutants [-- words of the names]
//
// A mutant that nobody notices is a test that is missing. One whose place cannot be found any more must follow the
// source: that is an error too.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './node-binary.mjs';

const root = path.join(import.meta.dirname, '..');
/** In this order: what finds most comes first. */
const suite = ['model', 'kernel', 'sync', 'tasklet', 'time', 'queue'];
/** In milliseconds, for the suite without a mutant. */
const patience = 900_000;

/** In one of the files, the first text becomes the second. */
const mutants = [
  ['a killed waiter stays in its queue', 'kernel/wait.ts', ...leaving('TaskletExit')],
  ['a waiter whose time is up stays in its queue', 'kernel/wait.ts', ...leaving('TimeoutError')],
  ['an aborted waiter stays in its queue', 'kernel/wait.ts', ...leaving('AbortError')],
  [
    'a select keeps its last loser',
    'kernel/wait.ts',
    'for (const arm of selector.arms as Waiter[])',
    'for (const arm of (selector.arms as Waiter[]).slice(0, -1))',
  ],
  [
    'two arms of a select commit',
    'kernel/wait.ts',
    '  withdraw(selector);\n  settle(selector, failed',
    '  settle(selector, failed',
  ],
  [
    'of two arms on one side one is taken out',
    'kernel/wait.ts',
    '    if (arm.side !== null) arm.side.remove(arm);',
    '    if (arm.side !== null && !(arm.side.size > 1 && arm.next.owner === selector)) arm.side.remove(arm);',
  ],
  [
    'a kill overwrites what was delivered',
    'kernel/wait.ts',
    '    case YIELDING:\n',
    '    case READY:\n    case YIELDING:\n',
  ],
  [
    'a deadline outlives its wait',
    'kernel/wait.ts',
    '  if (waiter.limit !== null) waiter.limit.release();',
    '  if (waiter.limit !== null && failed) waiter.limit.release();',
  ],
  [
    'an abort listener is kept',
    'kernel/limit.ts',
    '    if (this.signal !== undefined) stopWatching(this.signal, this);\n',
    '    void stopWatching;\n',
  ],
  [
    'close wakes one',
    'kernel/meeting.ts',
    'peer !== null; peer = channel.receivers.first)',
    'peer !== null; peer = null)',
  ],
  [
    'close skips every second',
    'kernel/meeting.ts',
    '    const taker = grant(peer, value, failed);\n    taker.scheduler.wake(taker);\n  }\n',
    '    const taker = grant(peer, value, failed);\n    taker.scheduler.wake(taker);\n' +
      '    if (channel.receivers.first !== null) channel.receivers.remove(channel.receivers.first);\n  }\n',
  ],
  [
    'close forgets those who send',
    'kernel/meeting.ts',
    '  channel.final = final;\n',
    '  channel.final = final;\n  while (channel.senders.first !== null) channel.senders.remove(channel.senders.first);\n',
  ],
  [
    'a channel that is closing takes in another sender',
    'kernel/meeting.ts',
    '  if (channel.final !== null) return proceed(me, refusal(channel, value), true);\n  if (channel.sink',
    '  if (channel.sink',
  ],
  [
    'a posted value comes first',
    'kernel/meeting.ts',
    '  channel.senders.push(waiter);\n}',
    '  channel.senders.unshift(waiter);\n}',
  ],
  [
    'preference is the wrong way round',
    'kernel/meeting.ts',
    "if (channel.prefers === 'receiver') return",
    "if (channel.prefers === 'sender') return",
  ],
  [
    'last come is first served',
    'kernel/waiter.ts',
    '    else insertBefore(waiter, first);\n',
    '    else {\n      insertBefore(waiter, first);\n      this.first = waiter;\n    }\n',
  ],
  [
    'balance forgets arms that leave',
    'kernel/waiter.ts',
    'if (--this.size === 0 &&',
    'if ((this.size -= waiter.kind === ARM ? 0 : 1) === 0 &&',
  ],
  [
    'the last one who leaves takes a neighbour along',
    'kernel/waiter.ts',
    '      if (this.first === waiter) this.first = next;\n',
    '      if (this.first === waiter) this.first = next;\n' +
      '      else if (next === this.first && waiter.prev !== next) unlink(waiter.prev);\n',
  ],
  [
    'a select meets itself',
    'kernel/select.ts',
    '  const ready = pick(',
    "  if (!names.includes('default')) stand(me, names, choices as Case<unknown>[]);\n  const ready = pick(",
  ],
  [
    'a fair select is not',
    'kernel/select.ts',
    '  let { seed } = scheduler;\n',
    '  let { seed } = scheduler;\n  if (count > 1) return 1;\n',
  ],
  [
    'who is woken goes first',
    'kernel/scheduler.ts',
    '    insertBefore(waiter, this.current);\n',
    '    insertBefore(waiter, this.current.next);\n',
  ],
  [
    'turns have no budget',
    'kernel/scheduler.ts',
    '    return this.budget === 0;',
    '    this.budget ||= 512;\n    return false;',
  ],
  [
    'a foreign await keeps the turn',
    'kernel/scheduler.ts',
    '      // All microtasks have run and it still has the turn: it awaits something foreign.\n      this.leave();',
    '      this.watch();',
  ],
  ['a deadlock is not reported', 'kernel/deadlock.ts', '    scheduler.supervisor.deadlocked(error);\n', ''],
  ['timers of one moment fire in no order', 'kernel/clock.ts', 'a.order < b.order', 'a.order > b.order'],
  [
    'a timer that is taken back fires',
    'kernel/clock.ts',
    '    this.takeOut(timer);\n    if (this.heap',
    '    if (this.heap',
  ],
  [
    'what a tasklet forgot to await is not taken back',
    'kernel/take-back.ts',
    'abandon(guest, lost(guest, waiter))',
    'void guest',
  ],
  [
    'one who was killed before its first turn begins',
    'tasklet/tasklet.ts',
    '    } else this.fail(exit);\n    this.controller',
    '    }\n    this.controller',
  ],
  [
    'an error that nobody joins is silent',
    'tasklet/ending.ts',
    '    if (this.crashed) {\n',
    '    if (this.crashed && scheduler.essential < 0) {\n',
  ],
  [
    'a permit is lost when one of several is taken',
    'sync/semaphore.ts',
    'if (--this.free > 0)',
    'if (--this.free > 1)',
  ],
  [
    'a notification is lost with who got it',
    'sync/condition.ts',
    '    if (notified) this.line.trySend(undefined);\n',
    '',
  ],
  [
    'what is cleared is counted twice',
    'queue/tally.ts',
    'this.left = Math.max(0, this.left - count);',
    'this.left -= count;',
  ],
  [
    'a lock that is released is free, whoever waits',
    'sync/lock.ts',
    'if (!this.line.trySend(this.lease)) this.key.show(this.lease);',
    'if (this.line.receivers.size < 2) this.line.trySend(this.lease) || this.key.show(this.lease);\n' +
      '    else this.key.show(this.lease);',
  ],
  [
    'who waits to put is let in, and what it puts is lost',
    'queue/queue.ts',
    '      letGo(next);\n      this.keep(put);\n',
    '      letGo(next);\n      if (this.gets.receivers.first !== null || this.puts.senders.first === null) this.keep(put);\n',
  ],
];

/** Who is abandoned with an error of this name does not leave. */
function leaving(name) {
  const line = '      (waiter.side as Side).remove(waiter);\n      break;\n    case SELECTING';
  return [line, line.replace('(waiter', `if ((error as Error | undefined)?.name !== '${name}') (waiter`)];
}

/** Where it is put; an error if its place is not there, or there twice. */
function placed([name, file, from], folder) {
  const place = path.join(folder, 'lib', file);
  const text = readFileSync(place, 'utf8');
  if (text.split(from).length !== 2)
    throw new Error(`${name}: its place in ${file} is not there, or there twice`);
  return { place, text };
}

if (process.argv.includes('--places')) {
  for (const mutant of mutants) placed(mutant, root);
  console.log(mutants.length);
  process.exit();
}

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = mutants.filter(([name]) => words.every((word) => name.toLowerCase().includes(word)));
const folder = temporaryFolder('mutants');
for (const each of ['lib', 'spec', 'scripts', 'package.json', 'tsconfig.json']) {
  cpSync(path.join(root, each), path.join(folder, each), { recursive: true });
}
for (const each of ['node_modules', 'dist']) symlinkSync(path.join(root, each), path.join(folder, each));

/** Runs the fast part of the suite over the copy. */
function run(timeout) {
  const start = performance.now();
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    [
      path.join('node_modules', 'mocha', 'bin', 'mocha.js'),
      '--no-config',
      ...['--require', './scripts/register.cjs', '--require', './spec/support/leaks.ts'],
      ...['--bail', '--exit', '--timeout', '60000', '--reporter', 'json'],
      ...suite.map((room) => `spec/${room}/**/*.spec.ts`),
    ],
    { cwd: folder, encoding: 'utf8', timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 },
  );
  const took = performance.now() - start;
  let by = signal === null ? 'an exit' : 'never ended';
  const report = stdout.indexOf('{\n  "stats"');
  if (report >= 0) {
    try {
      by = JSON.parse(stdout.slice(report)).failures[0]?.fullTitle ?? by;
    } catch {
      // Something else was written there: the exit code is what counts.
    }
  }
  return { red: status !== 0, by, took };
}

const inSeconds = (ms) => `${(ms / 1000).toFixed(0)} s`;

const healthy = run(patience);
if (healthy.red) throw new Error(`the suite is red without a mutant: ${healthy.by}`);
console.log(`without a mutant: green, ${inSeconds(healthy.took)}\n`);
/** A mutant may never come to an end, and has been noticed then; the machine may be busier than it was. */
const enough = Math.ceil(60_000 + 3 * healthy.took);

let survivors = 0;
for (const mutant of chosen) {
  const [name, , from, to] = mutant;
  const { place, text } = placed(mutant, folder);
  writeFileSync(
    place,
    text.replace(from, () => to),
  );
  const { red, by, took } = run(enough);
  writeFileSync(place, text);
  if (!red) survivors++;
  console.log(
    `${red ? 'caught  ' : 'SURVIVED'} ${name.padEnd(52)} ${red ? `${by} (${inSeconds(took)})` : `(${inSeconds(took)})`}`,
  );
}
console.log(`\n${chosen.length - survivors} of ${chosen.length} caught`);
if (survivors > 0) process.exitCode = 1;
