/**
 * Examples in docstrings run, and say the truth: `value; // 7` is an assertion.
 *
 * Each runs as a tasklet in virtual time, with everything in scope that the front door exports.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import * as library from '../../lib/index.js';
import { simulate } from '../support/simulate.js';

/** Rooms whose examples stand on their own. */
const ROOMS = ['sync', 'queue'];

const lib = path.join(__dirname, '..', '..', 'lib');

/** The examples in `text`, as programs. */
function examples(text: string): string[] {
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?! @|\/).*\n)+)/gm)].map(([, lines = '']) =>
    lines.replaceAll(/^ *\* ?/gm, ''),
  );
}

/** The program with its remarks made assertions. */
function asserting(program: string): string {
  return program.replaceAll(
    /^( *)(?!const |let )(.+); \/\/ ('.*?'|-?\d+|true|false|undefined)(?::.*)?$/gm,
    '$1expect($2).to.deep.equal($3);',
  );
}

function play(program: string): Promise<void> {
  const { outputText } = ts.transpileModule(`async function example() {\n${program}\n}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const scope = { ...library, expect };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the program is our own docstring
  const made = new Function(...Object.keys(scope), `${outputText}\nreturn example();`) as (
    ...values: unknown[]
  ) => Promise<void>;
  return simulate(() => made(...Object.values(scope)));
}

describe('docstrings', () => {
  for (const room of ROOMS) {
    for (const file of readdirSync(path.join(lib, room)).sort()) {
      examples(readFileSync(path.join(lib, room, file), 'utf8')).forEach((example, i) => {
        it(`of ${room}/${file}: example ${i + 1} runs`, () => play(asserting(example)));
      });
    }
  }

  it('are found and can fail', async () => {
    const text = '/**\n * What.\n * @example\n * const a = 1; // 2\n * a; // 2\n */\n';
    const [example = ''] = examples(text);
    expect(asserting(example)).to.equal('const a = 1; // 2\nexpect(a).to.deep.equal(2);\n');
    const failure = await play(asserting(example)).catch(String);
    expect(failure).to.contain('expected 1 to deeply equal 2');
  });
});
