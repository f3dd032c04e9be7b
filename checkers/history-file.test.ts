import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HistoryFileError, parseHistory, readHistory, readHistoryFile } from './history-file.ts';
import { formatOp } from './op-line.ts';
import { done, fault, invoke, scripted } from './scripted-history.fixture.ts';

const invocation = '{"index":0,"type":"invoke","process":0,"f":"write","key":"k","value":1,"time":10}';
const completion = '{"index":1,"type":"ok","process":0,"f":"write","key":"k","time":20}';

/** A line like `invocation` with other fields; undefined takes one away. */
function line(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...(JSON.parse(invocation) as object), ...fields });
}

function complaint(text: string): string {
  try {
    parseHistory(text, 'h.jsonl');
  } catch (error) {
    expect(error).toBeInstanceOf(HistoryFileError);
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-file-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('reading a history', () => {
  it('gives the ops, from text as from a file', async () => {
    const text = `${invocation}\n${completion}\n`;
    const { history, truncated } = parseHistory(text, 'h.jsonl');
    expect([...history].map(formatOp)).toEqual([invocation, completion]);
    expect(truncated).toBeUndefined();
    expect([...(await readHistoryFile(file('good.jsonl', text))).history]).toEqual([...history]);
  });

  it.each([
    ['a last line without newline', `${invocation}\n${completion}`],
    ['carriage returns', `${invocation}\r\n${completion}\r\n`],
    ['a byte order mark', `\ufeff${invocation}\n${completion}\n`],
    ['empty lines at the end', `${invocation}\n${completion}\n\n  \r\n\n`],
    ['no indices', `${line({ index: undefined })}\n${completion}\n`],
  ])('takes %s', async (name, text) => {
    expect(parseHistory(text, 'h.jsonl').history.length).toBe(2);
    const loaded = await readHistoryFile(file(`${name}.jsonl`, text));
    expect(loaded.history.partner(0)).toBe(1);
    expect(loaded.truncated).toBeUndefined();
  });

  it('keeps fields that are not ours, __proto__ among them, and writes them where they were', () => {
    const foreign =
      '{"index":0,"type":"invoke","process":0,"f":"read","time":1,"ext":[1],"__proto__":{"key":"x"},"note":null}';
    const op = parseHistory(foreign, 'h.jsonl').history.op(0);
    expect(Object.keys(op.ext ?? {})).toEqual(['ext', '__proto__', 'note']);
    expect(op.key).toBeUndefined();
    expect(formatOp(op)).toBe(foreign);
  });

  it('keeps a value with members of any name as it is', () => {
    const hostile =
      '{"index":0,"type":"invoke","process":0,"f":"write","value":{"__proto__":{"a":1},"constructor":2},"time":1}';
    expect(formatOp(parseHistory(hostile, 'h.jsonl').history.op(0))).toBe(hostile);
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  it('takes an error that is a bare string as its code', () => {
    const text = `${invocation}\n{"type":"info","process":0,"f":"write","key":"k","time":20,"error":"timeout"}\n`;
    expect(parseHistory(text, 'h.jsonl').history.error(1)).toEqual({ code: 'timeout' });
  });

  it('reads chunks that end anywhere', async () => {
    const bytes = Buffer.from(`${line({ key: '€😀', value: 'é' })}\n`);
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const { history } = await readHistory(chunks, 'h.jsonl');
    expect([history.key(0), history.value(0)]).toEqual(['€😀', 'é']);
  });
});

describe('a last line that was cut off', () => {
  it('pitfall 78: is tolerated and told, wherever it was cut', async () => {
    const whole = `${line({ value: 'é😀' })}\n`;
    const last = Buffer.from(
      '{"index":1,"type":"ok","process":0,"f":"write","key":"k","time":20,"note":"é😀"}',
    );
    for (let kept = 1; kept < last.length; kept++) {
      const bytes = Buffer.concat([Buffer.from(whole), last.subarray(0, kept)]);
      const { history, truncated } = await readHistory([bytes], 'h.jsonl');
      expect(history.length).toBe(1);
      expect(truncated).toEqual({ line: 2, text: last.subarray(0, kept).toString() });
    }
    expect((await readHistory([Buffer.from(whole), last], 'h.jsonl')).history.length).toBe(2);
  });

  it('is not tolerated when a newline ends it, or when it is all there is', () => {
    expect(complaint(`${invocation}\n{"index":1,\n`)).toMatch(
      /^h\.jsonl:2: not an op in JSON: at character 12,/,
    );
    expect(complaint('{"index":0,"ty')).toMatch(/^h\.jsonl:1: not an op in JSON/);
  });

  it('is no excuse for a whole line that is wrong', () => {
    expect(complaint(`${invocation}\n{"index":1}`)).toBe(
      'h.jsonl:2: type is missing; allowed: invoke, ok, fail, info',
    );
  });
});

describe('a malformed history is refused with file, line, what was found and what is allowed', () => {
  const object = 'one JSON object, an op, a line';
  const process = 'an integer from 0 to 2147483647, or "nemesis"';
  it.each<[string, string, string]>([
    [
      'not JSON',
      '{"index":0 "type"',
      'not an op in JSON: at character 12, found "\\"type\\""; allowed here: "," or "}"',
    ],
    ['a number', '7', `the line is a number; allowed: ${object}`],
    ['null', 'null', `the line is null; allowed: ${object}`],
    ['no type', line({ type: undefined }), 'type is missing; allowed: invoke, ok, fail, info'],
    ['an unknown type', line({ type: 'okay' }), 'type is "okay"; allowed: invoke, ok, fail, info'],
    ['no process', line({ process: undefined }), `process is missing; allowed: ${process}`],
    ['a negative process', line({ process: -1 }), `process is -1; allowed: ${process}`],
    ['a broken process', line({ process: 0.5 }), `process is 0.5; allowed: ${process}`],
    ['a process by name', line({ process: 'n1' }), `process is "n1"; allowed: ${process}`],
    ['no f', line({ f: undefined }), 'f is missing; allowed: a string'],
    ['an f of another kind', line({ f: 3 }), 'f is 3; allowed: a string'],
    [
      'no time',
      line({ time: undefined }),
      'time is missing; allowed: whole nanoseconds since the start, from 0',
    ],
    [
      'a time as text',
      line({ time: '1' }),
      'time is "1"; allowed: whole nanoseconds since the start, from 0',
    ],
    ['a negative time', line({ time: -1 }), 'time is -1; allowed: whole nanoseconds since the start, from 0'],
    ['a broken time', line({ time: 0.5 }), 'time is 0.5; allowed: whole nanoseconds since the start, from 0'],
    ['a key that is no string', line({ key: 3 }), 'key is 3; allowed: a string'],
    ['a key that is null', line({ key: null }), 'key is null; allowed: a string'],
    ['a node that is no string', line({ node: [1] }), 'node is [1]; allowed: a string'],
    ['an index out of place', line({ index: 1 }), "index is 1; allowed here: 0, the op's position, or none"],
    ['an index as text', line({ index: '0' }), 'index is "0"; allowed: an integer from 0'],
    [
      'an error of another shape',
      line({ error: ['x'] }),
      'error is ["x"]; allowed: {"code": a string, "message": a string or absent}, or a string',
    ],
    [
      'an error with more',
      line({ error: { code: 'x', y: 1 } }),
      'error is {"code":"x","y":1}; allowed: {"code": a string, "message": a string or absent}, or a string',
    ],
    [
      'a found of another shape',
      line({ found: 3 }),
      'found is 3; allowed: {"value": what was seen}, or {} for an absent key',
    ],
    [
      'a found with more',
      line({ found: { v: 3 } }),
      'found is {"v":3}; allowed: {"value": what was seen}, or {} for an absent key',
    ],
    [
      'a field twice',
      `${invocation.slice(0, -1)},"f":"read"}`,
      'not an op in JSON: at character 82, the name "f" for the second time; each is allowed once',
    ],
    [
      'an infinite number',
      invocation.replace('"value":1', '"value":1e999'),
      'not an op in JSON: at character 70, the number 1e999 is too large',
    ],
    [
      'an integer that would lose digits',
      invocation.replace('"value":1', '"value":9007199254740993'),
      'not an op in JSON: at character 70, the integer 9007199254740993 would lose digits; allowed: up to 2^53 - 1, larger ones as strings',
    ],
    [
      'a hundred thousand brackets',
      invocation.replace('"value":1', `"value":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      'not an op in JSON: at character 171, nested deeper than 102 levels',
    ],
    [
      'a value nested just too deep',
      invocation.replace('"value":1', `"value":${'['.repeat(101)}${']'.repeat(101)}`),
      'value is a value nested deeper than 100 levels; allowed: JSON',
    ],
    [
      'a completion without invocation',
      completion.replace('"index":1', '"index":0'),
      'process 0 completes write without an invocation; each completion needs its own before it',
    ],
    [
      'text of another kind',
      'hello, world',
      'not an op in JSON: at character 1, found "hello, world"; allowed here: a value',
    ],
    [
      'an escape code',
      '\u001b[2J',
      'not an op in JSON: at character 1, found "\\u001b[2J"; allowed here: a value',
    ],
  ])('%s', (_, text, message) => {
    expect(complaint(`${text}\n`)).toBe(`h.jsonl:1: ${message}`);
  });

  it.each<[string, string, string]>([
    [
      'an invocation while one is open',
      line({ index: 1 }),
      'process 0 invokes write while its operation 0 is open; a process has one at a time',
    ],
    [
      'a completion of another f',
      completion.replace('write', 'read'),
      'process 0 completes read of k, but its open operation 0 is write of k; both ends have the same f and key',
    ],
    [
      'a completion of another key',
      completion.replace('"k"', '"x"'),
      'process 0 completes write of x, but its open operation 0 is write of k; both ends have the same f and key',
    ],
    [
      'a completion without its key',
      completion.replace('"key":"k",', ''),
      'process 0 completes write, but its open operation 0 is write of k; both ends have the same f and key',
    ],
    ['a time that goes back', completion.replace('20', '9'), 'time goes back from 10 to 9; it may not'],
    [
      'an index twice',
      completion.replace('"index":1', '"index":0'),
      "index is 0; allowed here: 1, the op's position, or none",
    ],
  ])('%s', (_, second, message) => {
    expect(complaint(`${invocation}\n${second}\n`)).toBe(`h.jsonl:2: ${message}`);
  });

  it('a process that goes on after info', () => {
    const unknown = completion.replace('"ok"', '"info"');
    expect(complaint(`${invocation}\n${unknown}\n${line({ index: 2, time: 30 })}\n`)).toBe(
      'h.jsonl:3: process 0 goes on after info; its id must be retired',
    );
  });

  it.each([
    ['an array', '[1]'],
    ['EDN', '{:index 0, :type :invoke}'],
    ['a tagged EDN record', '#jepsen.history.Op{:index 0}'],
  ])('%s in the midst of JSON lines', (name, text) => {
    const what = name === 'an array' ? 'the line is an array' : 'this looks like EDN';
    expect(complaint(`${invocation}\n${text}\n`)).toBe(`h.jsonl:2: ${what}; allowed: ${object}`);
  });

  it('an empty line before the end', () => {
    expect(complaint(`${invocation}\n\n\n${completion}\n`)).toBe(
      'h.jsonl:2: an empty line; allowed: at the end only',
    );
  });

  it.each([
    ['nothing', ''],
    ['empty lines', '\n\n'],
    ['a byte order mark', '\ufeff'],
  ])('a file that holds %s', (_, text) => {
    expect(complaint(text)).toBe('h.jsonl: holds no operations; allowed: one op a line, in JSON');
  });

  it('bytes that are not UTF-8', async () => {
    const path = file('latin1.jsonl', Buffer.from(`${invocation}\n${line({ key: 'é' })}\n`, 'latin1'));
    await expect(readHistoryFile(path)).rejects.toThrow(
      `${path}:2: bytes that are not UTF-8; allowed: one JSON object, an op, a line`,
    );
  });

  it('binary garbage, with newlines and without', async () => {
    const garbage = Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 167 + (n >> 3)) % 256));
    await expect(readHistoryFile(file('garbage', garbage))).rejects.toThrow(HistoryFileError);
    const path = file('zeros', Buffer.alloc(1000));
    await expect(readHistoryFile(path)).rejects.toThrow(
      `${path}:1: not an op in JSON: at character 1, found "${'\\u0000'.repeat(13)}"; allowed here: a value`,
    );
  });

  it('a line without end', async () => {
    const path = file('endless', Buffer.alloc(17 * 1024 * 1024, 'x'));
    await expect(readHistoryFile(path)).rejects.toThrow(`${path}:1: a line of more than 16777216 bytes`);
  });

  it('a missing file, a directory, and a name that is none', async () => {
    const missing = join(folder, 'missing');
    await expect(readHistoryFile(missing)).rejects.toThrow(
      `${missing}: no such file; allowed: a history, in JSON lines or a format of Jepsen`,
    );
    await expect(readHistoryFile(folder)).rejects.toThrow(
      `${folder}: is a directory; allowed: a history, in JSON lines or a format of Jepsen`,
    );
    await expect(readHistoryFile('a\0b')).rejects.toThrow(HistoryFileError);
  });

  it('is an error that names file and line', () => {
    expect(() => parseHistory('7\n', 'x')).toThrow(expect.objectContaining({ file: 'x', line: 1 }));
  });
});

describe('formatOp', () => {
  it('writes the fields in one order, and only those that are there', () => {
    const lines = [
      ...scripted(...done(0, 'read', null), invoke(1, 'write', { b: 1, a: 2 }), ...fault('kill', 'applied')),
    ];
    expect(lines.map(formatOp)).toEqual([
      '{"index":0,"type":"invoke","process":0,"f":"read","value":null,"time":0}',
      '{"index":1,"type":"ok","process":0,"f":"read","value":null,"time":1000000}',
      '{"index":2,"type":"invoke","process":1,"f":"write","value":{"a":2,"b":1},"time":2000000}',
      '{"index":3,"type":"invoke","process":"nemesis","f":"kill","time":3000000}',
      '{"index":4,"type":"info","process":"nemesis","f":"kill","value":{"evidence":{"n1":"seen"},"status":"applied"},"time":4000000}',
    ]);
  });

  it('refuses to write what would be read as something else', () => {
    const op = { index: 0, type: 'invoke', process: 0, f: 'write', time: 0 } as const;
    expect(() => formatOp({ ...op, value: Number.NaN })).toThrow(TypeError);
    expect(() => formatOp({ ...op, time: Number.NaN })).toThrow(TypeError);
    expect(() => formatOp({ ...op, ext: { value: 1 } })).toThrow('ext may not have the field value');
  });
});
