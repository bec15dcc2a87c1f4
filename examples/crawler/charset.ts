/**
 * Bytes to letters, as the web has come to expect it.
 *
 * The order is the HTML standard's: what the bytes begin with, what the server says, what the
 * page says of itself. Where nobody says anything it is UTF-8 if it can be, else what old
 * western pages were written in.
 */

/** A page names its character set near its beginning, or not at all. */
const PRESCAN = 1024;

const DECLARED = /<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([^\s"'/>;]+)/i;

/**
 * Decodes a page. Never fails: what cannot be read becomes U+FFFD.
 *
 * @param contentType the header as it came.
 */
export function decode(body: Uint8Array, contentType = ''): string {
  const label = byteOrderMark(body) ?? fromHeader(contentType) ?? fromMeta(body);
  if (label !== undefined) return new TextDecoder(label).decode(body);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return new TextDecoder('windows-1252').decode(body);
  }
}

function byteOrderMark(body: Uint8Array): string | undefined {
  const [first, second, third] = body;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

function fromHeader(contentType: string): string | undefined {
  return known(/;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]);
}

function fromMeta(body: Uint8Array): string | undefined {
  const start = new TextDecoder('windows-1252').decode(body.subarray(0, PRESCAN));
  const label = known(DECLARED.exec(start)?.[1]);
  // A page that could be read this far is not in UTF-16, whatever it says.
  return label?.startsWith('utf-16') === true ? 'utf-8' : label;
}

/** A name that nobody knows is as good as none. */
function known(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
