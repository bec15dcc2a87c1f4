/**
 * What is known of a page once it has been visited: one line of the output, one row of the
 * summary. A redirect is a page too, with a single link.
 */

/** A page, or the reason why there is none. */
export interface Page {
  /** As asked for. */
  readonly url: string;
  /** The page that named it first; `undefined` for where the crawl began. */
  readonly from?: string | undefined;
  /** How many redirects in a row led here. */
  readonly hops: number;
  /** `undefined` when no answer came. */
  readonly status?: number | undefined;
  /** The media type, in small letters, without its parameters. */
  readonly type?: string | undefined;
  readonly title?: string | undefined;
  /** The length of its text as it was read, unpacked. */
  readonly bytes: number;
  /** How long the last attempt took, in milliseconds. */
  readonly ms: number;
  readonly attempts: number;
  /** Where a redirect leads. */
  readonly location?: string | undefined;
  /** The pages it names, each once, in their one spelling; on other sites too. */
  readonly links: readonly string[];
  /** Why it could not be read to its end. */
  readonly problem?: string | undefined;
}

/** Whether it is a text with links, and was read to its end; an empty answer is none. */
export function isDocument(page: Page): boolean {
  const { problem, status, type, bytes } = page;
  return problem === undefined && isSuccess(status) && isHtml(type) && bytes > 0;
}

/** Whether a link to it leads nowhere. */
export function isBroken(page: Page): boolean {
  return page.problem !== undefined || page.status === undefined || page.status >= 400;
}

export function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

export function isRedirect(status: number | undefined): boolean {
  return status !== undefined && [301, 302, 303, 307, 308].includes(status);
}

/** A page that does not say what it is has always been taken for HTML. */
export function isHtml(type: string | undefined): boolean {
  return type === undefined || type === 'text/html' || type === 'application/xhtml+xml';
}

/** One line, without its line feed. */
export function toLine(page: Page): string {
  return JSON.stringify(page);
}

/**
 * Reads what {@link toLine} wrote.
 *
 * @throws {TypeError} it is not that; says which field is wrong.
 */
export function fromLine(line: string): Page {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new TypeError('not a page');
  const fields = new Map<string, unknown>(Object.entries(value));
  return {
    url: required(fields, 'url', isText),
    from: optional(fields, 'from', isText),
    hops: required(fields, 'hops', isCount),
    status: optional(fields, 'status', isCount),
    type: optional(fields, 'type', isText),
    title: optional(fields, 'title', isText),
    bytes: required(fields, 'bytes', isCount),
    ms: required(fields, 'ms', isCount),
    attempts: required(fields, 'attempts', isCount),
    location: optional(fields, 'location', isText),
    links: required(fields, 'links', isTexts),
    problem: optional(fields, 'problem', isText),
  };
}

type Check<T> = (value: unknown) => value is T;

function required<T>(fields: Map<string, unknown>, name: string, is: Check<T>): T {
  const value = fields.get(name);
  if (!is(value)) throw new TypeError(`not a page: its "${name}" is missing or wrong`);
  return value;
}

function optional<T>(fields: Map<string, unknown>, name: string, is: Check<T>): T | undefined {
  return fields.has(name) ? required(fields, name, is) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}
