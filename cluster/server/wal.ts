// The write-ahead log of one node: what Raft must not forget. Every batch is one write and one sync; it is done when
// `persist` resolves and not before. Group commit is the caller's: what comes while the disk is busy is the next batch.

import { dirname, join } from 'node:path';
import type { Entry, HardState } from '../raft/messages.ts';
import type { Disk, DiskFile } from './host.ts';
import { type Batch, encodeRecord, LogCorruption, logHeader, readLog } from './wal-record.ts';

/** The disk failed or its contents cannot be trusted: the node must end. Names the file. */
export class StorageError extends Error {
  override name = 'StorageError';
}

export interface Recovered {
  readonly log: WriteAheadLog;
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
  /** Bytes of an interrupted write that were cut off the end. */
  readonly tornBytes: number;
}

export class WriteAheadLog {
  readonly #file: DiskFile;
  readonly #path: string;
  #end: number;
  #writing = false;
  #broken = false;

  private constructor(file: DiskFile, path: string, end: number) {
    this.#file = file;
    this.#path = path;
    this.#end = end;
  }

  /** Opens the log in `directory`, or makes an empty one. Rejects with StorageError. */
  static async open(disk: Disk, directory: string): Promise<Recovered> {
    const path = join(directory, 'raft.log');
    try {
      if (!(await disk.exists(path))) await makeLog(disk, directory, path);
      const file = await disk.open(path);
      try {
        const { end, ...recovered } = await recover(file);
        return { log: new WriteAheadLog(file, path, end), ...recovered };
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      throw storageError(path, error);
    }
  }

  /**
   * Resolves when the batch is on stable storage. A disk error is final: after a failed sync nobody knows what the
   * disk holds, and a later sync that succeeds would not tell either, so every further call is refused.
   */
  async persist(batch: Batch): Promise<void> {
    if (this.#broken || this.#writing)
      throw new StorageError(`${this.#path}: written to after a failure or twice at once`);
    this.#writing = true;
    try {
      const record = encodeRecord(batch, this.#end);
      await this.#file.append(record);
      await this.#file.sync();
      this.#end += record.length;
    } catch (error) {
      this.#broken = true;
      throw storageError(this.#path, error);
    } finally {
      this.#writing = false;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * The header gets its name only when it is on disk, and the directory is synced with it. So a log without a whole
 * header was never made by an interrupted start, and a node never takes a lost log for a new one.
 */
async function makeLog(disk: Disk, directory: string, path: string): Promise<void> {
  await disk.makeDirectory(directory);
  await disk.syncDirectory(dirname(directory));
  const unfinished = `${path}.new`;
  const file = await disk.open(unfinished);
  await file.truncate(0);
  await file.append(logHeader());
  await file.sync();
  await file.close();
  await disk.rename(unfinished, path);
  await disk.syncDirectory(directory);
}

/** Reads the log and cuts a torn tail off it. */
async function recover(file: DiskFile): Promise<Omit<Recovered, 'log'> & { readonly end: number }> {
  const bytes = await file.read();
  const { batches, end } = readLog(bytes);
  const state = replay(batches, end);
  if (end < bytes.length) {
    await file.truncate(end);
    await file.sync();
  }
  return { ...state, tornBytes: bytes.length - end, end };
}

function replay(batches: readonly Batch[], end: number): { hardState: HardState; entries: Entry[] } {
  let hardState: HardState = { term: 0, votedFor: null };
  const entries: Entry[] = [];
  for (const batch of batches) {
    if (batch.hardState !== undefined) hardState = batch.hardState;
    if (batch.truncateFrom !== undefined) entries.length = Math.min(entries.length, batch.truncateFrom - 1);
    for (const entry of batch.append) {
      if (entry.index !== entries.length + 1) {
        throw new LogCorruption(end, `entry ${entry.index} follows entry ${entries.length}`);
      }
      entries.push(entry);
    }
  }
  return { hardState, entries };
}

function storageError(path: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  return new StorageError(`${path}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
