import { expect } from 'chai';
import { run, schedule, spawn } from '../../lib/index.js';
import { tcp } from '../../lib/io/index.js';

describe('tcp', () => {
  it('says a line and hears it again', () =>
    run(async () => {
      await using listener = await tcp.listen();
      spawn(() =>
        listener.serve(async (peer) => {
          for await (const line of peer.lines()) await peer.write(`${line}!\n`);
        }),
      );
      await using connection = await tcp.connect(listener.address);
      await schedule();
      await connection.write('hello\n');
      expect(String(await connection.readUntil('\n'))).to.equal('hello!\n');
      expect(connection.remote).to.deep.equal(listener.address);
      expect(connection.local.host).to.equal('127.0.0.1');
    }));
});
