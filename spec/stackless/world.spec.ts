import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';

const ROOT = path.join(__dirname, '..', '..');

/** Runs `program` with the built package in a process of its own, whose event loop can run dry. */
function alone(program: string): Promise<{ code: number | string; out: string[]; err: string }> {
  const code = `
    const native = require('evergreen-tasklets');
    const { main, run, tasklet, schedule, Channel, setScheduleCallback } = require('evergreen-tasklets/stackless');
    const never = () => new native.Channel().receive();
    const log = (line) => console.log(line);
    ${program}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', code], { cwd: ROOT }, (error, out, err) => {
      resolve({ code: error?.code ?? 0, out: out.split('\n').filter((line) => line !== ''), err });
    });
  });
}

describe('a stackless world', function () {
  // Each starts a process.
  this.timeout(20_000);

  describe('when the event loop has run dry', () => {
    it('lets run() return, and leaves who waits outside where it is', async () => {
      const { code, out } = await alone(`main(async () => {
        const t = tasklet(never)();
        await run();
        log(t.blocked);
      });`);
      expect([code, out]).to.deep.equal([0, ['true']]);
    });

    it('tells a blocked main that it is a deadlock', async () => {
      const { code, out } = await alone(`main(async () => {
        tasklet(never)();
        const ch = new Channel();
        await ch.receive().catch((error) => log(error.name));
        log(ch.balance);
      });`);
      expect([code, out]).to.deep.equal([0, ['RuntimeError', '0']]);
    });

    it('raises a native DeadlockError in a main that waits outside', async () => {
      const { code, out } = await alone(`main(never).catch((error) => log(error.name));`);
      expect([code, out]).to.deep.equal([0, ['DeadlockError']]);
    });

    it('is no silent end for a main that awaits what never comes', async () => {
      const { code, err } = await alone(`main(() => new Promise(() => {}));`);
      expect(code).to.not.equal(0);
      expect(err).to.contain('DeadlockError').and.to.contain('main');
    });

    it('goes on inside a native run(), which is not deadlocked by that', async () => {
      const { code, out } = await alone(`native.run(async () => {
        log(await main(async () => {
          tasklet(never)();
          await run();
          return 'done';
        }));
      });`);
      expect([code, out]).to.deep.equal([0, ['done']]);
    });
  });

  it('leaves no timer behind that would keep the program alive', async () => {
    const { code, out } = await alone(`
      main(async () => {
        tasklet(() => native.timeout(60_000, () => new Channel().receive()))();
        tasklet(() => native.sleep(60_000))();
        await schedule();
      }).then(() => log('over'));`);
    expect([code, out]).to.deep.equal([0, ['over']]);
  });

  it('ST-41 makes what a schedule callback throws an uncaught exception, and goes on', async () => {
    const { code, out } = await alone(`
      process.on('uncaughtException', (error) => log('uncaught ' + error.message));
      main(async () => {
        setScheduleCallback(() => { throw new Error('mine'); });
        tasklet(() => setScheduleCallback(null))();
        await run();
        log('end');
      });`);
    expect(code).to.equal(0);
    expect(out.sort()).to.deep.equal(['end', 'uncaught mine']);
  });

  it('does not hide what one throws that came back from outside after the end', async () => {
    const { code, err } = await alone(`main(async () => {
      tasklet(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('mine');
      })();
      await schedule();
    });`);
    expect(code).to.not.equal(0);
    expect(err).to.contain('mine');
  });
});
