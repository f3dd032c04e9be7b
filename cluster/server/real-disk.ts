// The disk of the machine this program runs on. Positions are kept here, so that every append is one positioned write.

import { constants, type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import type { Disk, DiskFile } from './host.ts';

export const realDisk: Disk = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },
  async exists(path) {
    try {
      await stat(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  },
  async open(path) {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    return new RealFile(handle, (await handle.stat()).size);
  },
  async rename(from, to) {
    await rename(from, to);
  },
  async syncDirectory(path) {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

class RealFile implements DiskFile {
  readonly #handle: FileHandle;
  #size: number;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  async read(): Promise<Buffer> {
    const bytes = Buffer.alloc(this.#size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) throw new Error(`ended after ${filled} of ${bytes.length} bytes`);
      filled += bytesRead;
    }
    return bytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const position = this.#size + written;
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, position);
      written += bytesWritten;
    }
    this.#size += bytes.length;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async truncate(size: number): Promise<void> {
    await this.#handle.truncate(size);
    this.#size = size;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
