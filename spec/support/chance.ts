/** Numbers that look like chance and are the same every time. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** `length` bytes, each one of `alphabet`. */
  bytes(length: number, alphabet: Uint8Array): Buffer {
    return Buffer.from(Array.from({ length }, () => alphabet[this.below(alphabet.length)] as number));
  }

  /** `bytes` cut anywhere, into pieces of up to `longest`. */
  cut(bytes: Buffer, longest: number): Buffer[] {
    const pieces: Buffer[] = [];
    for (let from = 0; from < bytes.length;) {
      const to = from + 1 + this.below(longest);
      // Copied: each piece as the system would give it.
      pieces.push(Buffer.from(bytes.subarray(from, to)));
      from = to;
    }
    return pieces;
  }
}

/** How many cases a fuzzing test tries: `cases`, or as many as the environment asks for (`FUZZ=1000000`). */
export function fuzz(cases: number): number {
  return Number(process.env['FUZZ'] ?? cases);
}
