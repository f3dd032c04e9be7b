import { execa } from 'execa';
import { expect, it } from 'vitest';
import { tarball } from './tarball.ts';

const files = [
  { path: 'Dockerfile', content: Buffer.from('FROM scratch\n') },
  { path: 'program/empty.js', content: Buffer.alloc(0) },
  { path: 'program/block.js', content: Buffer.alloc(512, 'x') },
  { path: `program/${'deep/'.repeat(25)}é.js`, content: Buffer.from([0, 255, 10]) },
];

it('is what tar unpacks', async () => {
  const input = tarball(files);
  const { stdout } = await execa('tar', ['-tvf', '-'], { input });
  const lines = stdout.split('\n');
  expect(lines).toHaveLength(files.length);
  expect(lines.every((line) => line.startsWith('-rw-r--r-- 0/0'))).toBe(true);
  for (const { path, content } of files) {
    const unpacked = await execa('tar', ['-xOf', '-', path], {
      input,
      encoding: 'buffer',
      stripFinalNewline: false,
    });
    expect(Buffer.from(unpacked.stdout)).toEqual(content);
  }
});

it('is the same for the same files', () => {
  expect(tarball(files).equals(tarball(files))).toBe(true);
});

it('refuses a path that it cannot hold', () => {
  expect(() => tarball([{ path: 'x'.repeat(101), content: Buffer.alloc(0) }])).toThrow(/too long/);
});
