/**
 * Reads a source tree as an architect would: who imports whom, what a file mentions, how long it is.
 *
 * Files come in as text under the path they have inside `lib`, so that a spec can build a wrong tree of
 * three lines and see that it is told so. Sources are read with the compiler's own parser: what stands in a
 * comment or in a string is not a mention.
 *
 * Every function returns what is wrong, one sentence each, and an empty list when nothing is.
 */
import path from 'node:path';
import ts from 'typescript';

/** A file's text under its path, which is relative to `lib`: `kernel/channel.ts`. */
export type Tree = ReadonlyMap<string, string>;

export interface Floors {
  /** The floor of each room. */
  readonly rooms: Readonly<Record<string, number>>;
  /** Rooms that look at all others; nobody in `lib` imports them. */
  readonly side: readonly string[];
  /** The front door reaches no higher than this floor. */
  readonly front: number;
  /** From this floor up a file may import Node's modules; side rooms may too. */
  readonly node: number;
  /** Packages that a user may bring along, and where they are asked for: files or rooms. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
}

export interface Mention {
  /** What the sentence calls it: `setTimeout`. */
  readonly what: string;
  /** Where such a line lives: files (`kernel/clock.ts`) or rooms (`io/`). */
  readonly homes: readonly string[];
  readonly why: string;
  readonly in: (node: ts.Node) => boolean;
  /** Only files under these paths are asked; all, when left out. */
  readonly only?: readonly string[];
}

interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Gone before anything runs. */
  readonly typeOnly: boolean;
}

const parsed = new Map<string, ts.SourceFile>();

/** Every rule reads the same files; each text is parsed once. */
function parse(text: string): ts.SourceFile {
  let source = parsed.get(text);
  if (source === undefined) {
    source = ts.createSourceFile('parsed.ts', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
    parsed.set(text, source);
  }
  return source;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** The text of the module a node names, whichever way it imports it. */
function specifierOf(node: ts.Node): string | undefined {
  let named: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) named = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) named = node.argument.literal;
  else if (ts.isExternalModuleReference(node)) named = node.expression;
  else if (ts.isCallExpression(node)) {
    const { expression } = node;
    const loads =
      expression.kind === ts.SyntaxKind.ImportKeyword ||
      isNamed(expression, 'require') ||
      (ts.isCallExpression(expression) && isNamed(expression.expression, 'createRequire'));
    if (loads) named = node.arguments[0];
  }
  return named !== undefined && ts.isStringLiteralLike(named) ? named.text : undefined;
}

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  walk(parse(text), (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const typeOnly =
      ts.isImportTypeNode(node) ||
      (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
      (ts.isExportDeclaration(node) && node.isTypeOnly);
    found.push({ specifier, line: lineOf(node), typeOnly });
  });
  return found;
}

/** The file of the tree that a relative specifier means: `./channel.js` is `channel.ts`. */
function target(from: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.');
const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');
const livesIn = (file: string, homes: readonly string[]): boolean =>
  homes.some((home) => (home.endsWith('/') ? file.startsWith(home) : file === home));

/** Imports go to the same room or to a lower floor, and only the floors that know Node import from it. */
export function wrongImports(tree: Tree, floors: Floors): string[] {
  const wrong: string[] = [];
  for (const [file, text] of tree) {
    const room = roomOf(file);
    const isSide = floors.side.includes(room);
    const floor = room === '' ? floors.front : floors.rooms[room];
    if (floor === undefined && !isSide) {
      wrong.push(`${file} is in a room that stands on no floor; give "${room}" a floor or move the file`);
      continue;
    }
    for (const { specifier, line } of importsOf(text)) {
      const at = `${file}:${line} imports ${specifier}`;
      if (specifier.startsWith('node:')) {
        const knows = isSide || (room !== '' && floor !== undefined && floor >= floors.node);
        if (!knows) wrong.push(`${at}; the first floor that knows Node is ${floors.node}`);
      } else if (!isRelative(specifier)) {
        if (!livesIn(file, floors.peers[specifier] ?? []))
          wrong.push(`${at}; the package depends on nothing`);
      } else {
        const to = target(file, specifier);
        const other = roomOf(to);
        if (!tree.has(to)) wrong.push(`${at}; there is no ${to}`);
        else if (other === room && room !== '') continue;
        else if (other === '') wrong.push(`${at}; nobody comes in through the front door from inside`);
        else if (floors.side.includes(other))
          wrong.push(`${at}; ${other} is a side room, nobody in lib imports it`);
        else if (isSide) continue;
        else {
          const below = floors.rooms[other];
          const reaches =
            below !== undefined && floor !== undefined && (room === '' ? below <= floor : below < floor);
          if (!reaches) {
            wrong.push(
              `${at}; ${other} (floor ${below ?? 'none'}) is not below ${room || 'the front door'} (floor ${floor ?? 'none'})`,
            );
          }
        }
      }
    }
  }
  return wrong;
}

/**
 * Circles among files, each told once, from its first file in alphabetical order.
 *
 * A type may look back at the file that uses it: it is gone before anything runs. A value may not, because
 * then it depends on who is loaded first whether it is there.
 */
export function circles(tree: Tree): string[] {
  const next = new Map<string, string[]>();
  for (const [file, text] of tree) {
    const targets = importsOf(text).filter((each) => isRelative(each.specifier) && !each.typeOnly);
    next.set(file, [...new Set(targets.map((each) => target(file, each.specifier)))]);
  }
  const found = new Set<string>();
  const done = new Set<string>();
  const trail: string[] = [];
  const follow = (file: string): void => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      const circle = trail.slice(at);
      const first = circle.indexOf([...circle].sort()[0] ?? file);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.add([...turned, turned[0]].join(' → '));
      return;
    }
    if (done.has(file)) return;
    trail.push(file);
    for (const each of next.get(file) ?? []) follow(each);
    trail.pop();
    done.add(file);
  };
  for (const file of [...tree.keys()].sort()) follow(file);
  return [...found].map((circle) => `a circle of imports: ${circle}`);
}

/** Lines that live somewhere else. */
export function strangers(tree: Tree, mentions: readonly Mention[]): string[] {
  const wrong: string[] = [];
  for (const [file, text] of tree) {
    const asked = mentions.filter(
      (each) => !livesIn(file, each.homes) && (each.only === undefined || livesIn(file, each.only)),
    );
    if (asked.length === 0) continue;
    walk(parse(text), (node) => {
      for (const { what, homes, why, in: says } of asked) {
        if (!says(node)) continue;
        const belongs =
          homes.length === 0 ? 'it belongs nowhere in lib' : `it belongs in ${homes.join(', ')}`;
        wrong.push(`${file}:${lineOf(node)} says ${what}; ${belongs} (${why})`);
      }
    });
  }
  return wrong;
}

/** How many lines of `text` hold code: not blank, not only a comment. */
export function linesOfCode(text: string): number {
  const source = parse(text);
  const lines = new Set<number>();
  const mark = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) children.forEach(mark);
    else if (node.getEnd() > node.getStart(source)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      for (let line = first; line <= last; line++) lines.add(line);
    }
  };
  mark(source);
  return lines.size;
}

/** Files that are too long to be read in one sitting. */
export function tooLong(tree: Tree, limit: (file: string) => number): string[] {
  const wrong: string[] = [];
  for (const [file, text] of tree) {
    const lines = linesOfCode(text);
    if (lines > limit(file)) {
      wrong.push(
        `${file} has ${lines} lines of code, more than ${limit(file)}; find the second concept in it`,
      );
    }
  }
  return wrong;
}

/** Files that say in their name that nobody asked what they are. */
export function nameless(tree: Tree, names: readonly string[]): string[] {
  return [...tree.keys()]
    .filter((file) => file.split('/').some((part) => names.includes(part.replace(/\.ts$/, ''))))
    .map((file) => `${file} is named after nothing; name it after the one thing it does`);
}

/** A front door holds re-exports and nothing else. */
export function busyDoors(tree: Tree): string[] {
  const wrong: string[] = [];
  for (const [file, text] of tree) {
    if (path.posix.basename(file) !== 'index.ts') continue;
    for (const statement of parse(text).statements) {
      if (!ts.isExportDeclaration(statement)) {
        wrong.push(`${file}:${lineOf(statement)} does something; a front door only re-exports`);
      }
    }
  }
  return wrong;
}

/**
 * Specs that mirror no file of `lib`. `kernel/channel.spec.ts` mirrors `kernel/channel.ts`, and so does
 * `kernel/channel.closing.spec.ts`, one topic of it.
 */
export function strays(specs: Iterable<string>, tree: Tree, homes: readonly string[]): string[] {
  const wrong: string[] = [];
  for (const spec of specs) {
    if (livesIn(spec, homes)) continue;
    const { dir, base } = path.posix.parse(spec);
    const mirrored = path.posix.join(dir, `${base.slice(0, base.indexOf('.'))}.ts`);
    if (!tree.has(mirrored)) wrong.push(`spec/${spec} mirrors nothing; there is no lib/${mirrored}`);
  }
  return wrong;
}

// What a mention is made of. Each says whether one node of the syntax tree is it.

export function isNamed(node: ts.Node | undefined, ...names: string[]): boolean {
  return node !== undefined && ts.isIdentifier(node) && names.includes(node.text);
}

/** A use of a global value: not a type, not a property or a name that somebody gives. */
export function uses(...names: string[]): Mention['in'] {
  return (node) => {
    if (!isNamed(node, ...names)) return false;
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
      return isNamed(parent.expression, 'globalThis', 'globals', 'window', 'self', 'global');
    }
    if (ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent))
      return false;
    if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
    const declared = ts.isTypeElement(parent) || ts.isClassElement(parent) || ts.isParameter(parent);
    return !(declared && parent.name === node);
  };
}

export function news(name: string): Mention['in'] {
  return (node) => ts.isNewExpression(node) && isNamed(node.expression, name);
}

/** A member of a global object: `Promise.race`. */
export function member(object: string, ...names: string[]): Mention['in'] {
  return (node) =>
    ts.isPropertyAccessExpression(node) && isNamed(node.expression, object) && isNamed(node.name, ...names);
}

/** A call of a method by this name, whatever the object; with `literal`, only one that begins with a string. */
export function calls(names: readonly string[], literal = false): Mention['in'] {
  return (node) =>
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    isNamed(node.expression.name, ...names) &&
    (!literal || (node.arguments[0] !== undefined && ts.isStringLiteralLike(node.arguments[0])));
}

/** A class that extends an error. */
export function extendsError(node: ts.Node): boolean {
  if (!ts.isHeritageClause(node) || node.token !== ts.SyntaxKind.ExtendsKeyword) return false;
  if (!ts.isClassLike(node.parent)) return false;
  return node.types.some((type) => /(Error|TaskletExit)$/.test(type.expression.getText()));
}

export function isAsyncGenerator(node: ts.Node): boolean {
  if (!ts.isFunctionDeclaration(node) && !ts.isFunctionExpression(node) && !ts.isMethodDeclaration(node)) {
    return false;
  }
  const isAsync = ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
  return isAsync && node.asteriskToken !== undefined;
}

/** An import of one of these modules. */
export function imports(...modules: string[]): Mention['in'] {
  return (node) => {
    const specifier = specifierOf(node);
    return specifier !== undefined && modules.includes(specifier);
  };
}

/** The word, anywhere in code: as a name, also of a type or a property, or as the beginning of a string. */
export function word(name: string, prefix: string): Mention['in'] {
  return (node) => isNamed(node, name) || (ts.isStringLiteralLike(node) && node.text.startsWith(prefix));
}

export function anyOf(...tests: Mention['in'][]): Mention['in'] {
  return (node) => tests.some((test) => test(node));
}
