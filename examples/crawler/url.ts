/**
 * What counts as the same page: one spelling for each URL.
 *
 * Always true of what comes out of here: the scheme is http or https, there is no fragment and
 * no user name, and it is short enough to be kept.
 */

/** Longer ones are made by traps, not by people. */
const MAX_LENGTH = 2048;

/**
 * The one spelling of the page that `reference` names, read from a page at `base`.
 *
 * @returns `undefined` when it names nothing a crawler could ask for: another scheme, no URL
 * at all, one with a password in it, one without end.
 */
export function resolveUrl(reference: string, base?: string): string | undefined {
  // Blanks around it are no part of it, but a megabyte of them is no link.
  if (reference.length > 2 * MAX_LENGTH || !URL.canParse(reference, base)) return undefined;
  const url = new URL(reference, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  // A password found in a page is not ours to use.
  if (url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  // "/a?" and "/a" are one page; the setter drops the lonely question mark.
  if (url.search === '') url.search = '';
  url.pathname = evenEscapes(url.pathname);
  return url.href.length > MAX_LENGTH ? undefined : url.href;
}

/** The scheme, host and port: what a page may link to without leaving its site. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/** RFC 3986 §6.2.2: `%7e`, `%7E` and `~` mean the same; `%2f` and `/` do not. */
function evenEscapes(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const letter = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : escape.toUpperCase();
  });
}
