import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

/** The lines of the bytes when they come in chunks of these sizes, the rest at the end. */
function split(bytes: Uint8Array, sizes: readonly number[]): unknown[] {
  const splitter = new LineSplitter(1000);
  const lines: unknown[] = [];
  let at = 0;
  for (const size of sizes) {
    lines.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  lines.push(...splitter.push(bytes.subarray(at)));
  return [...lines, splitter.end()];
}

describe('LineSplitter', () => {
  it('gives the same lines wherever the chunks end, in the middle of a character too', () => {
    const text = 'é€😀\n\nline\r\nthe rest 😀';
    const sizes = fc.array(fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(sizes, (each) => {
        expect(split(Buffer.from(text), each)).toEqual(text.split('\n'));
      }),
    );
  });

  it('gives the bytes of a line that is not UTF-8, and the other lines as text', () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff, 0x41]), Buffer.from('\nb\n')]);
    expect(split(bytes, [])).toEqual(['a', Buffer.from([0xff, 0x41]), 'b', '']);
  });

  it('keeps its own copy of what it holds', () => {
    const splitter = new LineSplitter(10);
    const chunk = Buffer.from('ab');
    splitter.push(chunk);
    chunk.fill(0);
    expect(splitter.end()).toBe('ab');
  });

  it('says so when a line goes on for too long', () => {
    const splitter = new LineSplitter(3);
    splitter.push(Buffer.from('abc'));
    expect(splitter.overflowed).toBe(false);
    splitter.push(Buffer.from('d'));
    expect(splitter.overflowed).toBe(true);
  });
});
