import { expect } from 'chai';
import * as native from '../../lib/index.js';
import {
  Channel,
  getCurrent,
  getMain,
  main,
  run,
  RuntimeError,
  schedule,
  scheduleRemove,
  setChannelCallback,
  setScheduleCallback,
  switchTrap,
  tasklet,
  type Tasklet,
} from '../../lib/stackless/index.js';
import { rejection } from '../support/rejection.js';

const nothing = () => undefined;

describe('switchTrap', () => {
  const trapped = async (deed: () => Promise<unknown>): Promise<unknown> => {
    switchTrap(1);
    try {
      return await rejection(deed());
    } finally {
      switchTrap(-1);
    }
  };

  it('ST-66 refuses whatever would switch, which works afterwards', () =>
    main(async () => {
      const sink = new Channel();
      const source = new Channel();
      const receivers = [0, 1].map(() => tasklet(() => rejection(sink.receive()))());
      const sender = tasklet(() => source.send('x'))();
      source.preference = 1;
      await run();
      const other = tasklet(() => getMain().insert())();
      const victim = tasklet(() => new Channel().receive())();
      victim.remove();
      const deeds: (() => Promise<unknown>)[] = [
        () => schedule(),
        () => scheduleRemove(),
        run,
        () => other.run(),
        () => other.switch(),
        () => sink.send(1),
        () => sink.sendThrow(new Error('x')),
        () => source.receive(),
        () => new Channel().receive(),
        () => victim.raiseException(Error),
        () => victim.kill(),
      ];
      for (const deed of deeds) {
        const error = await trapped(deed);
        expect(error).to.be.instanceOf(RuntimeError).with.property('message', 'switch_trap');
      }
      expect([sink.balance, source.balance, victim.paused]).to.deep.equal([-2, 1, true]);
      expect(getMain().next).to.equal(other);
      await victim.kill();
      await sink.sendThrow(new Error('x'));
      await sink.sendThrow(new Error('y'));
      expect(await source.receive()).to.equal('x');
      await run();
      expect([...receivers, sender, other, victim].some((t) => t.alive)).to.equal(false);
    }));

  it('ST-67 refuses to take an error that is waiting, and delivers it afterwards', () =>
    main(async () => {
      const ch = new Channel();
      ch.preference = 1;
      const mine = new Error('mine');
      tasklet(() => ch.sendThrow(mine))();
      await run();
      expect(await trapped(() => ch.receive())).to.be.instanceOf(RuntimeError);
      expect(ch.balance).to.equal(1);
      expect(await rejection(ch.receive())).to.equal(mine);
    }));

  it('ST-65 ST-68 leaves a paused tasklet paused that it refused to run', () =>
    main(async () => {
      const t = tasklet(nothing)().remove();
      await trapped(() => t.run());
      await trapped(() => t.switch());
      expect(t.paused).to.equal(true);
    }));

  it('lets through what needs no switch, and returns what it was', () =>
    main(async () => {
      const ch = new Channel();
      ch.preference = 0;
      tasklet(() => ch.receive())();
      await run();
      expect(switchTrap(2)).to.equal(0);
      await ch.send(1);
      await getCurrent().run();
      await getCurrent().switch();
      expect(switchTrap(-2)).to.equal(2);
      expect(() => switchTrap(0.5)).to.throw(TypeError);
    }));
});

describe('a schedule callback', () => {
  it('ST-39 ST-40 is told of every switch, replaced and given back, and sees a current tasklet', () =>
    main(async () => {
      const log: string[] = [];
      const names = new Map<Tasklet, string>([[getMain(), 'main']]);
      const callback = (prev: Tasklet, next: Tasklet) => {
        log.push(`${names.get(prev) ?? '?'}>${names.get(next) ?? '?'}`);
        expect(getCurrent()).to.equal(prev);
      };
      expect(setScheduleCallback(callback)).to.equal(null);
      names.set(tasklet(nothing)(), 'a').set(tasklet(nothing)(), 'b');
      await run();
      expect(log).to.deep.equal(['main>a', 'a>b', 'b>main']);
      expect(setScheduleCallback(nothing)).to.equal(callback);
      expect(setScheduleCallback(null)).to.equal(nothing);
      expect(() => setScheduleCallback('x' as never)).to.throw(TypeError);
      tasklet(nothing)();
      await run();
      expect(log).to.have.length(3);
    }));
});

describe('a schedule callback beside native operations', () => {
  it('is told of switches made by them, and of none to the tasklet that ran last', () =>
    main(async () => {
      const log: string[] = [];
      setScheduleCallback((prev, next) =>
        log.push(`${prev.isMain ? 'main' : 't'}>${next.isMain ? 'main' : 't'}`),
      );
      await native.sleep(0);
      tasklet(nothing)();
      await native.sleep(0);
      expect(log).to.deep.equal(['main>t', 't>main']);
    }));
});

describe('a channel callback', () => {
  it('ST-42 sees channel, tasklet, direction, whether it will block, and the value in tempval', () =>
    main(async () => {
      const ch = new Channel<string>();
      const log: unknown[][] = [];
      const callback = (channel: Channel, t: Tasklet, sending: boolean, willBlock: boolean) =>
        log.push([channel === ch, t, sending, willBlock, t.tempval]);
      expect(setChannelCallback(callback)).to.equal(null);
      const receiver = tasklet(() => ch.receive())();
      await run();
      await ch.send('x');
      expect(setChannelCallback(null)).to.equal(callback);
      expect(log).to.deep.equal([
        [true, receiver, false, true, undefined],
        [true, getMain(), true, false, 'x'],
      ]);
    }));

  it('that throws makes the operation raise, which then did not happen', () =>
    main(async () => {
      const ch = new Channel<string>();
      tasklet(() => ch.receive())();
      await run();
      const mine = new Error('mine');
      setChannelCallback(() => {
        throw mine;
      });
      expect(await rejection(ch.send('x'))).to.equal(mine);
      expect(ch.balance).to.equal(-1);
    }));
});
