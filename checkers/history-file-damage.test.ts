import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { History, type NewOp } from './history.ts';
import { HistoryFileError, parseHistory, readHistory } from './history-file.ts';
import type { Json } from './json.ts';
import { isOpField } from './op-fields.ts';
import { formatOp } from './op-line.ts';

// Written as JSON, zero has no sign: -0 is drawn as 0.
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('__proto__', 'k', 'read', '\u2028'),
);
const ext = fc.dictionary(
  text.filter((name) => !isOpField(name)),
  json,
  { minKeys: 1, maxKeys: 3 },
);

/** What one step of the recording holds, whether or not a process is free for it. */
const step = fc.record(
  {
    thread: fc.integer({ min: 0, max: 3 }),
    type: fc.constantFrom('ok', 'fail', 'info'),
    gap: fc.nat(1000),
    f: text,
    key: text,
    value: json,
    node: text,
    error: fc.record({ code: text, message: text }, { requiredKeys: ['code'] }),
    found: fc.record({ value: json }, { requiredKeys: [] }),
    ext,
  },
  { requiredKeys: ['thread', 'type', 'gap', 'f'] },
);

/** Any history that keeps the rules: a thread that is free invokes, one that is not completes; thread 3 is the nemesis. */
const histories = fc.array(step, { minLength: 1, maxLength: 30 }).map((steps): History => {
  const process: (number | 'nemesis')[] = [0, 1, 2, 'nemesis'];
  const open = new Map<number | 'nemesis', NewOp>();
  let time = 0;
  return History.of(
    steps.map(({ thread, gap, type, key, ...fields }) => {
      time += gap;
      const id = process[thread] ?? 'nemesis';
      const begun = open.get(id);
      if (begun === undefined) {
        const op: NewOp = {
          ...fields,
          ...(key === undefined ? {} : { key }),
          type: 'invoke',
          process: id,
          time,
        };
        open.set(id, op);
        return op;
      }
      open.delete(id);
      if (type === 'info' && id !== 'nemesis') process[thread] = id + 4;
      return {
        ...fields,
        type,
        process: id,
        time,
        f: begun.f,
        ...(begun.key === undefined ? {} : { key: begun.key }),
      };
    }),
  );
});

function written(history: History): string {
  return [...history].map((op) => `${formatOp(op)}\n`).join('');
}

it('what is written reads back as the same history, foreign fields included', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const back = parseHistory(written(history), 'h.jsonl');
      expect(back.truncated).toBeUndefined();
      expect([...back.history]).toEqual([...history]);
      expect(back.history.operations()).toEqual(history.operations());
      expect(written(back.history)).toBe(written(history));
    }),
    { numRuns: 100 },
  );
});

type Mutation = (bytes: Buffer) => Buffer;

function lineMutation(change: (lines: string[], at: number) => string[]): fc.Arbitrary<Mutation> {
  return fc.nat().map((place) => (bytes) => {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.from(change(lines, place % lines.length).join('\n'), 'latin1');
  });
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.nat().map(
    (place): Mutation =>
      (bytes) =>
        bytes.subarray(0, place % (bytes.length + 1)),
  ),
  fc.nat().map(
    (place): Mutation =>
      (bytes) =>
        bytes.subarray(place % (bytes.length + 1)),
  ),
  fc.tuple(fc.nat(), fc.nat(7)).map(
    ([place, bit]): Mutation =>
      (bytes) => {
        const flipped = Buffer.from(bytes);
        if (flipped.length > 0)
          flipped[place % flipped.length] = (flipped[place % flipped.length] ?? 0) ^ (1 << bit);
        return flipped;
      },
  ),
  lineMutation((lines, at) => [...lines.slice(0, at), lines[at] ?? '', ...lines.slice(at)]),
  lineMutation((lines, at) => lines.toSpliced(at, 1)),
  lineMutation((lines, at) => lines.toSpliced(at, 2, lines[at + 1] ?? '', lines[at] ?? '')),
);

it('a damaged file is a history or refused in one line, and never anything else', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (history, mutations) => {
        const damaged = mutations.reduce<Buffer>(
          (bytes, mutate) => mutate(bytes),
          Buffer.from(written(history)),
        );
        const outcome = await readHistory([damaged], 'h.jsonl').catch((error: unknown) => error);
        if (!(outcome instanceof HistoryFileError)) {
          expect(outcome).toHaveProperty('history');
          return;
        }
        expect(outcome.message).toMatch(/^h\.jsonl(:\d+){0,2}: [^\n\r]+$/);
      },
    ),
    { numRuns: 300 },
  );
});
