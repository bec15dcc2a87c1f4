import { expect } from 'chai';
import * as errors from '../../lib/kernel/errors.js';

/** What the unusual ones are made of; the others take a message. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  DeadlockError: [[]],
  ShutdownError: [[]],
  ProcessError: ['what happened', { exitCode: 1, signal: null, stdout: '', stderr: '' }],
  ExplorationError: ['what happened', { cause: undefined, schedule: '', trace: '' }],
};

/** Each class of the page, with an error of it. */
const made = Object.entries(errors).map(([name, Class]): [string, Error & { code?: unknown }] => {
  const make = Class as unknown as new (...args: readonly unknown[]) => Error;
  return [name, new make(...(ARGUMENTS[name] ?? ['what happened']))];
});

describe('errors', () => {
  for (const [name, error] of made) {
    describe(name, () => {
      it('is an Error with its name, a code made of it, and (but for a kill) the stack of where it was made', () => {
        const code = `ERR${name
          .replace(/Error$/, '')
          .replaceAll(/[A-Z]/g, '_$&')
          .toUpperCase()}`;
        expect(error).to.be.instanceOf(Error);
        expect(error).to.include({ name, code });
        expect(String(error)).to.match(new RegExp(`^${name}: .+`));
        if (name === 'TaskletExit') expect(error.stack).to.equal('TaskletExit: what happened');
        else expect(error.stack).to.include('errors.spec');
      });

      it('shows its code where it is printed, and its name only once', () => {
        expect(Object.keys(error)).to.include('code').and.not.to.include('name');
      });
    });
  }

  it('have these names and codes for good: programs test them', () => {
    expect(made.map(([, { code }]) => code)).to.include.members([
      'ERR_TASKLET_EXIT',
      'ERR_TASKLET_KILLED',
      'ERR_TIMEOUT',
      'ERR_CHANNEL_CLOSED',
      'ERR_DEADLOCK',
      'ERR_SHUTDOWN',
      'ERR_ABANDONED',
      'ERR_STATE',
    ]);
  });

  it('of kills leave the depth of all other stacks alone, and can be made where it cannot be changed', () => {
    const { stackTraceLimit } = Error;
    expect(() => new errors.TaskletExit()).not.to.throw();
    expect(Error.stackTraceLimit).to.equal(stackTraceLimit);
    Object.defineProperty(Error, 'stackTraceLimit', { writable: false });
    try {
      expect(new errors.TaskletExit('killed').message).to.equal('killed');
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { writable: true });
    }
  });

  it('keep the cause', () => {
    const cause = new Error('why');
    expect(new errors.TaskletExit('killed', { cause }).cause).to.equal(cause);
    expect(new errors.TimeoutError('late', { cause }).cause).to.equal(cause);
    expect(new errors.TaskletExit('killed')).not.to.have.property('cause');
  });

  it('carry what was lost', () => {
    expect(new errors.ChannelClosedError('closed', 7)).to.have.property('value', 7);
    expect(new errors.ChannelClosedError('closed')).to.have.property('value', undefined);
  });

  it('[INV-42] name who waits, for what and since when', () => {
    const waiting = [
      { id: 3, name: 'eater', state: 'blocked', blockedOn: "lock 'fork'", since: 12.4 },
      { id: 4, name: 'stuck', state: 'waiting', blockedOn: undefined, since: 0 },
    ];
    const { message, tasklets } = new errors.DeadlockError(waiting);
    expect(message.split('\n')).to.deep.equal([
      'deadlock: 2 tasklets wait, and nothing can wake them',
      "  eater (#3): lock 'fork', for 12 ms",
      '  stuck (#4): waiting, for 0 ms',
    ]);
    // As they were: whoever is killed because of it waits no longer.
    waiting[0]!.blockedOn = undefined;
    expect(tasklets[0]?.blockedOn).to.equal("lock 'fork'");
    expect(new errors.DeadlockError(waiting.slice(0, 1)).message).to.match(/^deadlock: a tasklet waits/);
    expect(new errors.ShutdownError(waiting).message).to.match(/^2 killed but still alive/);
  });

  it('do nothing to a terminal, whatever things are called', () => {
    const name = 'evil\u001b[2J\nline\u202e';
    const { message, tasklets } = new errors.DeadlockError([
      { id: 1, name, state: 'blocked', blockedOn: `receive on channel '${name}'`, since: 0 },
    ]);
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(message).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
    expect(message.split('\n')).to.have.length(2);
    expect(tasklets[0]?.name).to.equal(name);
  });
});
