// Files in memory as a tar archive (POSIX ustar), which is how a build's context is sent. Nothing that is not content
// gets into it: no dates, no owners, no modes of this machine.

export interface PackedFile {
  /** With slashes; up to 255 bytes, its last part up to 100. */
  readonly path: string;
  readonly content: Buffer;
}

const blockBytes = 512;

/** Throws an Error for a path that the format cannot hold. */
export function tarball(files: readonly PackedFile[]): Buffer {
  const parts = files.flatMap(({ path, content }) => [
    header(path, content.length),
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

/** A file that everybody may read; the folders above it are made when it is unpacked. */
function header(path: string, bytes: number): Buffer {
  const { name, prefix } = split(path);
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  // The sum is taken with blanks in its own place.
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`the path is too long for a tar archive: ${path}`);
}
