/** The negative control: a detector that cannot go red detects nothing. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';

const root = path.join(__dirname, '..', '..');

interface Report {
  readonly stats: { readonly passes: number };
  readonly failures: readonly { readonly title: string; readonly err: { readonly message: string } }[];
}

/** Runs mocha with the hook over the tests that leak. */
function leaky(): Promise<Report> {
  const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const hook = path.join(__dirname, 'leaks.ts');
  const tests = path.join(__dirname, 'leaky.ts');
  const settings = [
    '--no-config',
    '--require',
    path.join(root, 'scripts', 'register.cjs'),
    '--require',
    hook,
  ];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [mocha, ...settings, '--exit', '--reporter', 'json', tests],
      (error, stdout) => {
        if (error === null) reject(new Error('it went green'));
        else resolve(JSON.parse(stdout) as Report);
      },
    );
  });
}

describe('the leak detector', () => {
  it('[BM-14] names every test that leaves something behind, and no other', async () => {
    const { stats, failures } = await leaky();
    expect(stats.passes).to.equal(8);
    expect(failures.map(({ title }) => title)).to.deep.equal([
      'leaves a sleeper, but has failed anyway',
      '"after all" hook: afterAll in "{root}"',
    ]);
    expect(failures[1]?.err.message.split('\n  ')).to.deep.equal([
      'left behind by',
      "leaky leaves a sleeper: tasklet 'sleeper' waits: receive on channel 'silent'",
      "leaky leaves a foreign wait: tasklet 'stranded' waits: something it awaits that is not ours",
      'leaky leaves a timer: a timer is set',
      'leaky leaves a timer as well: a timer is set',
      'leaky leaves a rejection: unhandled rejection: Error: unheard',
      "leaky leaves a busy ring: tasklet 'busy' is runnable",
    ]);
  }).timeout(20_000);
});
