/**
 * A file that is read in order, from its beginning to its end.
 *
 * The first who reads opens it. There is one read at a time, into a place that is told beforehand; one that
 * somebody has given up goes on and is the next one's, so nothing is lost.
 */
import type { Channel } from '../../kernel/channel.js';
import { StreamClosedError } from '../../kernel/errors.js';
import { line } from '../../kernel/line.js';
import type { Deadline } from './deadline.js';
import { Descriptor } from './descriptor.js';

/** Where bytes go: into `buffer`, from `offset` on. */
export interface Room {
  readonly buffer: Buffer;
  readonly offset: number;
}

export class Intake {
  readonly path: string;
  private file: Descriptor | null = null;
  private opening: Channel<void> | null = null;
  private reading: Channel<number> | null = null;
  private stopped = false;

  constructor(path: string) {
    this.path = path;
  }

  /** Nothing more is read. */
  get closed(): boolean {
    return this.stopped;
  }

  /**
   * Waits until bytes have come to `room`. The first who waited for them is called back with how many: 0 at the
   * end of the file. Others come back as well, and look again what there is.
   */
  async pull(room: () => Room, take: (count: number) => void, limits: Deadline | undefined): Promise<void> {
    if (this.file === null) {
      await (this.opening ??= this.open()).receive(limits?.left);
      // Others may have come to the end while this one was paused.
      if (this.stopped) return;
    }
    const reading = (this.reading ??= this.read(room()));
    const count = await reading.receive(limits?.left);
    if (this.reading !== reading) return;
    this.reading = null;
    take(count);
  }

  /** Closes it as soon as nothing is in flight. Those who wait for it are told at once. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.opening?.failWith(new StreamClosedError(`open of '${this.path}': it was closed`));
    this.file?.close();
  }

  /** {@link Intake.stop}, and waits until it is closed, unless somebody has given up a read, which may never end. */
  async close(): Promise<void> {
    this.stop();
    await this.file?.leave();
  }

  private open(): Channel<void> {
    const opening: Channel<void> = line(`open of '${this.path}'`);
    Descriptor.begin(this.path, 'r', 0, (error, file) => {
      this.file = file ?? null;
      if (error !== null) opening.failWith(error);
      else if (this.stopped) file?.close();
      else opening.closeWith(undefined);
    });
    return opening;
  }

  private read({ buffer, offset }: Room): Channel<number> {
    return (this.file as Descriptor).read(buffer, offset, buffer.length - offset, null);
  }
}
