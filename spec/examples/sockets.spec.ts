// The examples that listen, as they are: each is run as a program, and spoken to over sockets.
import { spawn as start, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { run, spawn } from '../../lib/index.js';
import { tcp, type Connection } from '../../lib/io/index.js';

const root = path.join(__dirname, '..', '..');

/** An example that runs until it is told to stop. */
class Program implements AsyncDisposable {
  readonly said: string[] = [];
  private readonly child: ChildProcess;
  private readonly over: Promise<unknown[]>;
  private errors = '';

  private constructor(example: string, args: readonly string[]) {
    const program = path.join('examples', example);
    this.child = start(process.execPath, ['scripts/ts.cjs', program, ...args], { cwd: root });
    this.over = once(this.child, 'close');
    this.child.stderr?.on('data', (bytes) => (this.errors += String(bytes)));
  }

  /** Waits until it says where it listens. */
  static async start(example: string, ...args: readonly string[]): Promise<[Program, number]> {
    const program = new Program(example, args);
    const lines = createInterface({ input: program.child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => program.said.push(line));
    await Promise.race([once(lines, 'line'), program.over]);
    const port = /^listening at tcp 127\.0\.0\.1:(\d+)$/.exec(program.said[0] ?? '')?.[1];
    expect(port, program.errors).to.be.a('string');
    return [program, Number(port)];
  }

  async stop(): Promise<unknown> {
    this.child.kill('SIGINT');
    const [code] = await this.over;
    expect(this.errors).to.equal('');
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.over;
  }
}

const at = (port: number): tcp.TcpConnectOptions => ({ host: '127.0.0.1', port });

async function line(connection: Connection): Promise<string> {
  return String(await connection.readUntil('\n', { keep: false, timeout: 10_000 }));
}

describe('examples that listen', () => {
  it('echo-server: sends lines back to all, refuses one that is too long, ends when it is asked to', () =>
    run(async () => {
      const [started, port] = await Program.start('echo-server.ts');
      await using program = started;
      const clients: Connection[] = [];
      for (let i = 0; i < 10; i++) clients.push(await tcp.connect(at(port)));
      for (const [i, client] of clients.entries()) await client.write(`one ${i}\ntwo ${i}\n`);
      for (const [i, client] of clients.entries()) {
        expect([await line(client), await line(client)]).to.deep.equal([`one ${i}`, `two ${i}`]);
        await client.close();
      }
      await using long = await tcp.connect(at(port));
      await long.write(`${'x'.repeat(2000)}\n`);
      expect(await long.read().catch(() => undefined)).to.equal(undefined);
      expect(await program.stop()).to.equal(0);
      expect(program.said.filter((each) => each.endsWith('has come'))).to.have.length(11);
      expect(program.said.filter((each) => each.includes('LimitExceededError'))).to.have.length(1);
      expect(program.said.at(-1)).to.equal('over');
    }));

  it('chat-server: says to all in a room what one of them says', () =>
    run(async () => {
      const [started, port] = await Program.start('chat-server.ts');
      await using program = started;
      const enter = async (name: string): Promise<Connection> => {
        const connection = await tcp.connect(at(port));
        expect(await line(connection)).to.equal('your name?');
        await connection.write(`${name}\n`);
        expect(await line(connection)).to.equal(`* ${name} has come to lobby`);
        return connection;
      };
      await using ada = await enter('ada');
      await using bob = await enter('bob');
      expect(await line(ada)).to.equal('* bob has come to lobby');
      await bob.write('hello\n');
      expect(await line(ada)).to.equal('bob: hello');
      await ada.write('/who\n/join garden\nnobody here?\n');
      expect(await line(ada)).to.equal('* here are ada, bob');
      expect(await line(bob)).to.equal('* ada has left lobby');
      expect(await line(ada)).to.equal('* ada has come to garden');
      await bob.write('/join garden\n/dance\n');
      expect(await line(ada)).to.equal('* bob has come to garden');
      expect(await line(bob)).to.equal('* bob has come to garden');
      expect(await line(bob)).to.match(/^\* there is/);
      await bob.write('/quit\n');
      expect(await bob.read()).to.equal(undefined);
      expect(await line(ada)).to.equal('* bob has left garden');
      await using nameless = await tcp.connect(at(port));
      await nameless.write('two words\n');
      expect(String(await nameless.readAll())).to.equal('your name?\na name is a word\n');
      // Who is cut off leaves as well.
      const eve = await enter('eve');
      eve.abort();
      expect(await program.stop()).to.equal(0);
    }));

  it('tcp-proxy: passes both ways on, within its limits', () =>
    run(async () => {
      await using target = await tcp.listen();
      spawn(() =>
        target.serve(async (peer) => {
          const bytes = await peer.readAll();
          await peer.write(`${bytes.length} bytes`);
        }),
      );
      const limits = ['--most', '3', '--each', '2', '--idle', '60000'];
      const [started, port] = await Program.start(
        'tcp-proxy.ts',
        ...limits,
        '0',
        String(target.address.port),
      );
      await using program = started;
      const one = await tcp.connect(at(port));
      await using two = await tcp.connect(at(port));
      await one.write(Buffer.alloc(1 << 20));
      await two.write('x');
      await using three = await tcp.connect(at(port));
      expect(await three.read().catch(() => undefined)).to.equal(undefined);
      await one.end();
      expect(String(await one.readAll())).to.equal(`${1 << 20} bytes`);
      await one.close();
      await two.end();
      expect(String(await two.readAll())).to.equal('1 bytes');
      expect(await program.stop()).to.equal(0);
      expect(program.said.filter((each) => each.includes('too many of 127.0.0.1'))).to.have.length(1);
    }));

  it('port-scanner: finds who listens', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const { port } = listener.address;
      const range = [Math.max(1, port - 50), Math.min(65_535, port + 50)].map(String);
      const child = start(process.execPath, ['scripts/ts.cjs', 'examples/port-scanner.ts', ...range], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.on('data', (bytes) => (said += String(bytes)));
      const [code] = (await once(child, 'close')) as [number];
      expect(code).to.equal(0);
      expect(said.split('\n')).to.include(`${port} is open`);
      expect(said).to.match(/^\d+ open$/m);
    }));
}).timeout(60_000);
