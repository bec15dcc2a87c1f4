import { PassThrough, Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import {
  Channel,
  Queue,
  schedule,
  select,
  shield,
  sleep,
  spawn,
  Tasklet,
  TaskletExit,
  TaskletKilledError,
  TimeoutError,
  timeout,
} from '../../lib/index.js';
import {
  batch,
  collect,
  filter,
  map,
  pipeline,
  Progress,
  reduce,
  take,
  type Stage,
} from '../../lib/pipeline/index.js';
import { StreamClosedError } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** 0, 1, 2, … for ever, telling what is asked of it and that it was left. */
function* naturals(log: string[] = []): Generator<number> {
  try {
    for (let n = 0; ; n++) {
      log.push(`ask ${n}`);
      yield n;
    }
  } finally {
    log.push('left');
  }
}

async function* slowly(ms: number, log: string[] = []): AsyncGenerator<number> {
  try {
    for (let n = 0; ; n++) {
      await sleep(ms);
      yield n;
    }
  } finally {
    await schedule();
    log.push('left');
  }
}

describe('pipeline', () => {
  it('passes values from a source through stages into a drain, in order', async () => {
    const result = await simulate(() =>
      pipeline(
        [3, 1, 2],
        map((n) => n * n),
        filter((n) => n > 1),
        map(async (n) => `${n}`),
        collect(),
      ),
    );
    expect(result).to.deep.equal(['9', '4']);
  });

  it('has types from end to end', async () => {
    const lengths: number[][] = await simulate(() =>
      pipeline(
        ['a', 'bb'],
        map((text) => text.length),
        batch(2),
        collect(),
      ),
    );
    expect(lengths).to.deep.equal([[1, 2]]);
    const texts = filter((text: string) => text === '');
    // @ts-expect-error: a number is no string
    const wrong = (): unknown => pipeline([1], texts, collect());
    expect(wrong).to.be.a('function');
  });

  it('can be awaited outside tasklets', async () => {
    expect(await pipeline([1, 2], collect())).to.deep.equal([1, 2]);
  });

  it('ends at once when there are no values', async () => {
    expect(await simulate(() => pipeline([], map(String), collect()))).to.deep.equal([]);
  });

  describe('from', () => {
    it('a channel, read where it is: what is not wanted stays in it', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const sender = spawn(() => channel.sendAll([1, 2, 3, 4]));
        expect(await pipeline(channel, take(2), collect())).to.deep.equal([1, 2]);
        expect(channel.closing).to.equal(false);
        expect([await channel.receive(), await channel.receive()]).to.deep.equal([3, 4]);
        expect(await sender.join()).to.equal(4);
      });
    });

    it('a channel, until it is closed; with an error, that is the result', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          await channel.send(1);
          channel.close(new RangeError('no more'));
        });
        expect(await rejection(pipeline(channel, collect()))).to.be.instanceOf(RangeError);
      });
    });

    it('an async iterable', async () => {
      const result = await simulate(() => pipeline(slowly(10), take(3), collect()));
      expect(result).to.deep.equal([0, 1, 2]);
    });

    it('a list of promises: each is waited for in its turn', async () => {
      const promises = [Promise.resolve(1), Promise.resolve(2)];
      expect(await simulate(() => pipeline(promises, collect()))).to.deep.equal([1, 2]);
    });

    it('a Node stream, which is destroyed when no more is wanted', async () => {
      const stream = Readable.from(['a', 'b', 'c']);
      expect(await pipeline(stream, take(1), collect())).to.deep.equal(['a']);
      expect(stream.destroyed).to.equal(true);
    });

    it('a silent Node stream, which is destroyed when the line ends', async () => {
      const stream = new Readable({ read() {} });
      const error = await rejection(pipeline(stream, collect(), { timeout: 5 }));
      expect(error).to.be.instanceOf(TimeoutError);
      expect(stream.destroyed).to.equal(true);
    });

    it('nothing else', async () => {
      expect(await rejection(pipeline(5 as never, collect()))).to.be.instanceOf(TypeError);
    });
  });

  describe('into', () => {
    it('a function, called with each value and waited for; the result is how many there were', async () => {
      const log: string[] = [];
      const count = await simulate(() =>
        pipeline(['a', 'b'], async (value) => {
          log.push(`${value}>`);
          await sleep(10);
          log.push(`>${value}`);
        }),
      );
      expect(log).to.deep.equal(['a>', '>a', 'b>', '>b']);
      expect(count).to.equal(2);
    });

    it('a channel, which is closed at the end', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const line = spawn(() => pipeline([1, 2], channel));
        const got: number[] = [];
        for await (const value of channel) got.push(value);
        expect(got).to.deep.equal([1, 2]);
        expect(await line.join()).to.equal(2);
      });
    });

    it('a channel, which is closed with the error of the line', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const line = spawn(() =>
          pipeline(
            [1, 2],
            map((n) => {
              if (n === 2) throw new RangeError('two');
              return n;
            }),
            channel,
          ),
        );
        expect(await channel.receive()).to.equal(1);
        expect(await rejection(channel.receive())).to.be.instanceOf(RangeError);
        expect(await rejection(line.join())).to.be.instanceOf(RangeError);
      });
    });

    it('a channel, whose receiver is not killed with the line', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const line = spawn(() => pipeline(naturals(), channel));
        await channel.receive();
        line.kill({ reason: 'enough' });
        await sleep(1);
        const told = await rejection(channel.receive());
        expect(told).to.be.instanceOf(TaskletKilledError).with.property('cause', 'enough');
        expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
      });
    });

    it('a queue, which is closed at the end', async () => {
      const put: number[] = [];
      let closed = 0;
      const queue = {
        put: async (value: number) => {
          put.push(value);
        },
        close: () => closed++,
      };
      expect(await simulate(() => pipeline([1, 2], queue))).to.equal(2);
      expect([put, closed]).to.deep.equal([[1, 2], 1]);
    });

    it('a queue, which gives what was put into it and then the error of the line', async () => {
      await simulate(async () => {
        const trouble = new RangeError('three');
        const queue = new Queue<number>();
        const failing = map((n: number) => {
          if (n === 3) throw trouble;
          return n;
        });
        expect(await rejection(pipeline([1, 2, 3], failing, queue))).to.equal(trouble);
        expect([await queue.get(), await queue.get()]).to.deep.equal([1, 2]);
        expect(await rejection(queue.get())).to.equal(trouble);
        const other = new Queue<number>({ maxSize: 1 });
        const line = spawn(() => pipeline(naturals(), other));
        await sleep(1);
        line.kill({ reason: trouble });
        expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
        expect(await other.get()).to.equal(0);
        expect(await rejection(other.get())).to.equal(trouble);
      });
    });

    it('a sum of any kind', async () => {
      const sum = await simulate(() =>
        pipeline(
          [1, 2, 3],
          reduce((total, n) => total + n, 10),
        ),
      );
      expect(sum).to.equal(16);
    });

    it('a Node stream, which is ended', async () => {
      const written: string[] = [];
      const stream = new Writable({
        decodeStrings: false,
        write(chunk: string, _encoding, done) {
          written.push(chunk);
          setImmediate(done);
        },
      });
      expect(await pipeline(['a', 'b'], stream)).to.equal(2);
      expect(written).to.deep.equal(['a', 'b']);
      expect(stream.writableFinished).to.equal(true);
      expect(stream.listenerCount('error')).to.equal(0);
    });

    it('a Node stream that has no room, whose source waits', async () => {
      const asked: string[] = [];
      const held: (() => void)[] = [];
      const stream = new Writable({
        objectMode: true,
        highWaterMark: 1,
        write: (_chunk, _encoding, done) => held.push(done),
      });
      const line = pipeline(naturals(asked), take(4), stream);
      while (held.length === 0) await new Promise(setImmediate);
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      expect(asked.length).to.be.at.most(3);
      while (!stream.writableFinished) {
        held.shift()?.();
        await new Promise(setImmediate);
      }
      expect(await line).to.equal(4);
    });

    it('a Node stream whose error is the result', async () => {
      const stream = new Writable({
        objectMode: true,
        write: (_chunk, _encoding, done) => done(new RangeError('disk')),
      });
      const log: string[] = [];
      expect(await rejection(pipeline(naturals(log), stream))).to.be.instanceOf(RangeError);
      expect(log.at(-1)).to.equal('left');
    });

    it('a Node stream that fails while there is nothing to write', async () => {
      const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
      const line = pipeline(new Channel<string>(), stream);
      await schedule();
      stream.destroy(new RangeError('gone'));
      expect(await rejection(line)).to.be.instanceOf(RangeError);
    });

    it('a Node stream that is destroyed while it has no room, and then never calls back', async () => {
      for (const error of [undefined, new RangeError('gone')]) {
        const stream = new PassThrough({ highWaterMark: 1 });
        const line = pipeline(['a', 'b', 'c', 'd'], stream, { timeout: 5000 });
        while (!stream.writableNeedDrain) await new Promise(setImmediate);
        stream.destroy(error);
        const expected = error === undefined ? StreamClosedError : RangeError;
        expect(await rejection(line)).to.be.instanceOf(expected);
        expect([stream.listenerCount('error'), stream.listenerCount('close')]).to.deep.equal([1, 0]);
      }
    });

    it('a Node stream that is destroyed before all is written, whoever does it', async () => {
      const ending = new Writable({
        write: (_chunk, _encoding, done) => done(),
        final() {
          this.destroy();
        },
      });
      expect(await rejection(pipeline(['a'], ending))).to.be.instanceOf(Error);
      const idle = new Writable({ write: (_chunk, _encoding, done) => done() });
      const line = pipeline(new Channel<string>(), idle, { timeout: 5000 });
      await schedule();
      idle.destroy();
      expect(await rejection(line)).to.be.instanceOf(StreamClosedError);
    });

    it('nothing else', async () => {
      expect(await rejection(pipeline([1], 5 as never))).to.be.instanceOf(TypeError);
      expect(await rejection(pipeline([1], {} as never))).to.be.instanceOf(TypeError);
      expect(await rejection(pipeline([1], 5 as never, collect()))).to.be.instanceOf(TypeError);
    });
  });

  describe('when the sink is slow', () => {
    it('stops the source within one value a stage', async () => {
      await simulate(async () => {
        const log: string[] = [];
        const taken = new Channel<number>();
        const line = spawn(() =>
          pipeline(
            naturals(log),
            map((n) => n),
            map((n) => n),
            (n) => taken.send(n),
          ),
        );
        await sleep(1000);
        // One in the sink's hands, one in each stage's, one in the source's.
        expect(log).to.have.length(4);
        await taken.receive();
        await sleep(1000);
        expect(log).to.have.length(5);
        line.kill();
        await rejection(line.join());
        expect(log.at(-1)).to.equal('left');
      });
    });
  });

  describe('when a stage wants no more', () => {
    it('leaves the source, and asks it for nothing more', async () => {
      const log: string[] = [];
      expect(await simulate(() => pipeline(naturals(log), take(2), collect()))).to.deep.equal([0, 1]);
      expect(log).to.deep.equal(['ask 0', 'ask 1', 'left']);
    });

    it('ends those before one that just returns', async () => {
      const log: string[] = [];
      const first: Stage<number, number> = {
        name: 'first',
        async run(input, output) {
          await output.send(await input.receive());
        },
      };
      expect(await simulate(() => pipeline(naturals(log), map(Math.sqrt), first, collect()))).to.deep.equal([
        0,
      ]);
      expect(log.at(-1)).to.equal('left');
    });

    it('waits for the clean-up of an async source', async () => {
      const log: string[] = [];
      await simulate(() => pipeline(slowly(10, log), take(1), collect()));
      expect(log).to.deep.equal(['left']);
    });

    it('ends the stages before it, which run their finally blocks', async () => {
      const log: string[] = [];
      const careful: Stage<number, number> = {
        name: 'careful',
        async run(input, output) {
          try {
            for await (const n of input) await output.send(n);
          } catch (error) {
            log.push(error instanceof TaskletExit ? 'killed' : 'failed');
            throw error;
          } finally {
            await sleep(5);
            log.push('cleaned');
          }
        },
      };
      expect(await simulate(() => pipeline(naturals(log), careful, take(1), collect()))).to.deep.equal([0]);
      expect(log).to.include.members(['killed', 'cleaned', 'left']);
    });

    it('has the error of a source that cannot be left as its result', async () => {
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ value: 1, done: false }),
          return: () => Promise.reject(new RangeError('stuck')),
        }),
      };
      const line = simulate(() => pipeline(source, take(1), collect()));
      expect(await rejection(line)).to.be.instanceOf(RangeError);
    });
  });

  describe('when a stage fails', () => {
    for (const place of ['source', 'stage', 'sink'] as const) {
      it(`ends every other one and rejects with the very error (${place})`, async () => {
        const log: string[] = [];
        const trouble = new RangeError(place);
        const guard = (name: string): Stage<number, number> => ({
          name,
          async run(input, output) {
            try {
              for await (const n of input) await output.send(n);
            } finally {
              log.push(`${name} ended`);
            }
          },
        });
        const fail = (n: number): number => {
          if (n === 2) throw trouble;
          return n;
        };
        const source = place === 'source' ? map(fail) : map((n: number) => n);
        const error = await simulate(() =>
          rejection(
            pipeline(
              naturals(log),
              source,
              guard('first'),
              map((n) => (place === 'stage' ? fail(n) : n)),
              guard('second'),
              (n) => (place === 'sink' ? fail(n) : n),
            ),
          ),
        );
        expect(error).to.equal(trouble);
        expect(log).to.include.members(['left', 'first ended', 'second ended']);
      });
    }

    it('has all errors when a clean-up fails too', async () => {
      const stubborn: Stage<number, number> = {
        name: 'stubborn',
        async run(input, output) {
          try {
            for await (const n of input) await output.send(n);
          } finally {
            // eslint-disable-next-line no-unsafe-finally -- a careless stage
            throw new RangeError('clean-up');
          }
        },
      };
      const error = await simulate(() =>
        rejection(
          pipeline([1], stubborn, () => {
            throw new SyntaxError('sink');
          }),
        ),
      );
      expect(error).to.be.instanceOf(AggregateError);
      expect((error as AggregateError).errors.map((each: Error) => each.name)).to.deep.equal([
        'SyntaxError',
        'RangeError',
      ]);
    });

    it('ends when somebody else kills a stage', async () => {
      await simulate(async ({ scheduler }) => {
        const log: string[] = [];
        const line = spawn(() =>
          pipeline(
            naturals(log),
            map(async function work(n) {
              await sleep(10);
              return n;
            }),
            () => undefined,
          ),
        );
        await sleep(5);
        scheduler
          .tasklets()
          .find(({ name }) => name === 'work')
          ?.kill();
        expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
        expect(log.at(-1)).to.equal('left');
      });
    });
  });

  describe('when its caller gives up', () => {
    it('rests until its stages have cleaned up, also when the grace of its own kill is over', () =>
      simulate(async ({ clock }) => {
        const slow: Stage<number, number> = {
          name: 'slow',
          async run() {
            try {
              await sleep(Infinity);
            } finally {
              await shield(() => sleep(5000));
            }
          },
        };
        const caller = spawn(() => pipeline([1], slow, collect()));
        await sleep(10);
        caller.kill({ grace: 100 });
        expect(await rejection(caller.join())).to.be.instanceOf(TaskletKilledError);
        expect(clock.now()).to.equal(5010);
      }));

    it('is over before a kill goes on', async () => {
      await simulate(async ({ scheduler }) => {
        const log: string[] = [];
        const line = new Tasklet(async () => {
          try {
            await pipeline(slowly(10, log), () => undefined);
          } finally {
            log.push(`${scheduler.tasklets().length} alive`);
          }
        }).start();
        await sleep(35);
        line.kill();
        expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.include('2 alive');
      });
    });

    it('rejects with TimeoutError, or the reason of the signal', async () => {
      await simulate(async () => {
        const log: string[] = [];
        const waiting = (): Promise<void> => sleep(Infinity);
        const late = await rejection(pipeline(naturals(log), waiting, { timeout: 50 }));
        expect(late).to.be.instanceOf(TimeoutError);
        const controller = new AbortController();
        const aborted = rejection(pipeline(naturals(log), waiting, { signal: controller.signal }));
        await sleep(10);
        controller.abort(new RangeError('stop'));
        expect(await aborted).to.be.instanceOf(RangeError);
        const scoped = await timeout(50, () => pipeline(naturals(log), waiting), { fallback: 'none' });
        expect(scoped).to.equal('none');
        expect(log.filter((line) => line === 'left')).to.have.length(3);
      });
    });

    it('begins nothing when it is too late already', async () => {
      const log: string[] = [];
      const signal = AbortSignal.abort(new RangeError('before'));
      expect(await rejection(pipeline(naturals(log), collect(), { signal }))).to.be.instanceOf(RangeError);
      expect(log).to.deep.equal([]);
    });
  });

  describe('options', () => {
    it('are refused by name when they are unknown or wrong', async () => {
      const unknown = pipeline([1], collect(), { speed: 1 } as never);
      expect(await rejection(unknown))
        .to.be.instanceOf(TypeError)
        .with.property('message')
        .include("'speed'");
      const wrong = pipeline([1], collect(), { progress: 1 as never });
      expect(await rejection(wrong)).to.be.instanceOf(TypeError);
      expect(await rejection(pipeline([1], collect(), { timeout: -1 }))).to.be.instanceOf(RangeError);
    });
  });

  it('can be a case of select', async () => {
    await simulate(async () => {
      const hit = await select({ line: pipeline([1], collect()) });
      expect(hit.value).to.deep.equal([1]);
    });
  });

  it('can be seen in dump()', async () => {
    await simulate(async ({ scheduler }) => {
      const input = new Channel<number>({ name: 'numbers' });
      const line = spawn(() => pipeline(input, map(Math.sqrt), collect()));
      await sleep(10);
      expect(
        scheduler
          .dump()
          .split('\n')
          .slice(2)
          .map((row) => row.split(/ {2,}/).slice(1, 4)),
      ).to.deep.equal([
        [line.name, 'blocked', "pipeline to 'collect'"],
        ['collect', 'blocked', "receive on channel 'sqrt → collect'"],
        ['sqrt', 'blocked', "receive on channel 'numbers'"],
      ]);
      input.close();
      expect(await line.join()).to.deep.equal([]);
    });
  });

  describe('Progress', () => {
    it('tells how far each stage has come', async () => {
      await simulate(async () => {
        const progress = new Progress();
        expect(progress.stages).to.deep.equal([]);
        const even = (n: number): boolean => n % 2 === 0;
        const line = pipeline([1, 2, 3, 4], filter(even), () => sleep(10), { progress });
        await sleep(15);
        expect(progress.stages.map(({ name, count, state }) => [name, count, state])).to.deep.equal([
          ['source', 4, 'done'],
          ['even', 2, 'done'],
          ['sink', 0, 'blocked'],
        ]);
        expect(progress.stages[2]?.blockedOn).to.equal('sleep 10 ms');
        expect(await line).to.equal(2);
      });
    });
  });
});
