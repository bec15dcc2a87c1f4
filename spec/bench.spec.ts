// Stands here, and not in the mirror of lib, because it guards bench/: every program there is
// run once at a tiny size on the sources of lib, so that a change of the API or of an order
// shows up with the tests and not the next time somebody measures. Nothing is timed.
import { expect } from 'chai';
import { generators } from '../bench/generators/tasklet.js';
import { measure } from '../bench/harness/measure.js';
import type { Library, Program, Question } from '../bench/harness/question.js';
import { chosen, questions } from '../bench/harness/questions.js';
import { ratios, spread } from '../bench/harness/statistics.js';
import * as futures from '../lib/futures/index.js';
import * as frontDoor from '../lib/index.js';
import * as io from '../lib/io/index.js';
import * as identity from '../lib/kernel/identity.js';
import * as meeting from '../lib/kernel/meeting.js';
import * as kernelOptions from '../lib/kernel/options.js';
import * as settling from '../lib/kernel/wait.js';
import * as waiter from '../lib/kernel/waiter.js';

const library: Library = {
  ...frontDoor,
  io: () => Promise.resolve(io),
  futures: () => Promise.resolve(futures),
  kernel: () => Promise.resolve({ ...identity, ...meeting, ...kernelOptions, ...settling, ...waiter }),
};

/** A meter for programs that nobody measures. */
const nobody = { start: ignore, stop: ignore, weigh: ignore, late: ignore };

function ignore(): void {}

describe('bench', () => {
  for (const question of questions) {
    describe(question.name, () => {
      const programs: Record<string, Program> = {
        ...question.floors,
        ...question.evergreen(library),
      };
      for (const [name, program] of Object.entries(programs)) {
        it(`loses nothing and keeps the order in '${name}'`, async () => {
          const { tiny, answer } = question;
          expect(await program(tiny, nobody)).to.equal(answer(tiny));
        });
      }
    });
  }

  describe('measure', () => {
    const question: Pick<Question, 'metric' | 'size' | 'tiny' | 'operations' | 'answer'> = {
      metric: 'time',
      size: 100,
      tiny: 10,
      operations: (size) => size,
      answer: (size) => 2 * size,
    };

    it('gives nanoseconds an operation', async () => {
      const { processor, wall } = await measure(question, (size) => 2 * size);
      expect(processor).to.be.at.least(0);
      expect(wall).to.be.greaterThan(0);
    });

    it('refuses a program that loses a value', async () => {
      const failure = await measure(question, (size) => 2 * size - 1).catch(String);
      expect(failure).to.equal('Error: wrong checksum at size 10: 19 instead of 20');
    });
  });

  describe('chosen', () => {
    it('leaves out what is asked only on request', () => {
      const names = chosen([]).map(({ name }) => name);
      expect(names).to.include('skynet').and.not.include('skynet-million');
    });

    it('takes the question of this name, or all whose names begin so', () => {
      expect(chosen(['skynet']).map(({ name }) => name)).to.deep.equal(['skynet']);
      expect(chosen(['skynet-']).map(({ name }) => name)).to.deep.equal(['skynet-million']);
      expect(chosen(['kill']).map(({ name }) => name)).to.deep.equal([
        'kill-first-in',
        'kill-last-in',
        'kill-any-order',
      ]);
    });

    it('refuses a name that fits nothing', () => {
      expect(() => chosen(['sieve', 'quick-sort'])).to.throw(RangeError, "'quick-sort'");
    });
  });

  describe('statistics', () => {
    it('gives the median and the quartiles', () => {
      expect(spread([5, 1, 4, 2, 3])).to.deep.equal({ low: 2, median: 3, high: 4 });
      expect(spread([1, 2])).to.deep.equal({ low: 1.25, median: 1.5, high: 1.75 });
    });

    it('takes ratios repetition by repetition, so that a slow repetition falls out', () => {
      expect(ratios([2, 20, 2], [1, 10, 1])).to.deep.equal({ low: 2, median: 2, high: 2 });
    });
  });

  describe('generator tasklets', () => {
    const { Channel, TaskletKilledError, current, run, schedule, select, spawn } = library;

    it('are killed where they are parked, and wait while they clean up', async () => {
      const words = generators(library, await library.kernel());
      const log: string[] = [];
      await run(async () => {
        const never = new Channel<number>();
        const tasklet = words.spawnGenerator(function* () {
          try {
            yield* words.receive(never);
          } finally {
            yield* words.schedule();
            log.push('cleaned up');
          }
        });
        await schedule();
        tasklet.kill();
        expect(never.balance).to.equal(0);
        const error = await tasklet.join().catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(TaskletKilledError);
      });
      expect(log).to.deep.equal(['cleaned up']);
    });

    it('fail with what their body throws, and catch what is sent', async () => {
      const words = generators(library, await library.kernel());
      await run(async () => {
        const line = new Channel<number>();
        const tasklet = words.spawnGenerator(function* () {
          try {
            yield* words.receive(line);
          } catch (error) {
            throw new Error('failed', { cause: error });
          }
        });
        await line.sendError(new Error('sent'));
        const error = await tasklet.join().catch((reason: unknown) => reason);
        expect(String(error)).to.equal('Error: failed');
        expect(String((error as Error).cause)).to.equal('Error: sent');
      });
    });

    it('take their turns in one ring with the others, and overtake no helper', async () => {
      const words = generators(library, await library.kernel());
      const log: string[] = [];
      const nothing = async (): Promise<void> => {};
      await run(async () => {
        const tasklets = [
          spawn(async () => {
            for (let turn = 1; turn <= 2; turn++) {
              log.push(`a${turn}`);
              await nothing();
              log.push('still a');
              await schedule();
            }
          }),
          words.spawnGenerator(function* () {
            for (let turn = 1; turn <= 2; turn++) {
              log.push(`b${turn}`);
              yield* words.schedule();
            }
          }),
          words.spawnGenerator(function* () {
            for (let turn = 1; turn <= 2; turn++) {
              log.push(`c${turn}`);
              yield* words.schedule();
            }
          }),
        ];
        for (const tasklet of tasklets) await tasklet.join();
      });
      const round = (turn: number): string[] => [`a${turn}`, 'still a', `b${turn}`, `c${turn}`];
      expect(log).to.deep.equal([...round(1), ...round(2)]);
    });

    it('select and are selected, once', async () => {
      const words = generators(library, await library.kernel());
      await run(async () => {
        const [one, other] = [new Channel<number>(), new Channel<number>()];
        const chooser = words.spawnGenerator(function* () {
          return yield* words.select({ one: one.receiving(), other: other.receiving() });
        });
        await schedule();
        words.spawnGenerator(function* () {
          yield* words.send(one, 2);
        });
        const hit = await select({ other: other.sending(1), one: one.receiving() });
        expect(hit.case).to.equal('other');
        expect(await chooser.join()).to.deep.equal({ case: 'other', value: 1 });
        expect(await one.receive()).to.equal(2);
      });
    });

    it('are who calls, in their own code and in helpers that wait', async () => {
      const words = generators(library, await library.kernel());
      await run(async () => {
        const callers: unknown[] = [];
        const tasklet = words.spawnGenerator(function* () {
          callers.push(current());
          yield* words.wait(async () => {
            await Promise.resolve();
            callers.push(current());
          });
          callers.push(current());
        });
        await tasklet.join();
        expect(callers).to.deep.equal([tasklet, tasklet, tasklet]);
      });
    });
  });
});
