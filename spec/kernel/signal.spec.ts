import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { stopWatching, watch, type Watcher } from '../../lib/kernel/signal.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('who watches a signal', () => {
  it('[INV-31] shares one listener, which goes with the last', () => {
    const { signal } = new AbortController();
    const watchers: Watcher[] = Array.from({ length: 100 }, () => ({ aborted: () => expect.fail() }));
    for (const watcher of watchers) watch(signal, watcher);
    expect(listeners(signal)).to.equal(1);
    for (const watcher of watchers.slice(1)) stopWatching(signal, watcher);
    expect(listeners(signal)).to.equal(1);
    stopWatching(signal, watchers[0]!);
    expect(listeners(signal)).to.equal(0);
    watch(signal, watchers[0]!);
    expect(listeners(signal)).to.equal(1);
    stopWatching(signal, watchers[0]!);
  });

  it('is told once, in order, with the reason', () => {
    const controller = new AbortController();
    const log: unknown[] = [];
    for (const name of ['a', 'b']) watch(controller.signal, { aborted: (reason) => log.push(name, reason) });
    controller.abort('why');
    controller.abort('again');
    expect(log).to.deep.equal(['a', 'why', 'b', 'why']);
    expect(listeners(controller.signal)).to.equal(0);
  });

  it('may take others off while it is told, and itself', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const log: string[] = [];
    const a: Watcher = {
      aborted() {
        log.push('a');
        stopWatching(signal, a);
        stopWatching(signal, b);
      },
    };
    const b: Watcher = { aborted: () => log.push('b') };
    watch(signal, a);
    watch(signal, b);
    controller.abort();
    // Each looks for itself whether it still cares.
    expect(log).to.deep.equal(['a', 'b']);
    expect(listeners(signal)).to.equal(0);
  });

  it('[BM-4] takes off nobody else by taking itself off twice', () => {
    const { signal } = new AbortController();
    const [one, two, stranger]: Watcher[] = Array.from({ length: 3 }, () => ({ aborted() {} }));
    watch(signal, one!);
    watch(signal, two!);
    stopWatching(signal, one!);
    stopWatching(signal, one!);
    stopWatching(signal, stranger!);
    expect(listeners(signal)).to.equal(1);
    stopWatching(signal, two!);
    stopWatching(signal, two!);
    expect(listeners(signal)).to.equal(0);
  });
});
