/** A list of decisions as text that fits into an environment variable. */

/** A digit for each, in base 36, or numbers with dots between; the zeros at the end are left out. */
export function toText(picks: readonly number[]): string {
  let { length } = picks;
  while (length > 0 && picks[length - 1] === 0) length--;
  const digits = picks.slice(0, length).map((pick) => pick.toString(36));
  if (length === 0) return '0';
  return digits.some((digit) => digit.length > 1) ? `${digits.join('.')}.` : digits.join('');
}

/** @throws {TypeError} `text` is no list of decisions. */
export function fromText(text: string): number[] {
  if (!/^[0-9a-z.]+$/.test(text)) throw new TypeError(`'${text}' is no schedule of an exploration`);
  const digits = text.includes('.') ? text.split('.').filter((digit) => digit !== '') : Array.from(text);
  return digits.map((digit) => Number.parseInt(digit, 36));
}
