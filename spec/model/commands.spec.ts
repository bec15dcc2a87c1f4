/**
 * The library against the model of the ring, command by command: after each one the same has happened in the same
 * order, the same ones stand in the same queues in the same order, and the ring is the same.
 *
 * A failure prints the fewest commands that fail, and the seed and path that find them again. `COMMANDS_SEED` chooses
 * another walk, `COMMANDS_RUNS` a longer one.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { run, Scheduler } from '../../lib/index.js';
import { VirtualClock } from '../../lib/testing/index.js';
import { rejection } from '../support/rejection.js';
import { commandArbitraries, inWords, type Command, type View } from './command.js';
import { House } from './house.js';
import { Ring } from './ring.js';

const seed = Number(process.env['COMMANDS_SEED'] ?? 19720);
const runs = Number(process.env['COMMANDS_RUNS'] ?? 500);

/**
 * Tells both sides the same, and compares them: what was done and in which order, queues, balances, permits, the ring.
 * [INV-2] [INV-4] [INV-5] [INV-6] [INV-11] [INV-14] [INV-16] [INV-18] [INV-25] [INV-27] [INV-33] [INV-34] [INV-38]
 * [INV-52] [INV-54] [INV-56]
 */
class Told implements fc.AsyncCommand<Ring, House> {
  private readonly command: Command;

  constructor(command: Command) {
    this.command = command;
  }

  /** Everything may be said at any time, as what is refused is behaviour too; but who is to be joined must be there. */
  check(model: Readonly<Ring>): boolean {
    const [what, script] = this.command;
    if (what !== 'spawn') return true;
    const deeds = script.flatMap((operation) => operation.deeds);
    return deeds.every((deed) => deed[0] !== 'join' || deed[1] < model.size);
  }

  async run(model: Ring, house: House): Promise<void> {
    model.do(this.command);
    await house.do(this.command);
    const seen = house.view();
    for (const [part, told] of Object.entries(model.view()) as [keyof View, unknown][]) {
      expect(seen[part], part).to.deep.equal(told);
    }
  }

  toString(): string {
    return inWords(this.command);
  }
}

/** Plays `commands` on a scheduler of its own, in time that only they move, after `meddle`, of which the model is not told. */
async function play(
  commands: Iterable<fc.AsyncCommand<Ring, House>>,
  meddle: readonly Command[] = [],
): Promise<void> {
  const clock = new VirtualClock({ jump: false });
  const scheduler = new Scheduler({ clock });
  await run(
    async () => {
      const house = new House(scheduler, clock);
      try {
        for (const command of meddle) await house.do(command);
        await fc.asyncModelRun(() => ({ model: new Ring(), real: house }), commands);
      } finally {
        await house.end();
      }
    },
    { scheduler },
  );
  expect(scheduler.tasklets(), 'who is left').to.deep.equal([]);
  expect(clock.next, 'when a timer is due').to.equal(undefined);
}

describe('the library goes the way of the model, command by command', () => {
  it('in random programs', () =>
    fc.assert(
      fc.asyncProperty(
        fc.commands(
          commandArbitraries.map((each) => each.map((command) => new Told(command))),
          { size: '+1', maxCommands: 60 },
        ),
        (commands) => play(commands),
      ),
      { seed, numRuns: runs },
    )).timeout(120_000 + runs * 20);

  it('or is told apart: by what happens, by who stands where, by whose turn it is', async () => {
    const send = new Told(['spawn', [{ deeds: [['send', 0]] }]]);
    const receive = new Told(['spawn', [{ deeds: [['receive', 0]] }]]);
    const turn = new Told(['turn']);
    await play([receive, send, turn, turn]);
    const wrong: Record<keyof View, [meddle: Command, commands: readonly Told[]]> = {
      log: [
        ['prefer', 0, 'sender'],
        [receive, send, turn],
      ],
      queues: [['post', 0], [turn]],
      ring: [['spawn', [{ deeds: [] }]], [turn]],
      states: [['set', 'event'], [turn]],
    };
    for (const [part, [meddle, commands]] of Object.entries(wrong)) {
      const failure = await rejection(play(commands, [meddle]));
      expect((failure as Error).message, part).to.match(new RegExp(`^${part}: expected`));
    }
  });
});
