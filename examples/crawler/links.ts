/**
 * The links of a page, found by a real tokenizer: one that knows comments, scripts, entities and
 * the other places where something that looks like a link is none.
 *
 * The tempting thing not done is to use the parser above it. It keeps the elements that are open,
 * of which a hostile page has a hundred thousand, and then needs minutes for one page.
 */
import { Tokenizer } from 'htmlparser2';

import { resolveUrl } from './url.js';

/** What a page says about itself. */
export interface Outline {
  readonly title?: string | undefined;
  /** Each page it names, once, in the order of the text; none when it asks not to be followed. */
  readonly links: readonly string[];
}

type Attributes = ReadonlyMap<string, string>;

/** Where elements name other pages; pictures, styles and scripts are not pages. */
const PAGE_ATTRIBUTE: ReadonlyMap<string, string> = new Map([
  ['a', 'href'],
  ['area', 'href'],
  ['frame', 'src'],
  ['iframe', 'src'],
  ['link', 'href'],
]);

/** The relations of `<link>` that name a page to read. */
const PAGE_RELATION =
  /(^|\s)(alternate|author|bookmark|canonical|contents|copyright|first|glossary|help|index|last|license|next|prev|search|start|top|up)(\s|$)/i;

const MAX_TITLE = 200;

/** A page with more of them is a trap: with a long base each can be made two thousand letters. */
const MAX_LINKS = 10_000;

/** Beyond that an attribute is not looked at; expressions take longer than it is long. */
const MAX_CONTENT = 4000;

/** Reads the page at `url`. */
export function outline(text: string, url: string): Outline {
  const links = new Set<string>();
  let base: string | undefined;
  let follow = true as boolean;
  let title: string | undefined;

  function add(reference: string | undefined): void {
    const link = reference === undefined ? undefined : resolveUrl(reference, base ?? url);
    if (link !== undefined && links.size < MAX_LINKS) links.add(link);
  }

  tokenize(text, {
    element(name, attributes): void {
      const reference = attributes.get(PAGE_ATTRIBUTE.get(name) ?? '');
      if (name === 'base') {
        // Only the first one counts.
        const href = attributes.get('href');
        if (href !== undefined) base ??= resolveUrl(href, url) ?? url;
      } else if (name === 'meta') {
        add(refreshTarget(attributes));
        if (asksNotToFollow(attributes)) follow = false;
      } else if (name !== 'link' || PAGE_RELATION.test(attributes.get('rel') ?? '')) {
        add(reference);
      }
    },
    title(words): void {
      title ??= words.replace(/\s+/g, ' ').trim().slice(0, MAX_TITLE);
    },
  });
  return { title, links: follow ? [...links] : [] };
}

function refreshTarget(attributes: Attributes): string | undefined {
  if (attributes.get('http-equiv')?.toLowerCase() !== 'refresh') return undefined;
  const content = attributes.get('content')?.slice(0, MAX_CONTENT) ?? '';
  return /^[\s\d.]*[;,]?\s*url\s*=\s*["']?([^"']+)/i.exec(content)?.[1];
}

function asksNotToFollow(attributes: Attributes): boolean {
  return (
    attributes.get('name')?.toLowerCase() === 'robots' &&
    /(^|[\s,])(nofollow|none)([\s,]|$)/i.test(attributes.get('content')?.slice(0, MAX_CONTENT) ?? '')
  );
}

interface Tokens {
  element(name: string, attributes: Attributes): void;
  /** The words of a `<title>`. */
  title(words: string): void;
}

/** Puts the tokenizer's pieces together; they are places in `text`, which it gets in one piece. */
function tokenize(text: string, tokens: Tokens): void {
  let element = '';
  let attribute = '';
  let value = '';
  let attributes = new Map<string, string>();
  let words: string | undefined;

  function open(): void {
    tokens.element(element, attributes);
    if (element === 'title') words = '';
  }

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(start, end): void {
        element = text.slice(start, end).toLowerCase();
        attributes = new Map();
      },
      onattribname(start, end): void {
        attribute = text.slice(start, end).toLowerCase();
        value = '';
      },
      onattribdata(start, end): void {
        value += text.slice(start, end);
      },
      onattribentity(letter): void {
        value += String.fromCodePoint(letter);
      },
      onattribend(): void {
        // Named twice, the first one counts.
        if (!attributes.has(attribute)) attributes.set(attribute, value);
      },
      onopentagend: open,
      onselfclosingtag: open,
      ontext(start, end): void {
        if (words !== undefined) words += text.slice(start, end);
      },
      ontextentity(letter): void {
        if (words !== undefined) words += String.fromCodePoint(letter);
      },
      onclosetag(): void {
        if (words !== undefined) tokens.title(words);
        words = undefined;
      },
      oncdata: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onprocessinginstruction: nothing,
      onend: nothing,
    },
  );
  tokenizer.write(text);
  tokenizer.end();
}

function nothing(): void {
  // Comments and their like name no pages.
}
