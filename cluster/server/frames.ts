// Length-prefixed frames on a byte stream: four bytes of length (big-endian), then that many bytes of JSON text.

/** Larger than any message a node sends; a length beyond it is garbage, and no memory is set aside for it. */
export const maxFrameBytes = 16 * 1024 * 1024;

export class FrameError extends Error {
  override name = 'FrameError';
}

export function encodeFrame(payload: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(payload), 'utf8');
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** Bytes in, however they were cut, parsed payloads out. After it has thrown it is of no use. */
export class FrameDecoder {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Length of the body that is being waited for; undefined before its head has come. */
  #wanted: number | undefined;

  constructor(limit: number = maxFrameBytes) {
    this.#limit = limit;
  }

  /** Throws FrameError on what is not a frame of JSON. */
  push(bytes: Buffer): unknown[] {
    this.#chunks.push(bytes);
    this.#buffered += bytes.length;
    const payloads: unknown[] = [];
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#buffered < 4) return payloads;
        this.#wanted = this.#checkedLength(this.#take(4).readUInt32BE(0));
      }
      if (this.#buffered < this.#wanted) return payloads;
      payloads.push(parse(this.#take(this.#wanted)));
      this.#wanted = undefined;
    }
  }

  #checkedLength(length: number): number {
    if (length === 0 || length > this.#limit) {
      throw new FrameError(`a frame of ${length} bytes, allowed are 1 to ${this.#limit}`);
    }
    return length;
  }

  #take(size: number): Buffer {
    const first = this.#chunks[0];
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#chunks = all.length === size ? [] : [all.subarray(size)];
    this.#buffered -= size;
    return all.subarray(0, size);
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new FrameError('a frame that is no JSON');
  }
}
