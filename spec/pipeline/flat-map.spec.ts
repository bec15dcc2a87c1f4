import { expect } from 'chai';
import { Channel, sleep, spawn } from '../../lib/index.js';
import { collect, flatMap, pipeline, take } from '../../lib/pipeline/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('flatMap', () => {
  it('passes on each of what comes of a value, one after the other', async () => {
    const result = await simulate(() =>
      pipeline(
        ['ab', '', 'c'],
        flatMap(async (text) => text.split('')),
        collect(),
      ),
    );
    expect(result).to.deep.equal(['a', 'b', 'c']);
  });

  it('takes channels and other async iterables', async () => {
    await simulate(async () => {
      const channels = [new Channel<number>(), new Channel<number>()];
      channels.forEach((channel, i) =>
        spawn(async () => {
          await channel.sendAll([i, i]);
          channel.close();
        }),
      );
      const line = pipeline(
        channels,
        flatMap((channel) => channel),
        collect(),
      );
      expect(await line).to.deep.equal([0, 0, 1, 1]);
    });
  });

  it('leaves what it is at when no more is wanted', async () => {
    const log: string[] = [];
    async function* forEver(name: string): AsyncGenerator<string> {
      try {
        for (;;) {
          await sleep(1);
          yield name;
        }
      } finally {
        log.push(`${name} left`);
      }
    }
    const line = simulate(() => pipeline(['a', 'b'], flatMap(forEver), take(2), collect()));
    expect(await line).to.deep.equal(['a', 'a']);
    expect(log).to.deep.equal(['a left']);
  });

  it('fails when what comes is no iterable', async () => {
    const line = simulate(() =>
      pipeline(
        [1],
        flatMap((n) => n as never),
        collect(),
      ),
    );
    expect(await rejection(line)).to.be.instanceOf(TypeError);
  });
});
