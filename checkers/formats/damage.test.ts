import { Buffer, isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History } from '../history.ts';
import { HistoryFileError, type LoadedHistory, parseHistory, readHistory } from '../history-file.ts';
import { writtenFormats } from './format.ts';
import { histories } from './history.fixture.ts';
import { writeHistory } from './write-history.ts';

type Format = (typeof writtenFormats)[number] | 'jepsen-log';

const log = [
  'INFO  jepsen.util - 0\t:invoke\t:write\t3',
  'INFO  jepsen.util - 1\t:invoke\t:read\tnil',
  'INFO  jepsen.util - 0\t:ok\t:write\t3',
  'INFO  jepsen.util - 1\t:ok\t:read\t3',
  'INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]',
  'INFO  jepsen.util - 1\t:info\t:cas\t:timed-out',
].join('\n');

function written(history: History, format: Format): Buffer {
  return Buffer.from(format === 'jepsen-log' ? log : [...writeHistory(history, format)].join(''));
}

type Mutation = (bytes: Buffer) => Buffer;

/** For each format; FAULTLINE_LONG is for whoever has the time. */
const cases = process.env['FAULTLINE_LONG'] === undefined ? 800 : 25_000;

function splice(
  change: (bytes: Buffer, at: number) => readonly (Uint8Array | string)[],
): fc.Arbitrary<Mutation> {
  return fc.nat().map(
    (place): Mutation =>
      (bytes) =>
        Buffer.concat(
          change(bytes, place % (bytes.length + 1)).map((part) => Buffer.from(part as Uint8Array)),
        ),
  );
}

function insert(...texts: string[]): fc.Arbitrary<Mutation> {
  return fc
    .constantFrom(...texts)
    .chain((text) => splice((bytes, at) => [bytes.subarray(0, at), text, bytes.subarray(at)]));
}

function lines(change: (all: string[], at: number) => string[]): fc.Arbitrary<Mutation> {
  return fc.nat().map((place) => (bytes) => {
    const all = bytes.toString('latin1').split('\n');
    return Buffer.from(change(all, place % all.length).join('\n'), 'latin1');
  });
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  splice((bytes, at) => [bytes.subarray(0, at)]),
  splice((bytes, at) => [bytes.subarray(at)]),
  splice((bytes, at) => [bytes.subarray(0, at), bytes.subarray(at + 1)]),
  fc.tuple(fc.nat(), fc.nat(7)).map(
    ([place, bit]): Mutation =>
      (bytes) => {
        const flipped = Buffer.from(bytes);
        const at = place % Math.max(1, flipped.length);
        if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        return flipped;
      },
  ),
  insert(
    '[',
    '{',
    '}',
    ']',
    '"',
    '\\',
    '#',
    '#_',
    '##',
    ':',
    ';',
    'nil',
    'N',
    '-',
    '9'.repeat(400),
    '1e999',
    '\n',
    '\u0000',
  ),
  insert('['.repeat(2000), '{:a '.repeat(2000), '{"a":'.repeat(2000), '#_'.repeat(2000)),
  lines((all, at) => [...all.slice(0, at), all[at] ?? '', ...all.slice(at)]),
  lines((all, at) => all.toSpliced(at, 1)),
  lines((all, at) => all.toSpliced(at, 2, all[at + 1] ?? '', all[at] ?? '')),
);

const formats: readonly Format[] = [...writtenFormats, 'jepsen-log'];

describe.each(formats)('damaged files: as %s', (format) => {
  it('a file is a history or refused in one line with its place, and never anything else', {
    timeout: cases * 300,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(false),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (history, mutations) => {
          const damaged = mutations.reduce((bytes, mutate) => mutate(bytes), written(history, format));
          const outcome = await readHistory([damaged], 'h').catch((error: unknown) => error);
          if (outcome instanceof HistoryFileError)
            expect(outcome.message).toMatch(/^h(:\d+){0,2}: [^\n\r]+$/);
          else expect(outcome).toHaveProperty('history.length');
        },
      ),
      { numRuns: cases },
    );
  });
});

it('JSON lines are read from bytes as they are from text, whatever is in them', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories(false),
      fc.array(mutation, { maxLength: 2 }),
      fc.constantFrom(1, 2),
      async (history, mutations, spaces) => {
        const lines = written(history, 'jsonl').toString();
        const spaced = spaces === 1 ? lines : lines.replaceAll(/("[a-z]+"):/g, '$1: ');
        const bytes = mutations.reduce<Buffer>((all, mutate) => mutate(all), Buffer.from(spaced));
        if (!isUtf8(bytes)) return;
        const told = (read: () => Promise<LoadedHistory>) =>
          read().then(
            ({ history: { length }, history: ops, truncated }) => ({ length, ops: [...ops], truncated }),
            (error: Error) => error.message,
          );
        const fromText = await told(async () => parseHistory(bytes.toString(), 'h', { format: 'jsonl' }));
        expect(await told(() => readHistory([bytes], 'h', { format: 'jsonl' }))).toEqual(fromText);
      },
    ),
    { numRuns: cases / 2 },
  );
});

/** What is in a value of an op, in each format. */
const ops: Readonly<Record<Format, (value: string) => string>> = {
  jsonl: (value) => `{"type":"invoke","process":0,"f":"write","time":0,"value":${value}}\n`,
  edn: (value) => `[{:type :invoke, :process 0, :f :write, :value ${value}}]\n`,
  json: (value) => `[{"type":"invoke","process":0,"f":"write","value":${value}}]\n`,
  'jepsen-log': (value) => `INFO  jepsen.util - 0 :invoke :write ${value}\n`,
};

describe.each(formats)('what must be refused: as %s', (format) => {
  it.each([
    [
      'a million brackets',
      '['.repeat(1_000_000),
      /nested deeper than 10\d levels|the rest of what began at line 1, column 2/,
    ],
    [
      'a million brackets that are closed',
      '['.repeat(400_000) + ']'.repeat(400_000),
      /nested deeper than 10\d levels/,
    ],
    ['a gigantic number', '9'.repeat(500_000), /9{40}… (would lose digits|is too large)/],
    [
      'an integer that would lose digits',
      '9007199254740993',
      /9007199254740993 would lose digits; allowed: up to 2\^53 - 1/,
    ],
    ['an infinite double', '1.5e999', /1\.5e999 is too large/],
    ['half a string', '"x', /^h:\d/],
  ])('%s', (_, value, message) => {
    expect(() => parseHistory(ops[format](value), 'h')).toThrow(HistoryFileError);
    expect(() => parseHistory(ops[format](value), 'h')).toThrow(message);
  });
});

it('a name that breaks lines does not break the line of the error', () => {
  const text = '[{:type :ok, :process 0, :f "two\\nlines\\u001b[2J", :value 1}]';
  expect(() => parseHistory(text, 'h', { format: 'edn' })).toThrow(
    /^h:1:\d+: process 0 completes two\\u000alines\\u001b\[2J without an invocation[^\n]*$/,
  );
});
