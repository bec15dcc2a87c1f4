import { fileURLToPath } from 'node:url';
import { show } from '../../kernel/options.js';

/** Where a file is: as text, or as a `file:` URL. */
export type Path = string | URL;

/** `path` as text. */
export function pathOf(path: unknown, where: string): string {
  if (typeof path === 'string') return path;
  if (path instanceof URL) return fileURLToPath(path);
  throw new TypeError(`${where}: path must be a string or a URL, not ${show(path)}`);
}
