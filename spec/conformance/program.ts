/**
 * What a conformance program is, and the words its log uses.
 *
 * The traces were recorded from Python programs, so truth is written `True` and the absence of
 * a value `None`.
 */

export type Log = (line: string) => void;

/** Runs as the main tasklet and tells its story to `log`. */
export type Program = (log: Log) => Promise<void>;

/** Programs by the id of their trace. */
export type Programs = Readonly<Record<string, Program>>;

export function bool(value: boolean): 'True' | 'False' {
  return value ? 'True' : 'False';
}

export function bit(value: boolean): '1' | '0' {
  return value ? '1' : '0';
}

export function text(value: unknown): string {
  return value === undefined || value === null ? 'None' : (value as string);
}

/** The class name of an error, which the descriptions call its kind. */
export function kind(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
