import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEdn } from '../edn/read-edn.ts';
import { canonicalEdn } from '../edn/write-edn.ts';
import type { History } from '../history.ts';
import { parseHistory, readAnyHistory } from '../history-file.ts';
import { canonicalJson } from '../json.ts';
import { ednOfJson, jsonOfEdn } from './edn-json.ts';
import { writtenFormats } from './format.ts';
import { histories, json } from './history.fixture.ts';
import { keyOf, keyText } from './key-text.ts';
import { writeHistory } from './write-history.ts';

async function there(history: History, format: (typeof writtenFormats)[number]): Promise<History> {
  const text = [...writeHistory(history, format)].join('');
  const loaded = await readAnyHistory([Buffer.from(text)], 'h');
  expect(loaded.format).toBe(format);
  return loaded.history;
}

describe.each(writtenFormats)('G19: a history written as %s', (format) => {
  it.each([true, false])('reads back equal, without being told how (keys throughout: %s)', async (keyed) => {
    await fc.assert(
      fc.asyncProperty(histories(keyed), async (history) => {
        const back = await there(history, format);
        expect([...back]).toEqual([...history]);
      }),
      { numRuns: 150 },
    );
  });
});

it('any JSON value comes back through EDN, as a value and as a key', () => {
  fc.assert(
    fc.property(json, (value) => {
      const form = ednOfJson(value);
      expect(canonicalJson(jsonOfEdn(form))).toBe(canonicalJson(value));
      if (value !== null) expect(canonicalJson(keyOf(keyText(value)))).toBe(canonicalJson(value));
    }),
    { numRuns: 1000 },
  );
});

it.each(['1e999', '-0', '[1e999]', '['.repeat(5000) + ']'.repeat(5000), 'null'])(
  'the text %.20s is its own key',
  (text) => {
    expect(keyOf(text)).toBe(text);
    expect(keyText(text)).toBe(text);
  },
);

it('any text is the text of one key', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), json.map(canonicalJson)), (text) => keyText(keyOf(text)) === text),
    {
      numRuns: 1000,
    },
  );
});

it.each([
  '3.0',
  '#{3 1 2}',
  '{0 100, 1 0}',
  '{:a 1, "b" #{:x}}',
  '[:isolated {"n1" #{"n2" "n3"}}]',
  '1/2',
  '1.50M',
  String.raw`\a`,
  '##Inf',
  'sym',
  '#inst "2020-01-01"',
  '#error {:cause "x", :via [{:type a.B}]}',
  '":looks-like-a-keyword"',
  '{"edn/set" [1]}',
  '{:faultline/json "not ours"}',
  '(1 (2 nil))',
])('the EDN form %s comes back through JSON', (text) => {
  const [form] = readEdn(text);
  expect(canonicalEdn(ednOfJson(jsonOfEdn(form ?? null)))).toBe(canonicalEdn(form ?? null));
});

it('a history of Jepsen comes back from ours with every field', () => {
  const text = [
    '{:index 0, :time 5, :type :invoke, :process 0, :f :write, :value [7 3]}',
    '{:index 1, :time 6, :type :info, :process :nemesis, :f :start-partition, :value :majority}',
    '{:index 2, :time 7, :type :info, :process :clock-watch, :f :check, :value nil, :clock-offsets {"n1" 0.5}}',
    '{:index 3, :time 8, :type :info, :process 0, :f :write, :value [7 3], :error [:no-client "x"], :exception {:via [{:type a.B}]}}',
    '{:index 4, :time 9, :type :invoke, :process 1, :f :read, :value [7 nil], "odd" 1}',
    '{:index 5, :time 9, :type :fail, :process 1, :f :read, :value [7 nil], :error {:a 1}}',
  ];
  const { history } = parseHistory(text.join('\n'), 'h.edn');
  const back = [
    ...writeHistory(parseHistory([...writeHistory(history, 'jsonl')].join(''), 'h').history, 'edn'),
  ];
  for (const [at, line] of text.entries()) {
    const added = at === 0 ? line.replace(/}$/, ', :faultline/keyed true}') : line;
    expect(canonicalEdn(readEdn(back[at] ?? '')[0] ?? null)).toBe(canonicalEdn(readEdn(added)[0] ?? null));
  }
});
