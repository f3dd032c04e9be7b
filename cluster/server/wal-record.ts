// The format of the write-ahead log, as pure functions on bytes.
//
// A log is an 8-byte header (magic and version) and records. A record is one batch of Raft's persist effects, all or
// nothing: length (u32 LE), CRC-32 (u32 LE), that many bytes of JSON, and zeros up to the next multiple of 8, so that
// no disk sector boundary ever divides a length from its checksum. The checksum begins with the record's own place in
// the file: bytes that got to the wrong place never pass.

import { crc32 } from 'node:zlib';
import type { Effects } from '../raft/messages.ts';

export type Batch = NonNullable<Effects['persist']>;

const magic = Buffer.from('FLTLOG\0\x01', 'latin1');
const headBytes = 8;
const alignment = 8;
/** More than any batch can be; a length beyond it is no length. */
const maxBodyBytes = 256 * 1024 * 1024;

export function logHeader(): Buffer {
  return Buffer.from(magic);
}

/** The record of this batch when it is written at `offset`, a multiple of 8. */
export function encodeRecord(batch: Batch, offset: number): Buffer {
  const body = Buffer.from(JSON.stringify(batch), 'utf8');
  if (body.length > maxBodyBytes) throw new RangeError(`a batch of ${body.length} bytes is too large to log`);
  const record = Buffer.alloc(aligned(headBytes + body.length));
  record.writeUInt32LE(body.length, 0);
  record.writeUInt32LE(checksum(offset, body), 4);
  body.copy(record, headBytes);
  return record;
}

/** What a log file holds. `end` is where the next record goes; bytes from there on are a torn tail. */
export interface LogContents {
  readonly batches: readonly Batch[];
  readonly end: number;
}

/** Damage that no interrupted write explains: acknowledged data are gone, and this node must not go on. */
export class LogCorruption extends Error {
  override name = 'LogCorruption';
  readonly offset: number;
  constructor(offset: number, what: string) {
    super(`damaged at byte ${offset}: ${what}`);
    this.offset = offset;
  }
}

/**
 * Reads a whole file. Only one write is ever unsynced, and it is one record, so an interrupted write can only have
 * left one bad record with nothing after it: that is a torn tail. A bad record is damage instead (LogCorruption) when
 * a good one follows anywhere behind it, or when its length says that it ends before the file does: the file grew
 * behind it only after it had been synced.
 */
export function readLog(file: Buffer): LogContents {
  if (file.length < magic.length || !file.subarray(0, magic.length).equals(magic)) {
    throw new LogCorruption(0, 'this is not the header of a log of this version');
  }
  const batches: Batch[] = [];
  let offset = magic.length;
  while (offset < file.length) {
    const record = recordAt(file, offset);
    if (record === undefined) {
      refuseUnlessTornTail(file, offset);
      break;
    }
    batches.push(parseBatch(record.body, offset));
    offset = record.end;
  }
  return { batches, end: offset };
}

function recordAt(file: Buffer, offset: number): { readonly body: Buffer; readonly end: number } | undefined {
  const length = plausibleLength(file, offset);
  if (length === undefined) return undefined;
  const end = aligned(offset + headBytes + length);
  if (end > file.length) return undefined;
  const body = file.subarray(offset + headBytes, offset + headBytes + length);
  if (file.readUInt32LE(offset + 4) !== checksum(offset, body)) return undefined;
  if (file.subarray(offset + headBytes + length, end).some((byte) => byte !== 0)) return undefined;
  return { body, end };
}

function plausibleLength(file: Buffer, offset: number): number | undefined {
  if (offset + headBytes > file.length) return undefined;
  const length = file.readUInt32LE(offset);
  return length === 0 || length > maxBodyBytes ? undefined : length;
}

function refuseUnlessTornTail(file: Buffer, offset: number): void {
  const length = plausibleLength(file, offset);
  if (length !== undefined && aligned(offset + headBytes + length) < file.length) {
    throw new LogCorruption(offset, 'a record fails its checksum, and the log goes on behind it');
  }
  for (let later = offset + alignment; later < file.length; later += alignment) {
    if (recordAt(file, later) !== undefined) {
      throw new LogCorruption(offset, `a record cannot be read, and a good one follows at byte ${later}`);
    }
  }
}

function parseBatch(body: Buffer, offset: number): Batch {
  try {
    return JSON.parse(body.toString('utf8')) as Batch;
  } catch {
    throw new LogCorruption(offset, 'a record passes its checksum but is no JSON');
  }
}

function aligned(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function checksum(offset: number, body: Buffer): number {
  const place = Buffer.alloc(12);
  place.writeBigUInt64LE(BigInt(offset), 0);
  place.writeUInt32LE(body.length, 8);
  return crc32(body, crc32(place));
}
