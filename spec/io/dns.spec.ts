import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { expect } from 'chai';
import { run, schedule, sleep, spawn, TaskletKilledError, TimeoutError } from '../../lib/index.js';
import { call, lookup, resolve, reverse } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** What the name server on loopback has on a name of one letter; `undefined`: it says nothing at all. */
type Answers = (name: string, type: number) => Buffer[] | undefined;

const A = 1;
const PTR = 12;
const TXT = 16;

/** A name server of ours on loopback. */
class NameServer implements AsyncDisposable {
  questions = 0;
  private readonly socket: Socket = createSocket('udp4');

  constructor(answers: Answers) {
    this.socket.on('message', (question, from) => this.answer(question, from, answers));
  }

  async listen(): Promise<string> {
    await call((callback) => this.socket.bind(0, '127.0.0.1', () => callback()));
    return `127.0.0.1:${this.socket.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await call((callback) => this.socket.close(() => callback()));
  }

  private answer(question: Buffer, from: RemoteInfo, answers: Answers): void {
    this.questions++;
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at]!; length > 0; length = question[at]!) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }
    const type = question.readUInt16BE(at + 1);
    const data = answers(labels.join('.'), type);
    if (data === undefined) return;
    const head = Buffer.from(question.subarray(0, 12));
    // An answer, recursion available; 3: no such name.
    head.writeUInt16BE(data.length > 0 ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(data.length, 6);
    head.writeUInt32BE(0, 8);
    const records = data.map((bytes) => {
      const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length]);
      return Buffer.concat([record, bytes]);
    });
    this.socket.send(
      Buffer.concat([head, question.subarray(12, at + 5), ...records]),
      from.port,
      from.address,
    );
  }
}

const known: Answers = (name, type) => {
  if (name === 'silent.test') return undefined;
  if (name === 'here.test' && type === A) return [Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2])];
  if (name === 'here.test' && type === TXT) return [Buffer.from('\u0003one\u0003two')];
  if (name === '1.0.0.10.in-addr.arpa' && type === PTR) return [Buffer.from('\u0004here\u0004test\u0000')];
  return [];
};

describe('lookup', () => {
  it('finds the addresses of a name', () =>
    run(async () => {
      expect(await lookup('127.0.0.1')).to.deep.equal([{ address: '127.0.0.1', family: 4 }]);
      const [first] = await lookup('localhost', { family: 4, timeout: 10_000 });
      expect(first).to.deep.equal({ address: '127.0.0.1', family: 4 });
    }));

  it('keeps the code of the system', () =>
    run(async () => {
      expect(await rejection(lookup('here.test', { family: 6 }))).to.have.property('syscall', 'getaddrinfo');
    }));

  it('refuses wrong options, and asks for nothing once it was aborted', () =>
    run(async () => {
      expect(await rejection(lookup('localhost', { hints: 1 } as object))).to.be.instanceOf(TypeError);
      const signal = AbortSignal.abort(new Error('no'));
      expect(String(await rejection(lookup('localhost', { signal })))).to.equal('Error: no');
    }));

  it('refuses what is no name, for which Node finds no address and no error', () =>
    run(async () => {
      for (const name of ['', undefined, null, 0]) {
        expect(await rejection(lookup(name as string))).to.be.instanceOf(TypeError);
      }
    }));

  it('can be killed while it waits', () =>
    run(async () => {
      const asker = spawn(() => lookup('localhost'));
      await schedule();
      asker.kill();
      expect(await rejection(asker.join())).to.be.instanceOf(TaskletKilledError);
    }));
});

describe('resolve', () => {
  it('gives the records of a kind', () =>
    run(async () => {
      await using server = new NameServer(known);
      const servers = [await server.listen()];
      expect(await resolve('here.test', 'A', { servers })).to.deep.equal(['10.0.0.1', '10.0.0.2']);
      expect(await resolve('here.test', 'TXT', { servers })).to.deep.equal([['one', 'two']]);
      expect(await reverse('10.0.0.1', { servers })).to.deep.equal(['here.test']);
    }));

  it('keeps the code of an answer that there is nothing', () =>
    run(async () => {
      await using server = new NameServer(known);
      const servers = [await server.listen()];
      const error = await rejection(resolve('gone.test', 'A', { servers }));
      expect(error).to.include({ code: 'ENOTFOUND', hostname: 'gone.test' });
    }));

  it('calls the question back when it is given up: by a timeout, a signal, a kill', () =>
    run(async () => {
      await using server = new NameServer(known);
      const servers = [await server.listen()];
      expect(await rejection(resolve('silent.test', 'A', { servers, timeout: 5 }))).to.be.instanceOf(
        TimeoutError,
      );
      const signal = AbortSignal.timeout(5);
      expect(await rejection(resolve('silent.test', 'A', { servers, signal }))).to.equal(signal.reason);
      const asker = spawn(() => resolve('silent.test', 'A', { servers }));
      while (server.questions < 3) await sleep(1);
      expect(asker.blockedOn).to.equal('A of "silent.test"');
      asker.kill();
      expect(await rejection(asker.join())).to.be.instanceOf(TaskletKilledError);
    }));

  it('refuses what is no server', () =>
    run(async () => {
      const error = await rejection(resolve('here.test', 'A', { servers: ['nowhere'] }));
      expect(error).to.have.property('code', 'ERR_INVALID_IP_ADDRESS');
    }));
});
