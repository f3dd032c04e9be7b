// `faultline convert`: a history in another format, written whole or not at all.

import { once } from 'node:events';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import type { WrittenFormat } from '../../checkers/formats/format.ts';
import type { LoadedHistory } from '../../checkers/formats/loaded-history.ts';
import { writeHistory } from '../../checkers/formats/write-history.ts';
import { readAnyHistory, readAnyHistoryFile } from '../../checkers/history-file.ts';
import { UsageError } from '../errors.ts';
import type { ConvertArguments } from './check-arguments.ts';
import { exitCodes } from './exit-codes.ts';

const chunkCharacters = 1024 * 1024;

export async function convertCommand(args: ConvertArguments): Promise<number> {
  const { in: from, out, to, force } = args;
  if (out !== '-' && !force && (await exists(out))) throw taken(out);
  const loaded =
    from === '-' ? await readAnyHistory(process.stdin, 'stdin', args) : await readAnyHistoryFile(from, args);
  tellNotes(from, loaded, to);
  const chunks = inChunks(writeHistory(loaded.history, to));
  if (out === '-') await print(chunks);
  else await writeFile(out, chunks, force);
  return exitCodes.valid;
}

/** A doubt is no obstacle to a format that keeps it; ours would be judged as it stands. */
function tellNotes(from: string, { notes, truncated, doubt }: LoadedHistory, to: WrittenFormat): void {
  if (doubt !== undefined && to === 'jsonl') throw doubt;
  for (const note of notes) process.stderr.write(`${from}: ${note}\n`);
  if (doubt !== undefined) process.stderr.write(`${doubt.message}\n`);
  if (truncated !== undefined) {
    process.stderr.write(`${from}:${truncated.line}: the last line is cut off and was left out\n`);
  }
}

function* inChunks(parts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const part of parts) {
    chunk += part;
    if (chunk.length < chunkCharacters) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

async function print(chunks: Iterable<string>): Promise<void> {
  for (const chunk of chunks) if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}

/** Beside its place first: whoever looks there finds the whole file or none. */
async function writeFile(path: string, chunks: Iterable<string>, force: boolean): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await using file = await open(part, 'wx');
    for (const chunk of chunks) await file.appendFile(chunk);
    await file.sync();
    if (force) await rename(part, path);
    else await link(part, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(path);
    if (code !== undefined) throw new UsageError(`${path}: cannot be written: ${message}`);
    throw error;
  } finally {
    await rm(part, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function taken(path: string): UsageError {
  return new UsageError(`${path}: is there already; give another name, or --force to overwrite it`);
}
