import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Disk, DiskFile } from './host.ts';
import { realDisk } from './real-disk.ts';
import { type Recovered, WriteAheadLog } from './wal.ts';
import { type Batch, encodeRecord, logHeader } from './wal-record.ts';

const batches: readonly Batch[] = [
  { hardState: { term: 1, votedFor: 'n1' }, append: [] },
  { append: [{ index: 1, term: 1, data: '' }] },
  {
    hardState: { term: 2, votedFor: null },
    append: [
      { index: 2, term: 1, data: 'Zürich — 東京' },
      { index: 3, term: 2, data: '{"op":"write","key":"a","value":1}' },
    ],
  },
  { truncateFrom: 3, append: [{ index: 3, term: 3, data: 'x' }] },
  { hardState: { term: 3, votedFor: 'n2' }, append: [{ index: 4, term: 3, data: 'last' }] },
];

/** The state after the first `count` batches, made the obvious way. */
function stateAfter(count: number): Pick<Recovered, 'hardState' | 'entries'> {
  let hardState: Recovered['hardState'] = { term: 0, votedFor: null };
  let entries: Recovered['entries'] = [];
  for (const { hardState: next, truncateFrom = Infinity, append } of batches.slice(0, count)) {
    hardState = next ?? hardState;
    entries = [...entries.filter(({ index }) => index < truncateFrom), ...append];
  }
  return { hardState, entries };
}

/** Where each of the records ends; the first number is the end of the header. */
function ends(): readonly number[] {
  const result = [logHeader().length];
  for (const batch of batches)
    result.push((result.at(-1) ?? 0) + encodeRecord(batch, result.at(-1) ?? 0).length);
  return result;
}

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'faultline-wal-'));
  path = join(directory, 'raft.log');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function writeAll(): Promise<Buffer> {
  const { log } = await WriteAheadLog.open(realDisk, directory);
  for (const batch of batches) await log.persist(batch);
  await log.close();
  return readFile(path);
}

async function recover(bytes: Buffer): Promise<Pick<Recovered, 'hardState' | 'entries' | 'tornBytes'>> {
  const disk = new MemoryDisk();
  await (await disk.open(path)).append(bytes);
  const { hardState, entries, tornBytes } = await WriteAheadLog.open(disk, directory);
  return { hardState, entries, tornBytes };
}

describe('the write-ahead log', () => {
  test('a new log is empty', async () => {
    const { log, hardState, entries } = await WriteAheadLog.open(realDisk, directory);
    await log.close();
    expect({ hardState, entries }).toEqual({ hardState: { term: 0, votedFor: null }, entries: [] });
  });

  test('what was persisted is there after opening it again, and more can follow', async () => {
    await writeAll();
    const again = await WriteAheadLog.open(realDisk, directory);
    expect(again).toMatchObject({ ...stateAfter(batches.length), tornBytes: 0 });
    await again.log.persist({ truncateFrom: 2, append: [{ index: 2, term: 9, data: 'new' }] });
    await again.log.close();
    const { entries } = await recover(await readFile(path));
    expect(entries).toEqual([
      { index: 1, term: 1, data: '' },
      { index: 2, term: 9, data: 'new' },
    ]);
  });

  test('cut at every byte, it has every batch that lies before the cut and nothing else', async () => {
    const whole = await writeAll();
    const boundaries = ends();
    expect(boundaries.at(-1)).toBe(whole.length);
    for (let size = logHeader().length; size <= whole.length; size += 1) {
      const complete = boundaries.filter((end) => end <= size).length - 1;
      const tornBytes = size - (boundaries[complete] ?? 0);
      expect(await recover(whole.subarray(0, size)), `cut at ${size}`).toEqual({
        ...stateAfter(complete),
        tornBytes,
      });
    }
  });

  test('after a torn tail was cut off, the next batch is found behind what was left', async () => {
    const whole = await writeAll();
    await writeFile(path, whole.subarray(0, whole.length - 3));
    const { log, tornBytes } = await WriteAheadLog.open(realDisk, directory);
    expect(tornBytes).toBeGreaterThan(0);
    await log.persist({ append: [{ index: 4, term: 4, data: 'instead' }] });
    await log.close();
    const { entries } = await recover(await readFile(path));
    expect(entries.at(-1)).toEqual({ index: 4, term: 4, data: 'instead' });
  });

  test('a last record of which a disk sector never arrived is a torn tail', async () => {
    const whole = await writeAll();
    const start = ends().at(-2) ?? 0;
    for (const [from, to] of [
      [start, start + 8],
      [start + 8, start + 24],
      [start, whole.length],
    ] as const) {
      const torn = Buffer.from(whole).fill(0, from, to);
      expect(await recover(torn)).toMatchObject({ ...stateAfter(batches.length - 1) });
    }
  });

  test('with any byte before the last record changed, it is refused with the place of the damage', async () => {
    const whole = await writeAll();
    const boundaries = ends();
    for (let position = 0; position < (boundaries.at(-2) ?? 0); position += 1) {
      const damaged = Buffer.from(whole);
      damaged[position] = (damaged[position] ?? 0) ^ (1 << (position % 8));
      const record = boundaries.findLast((end) => end <= position) ?? 0;
      await expect(recover(damaged), `byte ${position} changed`).rejects.toThrow(
        `${path}: damaged at byte ${record}: `,
      );
    }
  });

  test('a refused log stays as it was', async () => {
    const damaged = (await writeAll()).fill(0, 40, 48);
    await writeFile(path, damaged);
    await expect(WriteAheadLog.open(realDisk, directory)).rejects.toThrow('damaged at byte');
    expect(await readFile(path)).toEqual(damaged);
  });

  test('a record at another place than it was written for is refused', async () => {
    const whole = await writeAll();
    const [header = 0, first = 0, second = 0] = ends();
    const doubled = Buffer.concat([
      whole.subarray(0, first),
      whole.subarray(header, first),
      whole.subarray(first),
    ]);
    expect(second).toBeGreaterThan(first);
    await expect(recover(doubled)).rejects.toThrow(`damaged at byte ${first}`);
  });

  test('a file without a whole header is refused, since a lost log must not pass for a new one', async () => {
    for (const size of [0, 1, logHeader().length - 1]) {
      await expect(recover(logHeader().subarray(0, size))).rejects.toThrow('damaged at byte 0');
    }
  });
});

describe('the write-ahead log on a disk that fails or loses power', () => {
  test('a failed sync is final: nothing is written any more', async () => {
    const disk = new MemoryDisk();
    const { log } = await WriteAheadLog.open(disk, '/data/n1');
    disk.failure = 'EIO: i/o error';
    await expect(log.persist({ append: [] })).rejects.toThrow('/data/n1/raft.log: EIO: i/o error');
    disk.failure = undefined;
    await expect(log.persist({ append: [] })).rejects.toThrow('after a failure');
  });

  test('every batch is durable when persist resolves, from the first on, its names in directories too', async () => {
    const disk = new MemoryDisk();
    const { log } = await WriteAheadLog.open(disk, '/data/n1');
    for (const [position, batch] of batches.entries()) {
      await log.persist(batch);
      const { hardState, entries } = await WriteAheadLog.open(disk.afterPowerLoss(), '/data/n1');
      expect({ hardState, entries }).toEqual(stateAfter(position + 1));
    }
  });

  test('a loss of power before the log has its name leaves nothing that hinders a new start', async () => {
    const disk = new MemoryDisk();
    disk.failure = 'power';
    await expect(WriteAheadLog.open(disk, '/data/n1')).rejects.toThrow('power');
    const after = disk.afterPowerLoss();
    const { entries } = await WriteAheadLog.open(after, '/data/n1');
    expect(entries).toEqual([]);
  });
});

/** Keeps what was synced apart from what was only written: bytes of files as well as names in directories. */
class MemoryDisk implements Disk {
  failure: string | undefined;
  #names = new Map<string, MemoryFile>();
  #syncedNames = new Map<string, MemoryFile>();

  afterPowerLoss(): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [path, file] of this.#syncedNames) {
      const copy = new MemoryFile(disk, file.synced);
      disk.#names.set(path, copy);
      disk.#syncedNames.set(path, copy);
    }
    return disk;
  }

  async makeDirectory(): Promise<void> {}

  async exists(path: string): Promise<boolean> {
    return this.#names.has(path);
  }

  async open(path: string): Promise<DiskFile> {
    const file = this.#names.get(path) ?? new MemoryFile(this, Buffer.alloc(0));
    this.#names.set(path, file);
    return file;
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.#names.get(from);
    if (file === undefined) throw new Error(`ENOENT: ${from}`);
    this.#names.delete(from);
    this.#names.set(to, file);
  }

  async syncDirectory(path: string): Promise<void> {
    for (const name of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      if (dirname(name) !== path) continue;
      const file = this.#names.get(name);
      if (file === undefined) this.#syncedNames.delete(name);
      else this.#syncedNames.set(name, file);
    }
  }
}

class MemoryFile implements DiskFile {
  readonly #disk: MemoryDisk;
  #bytes: Buffer;
  synced: Buffer;

  constructor(disk: MemoryDisk, bytes: Buffer) {
    this.#disk = disk;
    this.#bytes = bytes;
    this.synced = bytes;
  }

  async read(): Promise<Buffer> {
    return this.#bytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  async sync(): Promise<void> {
    if (this.#disk.failure !== undefined) throw new Error(this.#disk.failure);
    this.synced = this.#bytes;
  }

  async truncate(size: number): Promise<void> {
    this.#bytes = this.#bytes.subarray(0, size);
  }

  async close(): Promise<void> {}
}
