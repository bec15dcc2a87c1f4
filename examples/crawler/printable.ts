/**
 * Text from the web, made safe to print.
 *
 * A page decides what its title and its links are called. Printed as they are, an escape
 * sequence among them could rename the window, rewrite what was printed before, or type for
 * the user; a bidirectional override could show a URL backwards.
 */

/** Control characters, line separators, and what changes the direction of text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `text` with everything a terminal might obey written as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`);
}
