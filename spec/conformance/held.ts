/** Who holds which invariant: read from the titles and comments of the specs, and told as a page. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { INVARIANTS } from './invariants.js';

/** A test, or a comment beside a check, that names an invariant. */
export interface Holder {
  /** As in `spec/kernel/select.spec.ts`. */
  readonly file: string;
  /** The title with those around it, without tags. */
  readonly says: string;
}

const TAG = /\[((?:INV|BM)-\d+)\]/g;
const SPEC = path.join(__dirname, '..');
export const PAGE: string = path.join(SPEC, '..', 'docs', 'invariants.md');

/** The tags in `text`, which is that of a spec. */
export function tagged(text: string): { tag: string; says: string }[] {
  const found: { tag: string; says: string }[] = [];
  const source = ts.createSourceFile('spec.ts', text, ts.ScriptTarget.Latest, true);
  const tell = (written: string, says: string): void => {
    for (const [, tag] of written.matchAll(TAG)) found.push({ tag: tag!, says });
  };
  const visit = (node: ts.Node, around: readonly string[]): void => {
    const title = wording(node);
    if (title !== undefined) tell(title, plain([...around, title].join(' · ')));
    const suite = ts.isCallExpression(node) ? wording(node.arguments[0]) : undefined;
    const inside = suite === undefined ? around : [...around, suite];
    ts.forEachChild(node, (child) => {
      // The title itself stands inside of what is around its call.
      visit(child, ts.isCallExpression(node) && child === node.arguments[0] ? around : inside);
    });
  };
  visit(source, []);
  for (const [comment] of text.matchAll(/\/\*\*?[\s\S]*?\*\/|\/\/.*/g)) {
    tell(comment, plain(comment.replaceAll(/^\/\*+|\*\/$|^\/\/|^\s*\*/gm, ' ')));
  }
  return found;
}

/** What stands between quotes, with `…` for what is only known when it runs. */
function wording(node: ts.Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

function plain(title: string): string {
  return title
    .replaceAll(/\[[A-Z]+-\d+\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** All who hold something, by its number, in the order of their files. */
export function holders(): Map<string, Holder[]> {
  const all = new Map<string, Holder[]>();
  const files = readdirSync(SPEC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  for (const name of files.map((file) => file.replaceAll(path.sep, '/')).sort()) {
    if (OWN.has(name)) continue;
    for (const { tag, says } of tagged(readFileSync(path.join(SPEC, name), 'utf8'))) {
      const held = all.get(tag);
      const holder = { file: `spec/${name}`, says };
      if (held === undefined) all.set(tag, [holder]);
      else held.push(holder);
    }
  }
  return all;
}

/** They speak of tags and hold nothing. */
const OWN: ReadonlySet<string> = new Set(
  ['held', 'held.spec', 'invariants'].map((name) => `conformance/${name}.ts`),
);

/** What is wrong between the list and those who hold it. */
export function complaints(held: ReadonlyMap<string, readonly Holder[]>): string[] {
  const known = new Set(Object.values(INVARIANTS).flatMap((part) => Object.keys(part)));
  const missing = [...known].filter((tag) => !held.has(tag));
  const strange = [...held].filter(([tag]) => !known.has(tag));
  return [
    ...missing.map((tag) => `no test names ${tag}`),
    ...strange.map(([tag, by]) => `${by[0]!.file} names ${tag}, which is none`),
  ];
}

/** The page that says what is held by whom. */
export function page(held: ReadonlyMap<string, readonly Holder[]>): string {
  const lines = [
    '# What always holds',
    '',
    'Each sentence is held by the tests below it. The page is written by `npm run invariants`, from the titles and the',
    'comments of the specs; a test fails when nobody holds a sentence, or when a title names one that is not here.',
  ];
  for (const [part, entries] of Object.entries(INVARIANTS)) {
    const there = Object.entries(entries).filter(([tag]) => held.has(tag));
    if (there.length === 0) continue;
    lines.push('', `## ${part}`);
    for (const [tag, says] of there) {
      lines.push('', `**${tag}** ${says}`, '');
      const files = new Map<string, Set<string>>();
      for (const holder of held.get(tag)!) {
        files.set(holder.file, (files.get(holder.file) ?? new Set()).add(holder.says));
      }
      for (const [file, titles] of files) {
        lines.push(`- [${file.slice('spec/'.length)}](../${file}): ${[...titles].map(escaped).join('; ')}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** As text, not as markup. */
function escaped(title: string): string {
  return title.replaceAll(/[\\`*_<>[\]]/g, '\\$&');
}
