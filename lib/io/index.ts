export {
  IncompleteReadError,
  LimitExceededError,
  OverflowError,
  StreamClosedError,
} from '../kernel/errors.js';
export { adapt, type AdaptedModule } from './adapt.js';
export { call, startCall } from './call.js';
export {
  events,
  type Emitted,
  type EventArgs,
  type EventName,
  type EventOf,
  type EventsOptions,
} from './events.js';
export { Inbox, type InboxOptions, type InboxSource, type Overflow } from './inbox.js';
export type { Adapted, Answer, Argument, Callback, Declared, Resolved, Shaped } from './signature.js';
export type { Delimiter } from './delimiters.js';
export { Lines, type LineEncoding } from './lines.js';
export type { Data, Piece } from './outgoing.js';
export {
  ByteStream,
  type ByteStreamOptions,
  type FrameOptions,
  type LinesOptions,
  type ReadUntilOptions,
} from './stream.js';
export { lines, FileLines } from './fs/lines.js';
export type { FileLinesOptions } from './fs/line-cutter.js';
export type { Path } from './fs/path.js';
