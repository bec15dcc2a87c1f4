/**
 * Every trace in `traces.json` was recorded from Stackless itself; each is replayed on the façade.
 * The scripted ones go through the interpreter, the others were written out from their descriptions.
 */

import { expect } from 'chai';
import { main } from '../../lib/stackless/index.js';
import { runScript } from './interpreter.js';
import type { Program } from './program.js';
import { topics } from './programs/index.js';
import { traces } from './traces.js';

const programs = new Map<string, Program>(topics.flatMap((topic) => Object.entries(topic)));

async function replay(program: Program): Promise<string[]> {
  const log: string[] = [];
  await main(() => program((line) => log.push(line)));
  return log;
}

describe('the recorded traces of Stackless', () => {
  it('are 132, and each has its program or its script', () => {
    const written = traces.filter((trace) => trace.script === undefined).map((trace) => trace.id);
    expect(traces).to.have.length(132);
    expect([...programs.keys()].sort()).to.deep.equal(written.sort());
    expect(topics.flatMap((topic) => Object.keys(topic))).to.have.length(programs.size);
  });

  for (const topic of new Set(traces.map((trace) => trace.topic))) {
    describe(topic, () => {
      for (const { id, name, expected, script } of traces.filter((trace) => trace.topic === topic)) {
        it(`${id} ${name}`, async () => {
          const told =
            script === undefined ? await replay(programs.get(id) as Program) : await runScript(script);
          expect(told).to.deep.equal(expected);
        });
      }
    });
  }
});
