import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameDecoder, FrameError } from './frames.ts';

describe('frames', () => {
  test('whatever goes in comes out, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (payloads, cuts) => {
          const bytes = Buffer.concat(payloads.map((payload) => encodeFrame(payload)));
          const decoder = new FrameDecoder();
          const decoded: unknown[] = [];
          for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1;
            decoded.push(...decoder.push(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(decoded).toEqual(JSON.parse(JSON.stringify(payloads)));
        },
      ),
    );
  });

  test('garbage is a FrameError or waits for more, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new FrameDecoder().push(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  test('a length beyond the limit is refused before anything of it has come', () => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(101);
    expect(() => new FrameDecoder(100).push(head)).toThrow('a frame of 101 bytes, allowed are 1 to 100');
    expect(() => new FrameDecoder(100).push(Buffer.alloc(4))).toThrow('a frame of 0 bytes');
  });
});
