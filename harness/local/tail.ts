// The end of a log, for messages that must say why something ended.

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

const tailBytes = 2_000;

/** The last characters of what was written after the first `start` bytes; nothing where there is no file any more. */
export function tail(file: string, start: number): string {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(start, size - tailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    readSync(descriptor, buffer, 0, buffer.length, from);
    return buffer.toString('utf8').trimEnd();
  } finally {
    closeSync(descriptor);
  }
}
