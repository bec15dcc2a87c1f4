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
export type { Data, Piece } from './data.js';
export type { Delimiter } from './delimiters.js';
export {
  delimited,
  lengthPrefixed,
  type DelimitedOptions,
  type Framing,
  type LengthPrefixedOptions,
} from './framing.js';
export { Readings, type LineEncoding } from './lines.js';
export type { ByteStreamOptions, NodeStream } from './node-stream.js';
export type { PipeToOptions } from './pipe-to.js';
export type { FrameOptions, LinesOptions, ReadUntilOptions, TextOptions } from './reads.js';
export { ByteStream } from './stream.js';
export type { TextEncoding } from './text.js';
export { chunks, FileChunks } from './fs/chunks.js';
export { brotli, gunzip, gzip, unbrotli } from './fs/compress.js';
export { File, open, type OpenFlags, type OpenOptions, type PlaceOptions } from './fs/file.js';
export type { FileLinesOptions } from './fs/line-cutter.js';
export { FileLines, lines } from './fs/lines.js';
export type { Path } from './fs/path.js';
export { splitLines } from './fs/split-lines.js';
export {
  TemporaryDirectory,
  temporaryDirectory,
  temporaryFile,
  type TemporaryOptions,
} from './fs/temporary.js';
export { walk, Walk, type Entry, type WalkOptions } from './fs/walk.js';
export { watch, type Change, type WatchOptions } from './fs/watch.js';
export {
  appendFile,
  copyFile,
  readFile,
  writeFile,
  type ReadFileOptions,
  type WriteFileOptions,
} from './fs/whole.js';
export {
  lookup,
  resolve,
  reverse,
  type HostAddress,
  type LookupOptions,
  type Records,
  type ResolveOptions,
} from './dns.js';
export { signals, type SignalName } from './signals.js';
export type { Address, InternetAddress, PipeAddress } from './address.js';
export { Connection, type SocketOptions } from './connection.js';
export { Listener, type CloseOptions, type ListenOptions } from './listener.js';
export type { Handler, ServeOptions } from './service.js';
export * as pipe from './pipe.js';
export * as tcp from './tcp.js';
export * as tls from './tls.js';
export * as udp from './udp.js';
export { execFile, type ExecFileOptions, type Output } from './exec-file.js';
export { ChildProcess, startProcess, type Exit, type ProcessOptions, type Stdio } from './process.js';
export { ProcessError } from '../kernel/errors.js';
export type { HttpBody } from './http-body.js';
export { HttpClient, request, type HttpClientOptions, type RequestOptions } from './http-client.js';
export {
  HttpRequest,
  type ErrorHandler,
  type HttpHandler,
  type HttpReply,
  type Reply,
} from './http-exchange.js';
export { HttpResponse } from './http-response.js';
export { HttpServer, serveHttp, type ServeHttpOptions } from './http-server.js';
export { rawMode, stderr, stdin, stdout, terminalSize, terminalSizes, type TerminalSize } from './tty.js';
