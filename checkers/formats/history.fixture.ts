// Random histories that keep all rules, for tests of files and formats.

import * as fc from 'fast-check';
import { History, type NewOp } from '../history.ts';
import type { Json } from '../json.ts';
import { isOpField } from '../op-fields.ts';

// Written as JSON, zero has no sign: -0 is drawn as 0.
const plain = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** Near misses of what the formats give a meaning of its own. */
const odd = fc.constantFrom<Json[]>(
  ':read',
  ':',
  '::a',
  ':a/b',
  1e21,
  -5,
  [1, 2],
  [null, 3],
  { 'edn/set': [2, 1] },
  { 'edn/set': [1, 2] },
  { 'edn/keyword': 'a' },
  { 'edn/double': '3.0' },
  { 'edn/double': '3' },
  { 'edn/map': [[1, 2]] },
  { 'edn/string': ':a' },
  { ':a': 1, b: 2 },
  { ':faultline/json': '1' },
  { ':faultline/null': true },
  { ':faultline/null': [1] },
  [[':append', 1, 2]],
  [['append', 1, 2]],
);
export const json: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: plain, weight: 3 },
  { arbitrary: odd, weight: 2 },
);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '__proto__',
    'k',
    'read',
    'txn',
    '\u2028',
    '3',
    '"3"',
    ':k',
    '[1,2]',
    'nil',
    'null',
    'timeout',
  ),
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

/**
 * A thread that is free invokes, one that is not completes; thread 3 is the nemesis. When `keyed`, every client's op has
 * a key.
 */
export function histories(keyed: boolean): fc.Arbitrary<History> {
  return fc.array(step, { minLength: 1, maxLength: 30 }).map((steps): History => {
    const process: (number | 'nemesis')[] = [0, 1, 2, 'nemesis'];
    const open = new Map<number | 'nemesis', NewOp>();
    let time = 0;
    return History.of(
      steps.map(({ thread, gap, type, key: drawn, ...fields }) => {
        time += gap;
        const id = process[thread] ?? 'nemesis';
        const key = drawn ?? (keyed ? 'k' : undefined);
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
        const both = { f: begun.f, ...(begun.key === undefined ? {} : { key: begun.key }) };
        return { ...fields, type, process: id, time, ...both };
      }),
    );
  });
}
