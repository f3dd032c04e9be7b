import { describe, expect, it } from 'vitest';
import { HistoryFileError, parseHistory } from '../history-file.ts';

const ops = (...all: string[]) => all.join('\n');
const read = (text: string, keyed?: boolean) => parseHistory(text, 'h', { keyed });
const values = (text: string, keyed?: boolean) =>
  [...read(text, keyed).history].map(({ type, process, f, key, value, error }) => [
    type,
    process,
    f,
    key,
    value,
    error,
  ]);

function complaint(text: string, keyed?: boolean): string {
  try {
    read(text, keyed);
  } catch (error) {
    expect(error).toBeInstanceOf(HistoryFileError);
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('a history of Jepsen', () => {
  const one = '{:type :invoke, :process 0, :f :read, :value nil}';
  const two = '{:type :ok, :process 0, :f :read, :value 3}';
  it.each([
    ['maps alone', ops(one, two)],
    ['a vector', `[${one}\n${two}]`],
    ['a vector with commas and comments', `; x\n[${one},, ; y\n #_{:a 1} ${two},]\n`],
    ['a list', `(${one} ${two})`],
    ['records', `#jepsen.history.Op${one} #knossos.op.Op ${two}`],
    ['maps over several lines', ops(one, two).replaceAll(', ', '\n')],
    [
      'symbols and strings for names',
      ops(one, two).replace(':invoke', 'invoke').replace(':f :read', ':f "read"'),
    ],
    ['a byte order mark', `\ufeff${one}${two}`],
    [
      'JSON as of elle-cli',
      '[{"type":"invoke","process":0,"f":"read"},\n{"type":"ok","process":0,"f":"read","value":3}]',
    ],
    ['a log', 'INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0   :ok  :read   3\n'],
  ])('is read from %s', (_, text) => {
    expect(values(text)).toEqual([
      ['invoke', 0, 'read', undefined, undefined, undefined],
      ['ok', 0, 'read', undefined, 3, undefined],
    ]);
  });

  it('keeps errors, the nemesis and other watchers, and fields that are not ours', () => {
    const { history, notes } = read(
      ops(
        '{:index 1, :time 7, :type :invoke, :process 0, :f :cas, :value [1 2], :node "n1"}',
        '{:index 3, :time 5, :type :info, :process :nemesis, :f :kill, :value {"n1" :killed}}',
        '{:index 4, :time 9, :type :info, :process :watch, :f :look, :clock-offsets {"n1" 0.5}}',
        '{:index 9, :time 9, :type :info, :process 0, :f :cas, :value [1 2], :error [:no-client "gone"]}',
        '{:index 10, :time 9, :type :info, :process :nemesis, :f :kill, :value {"n2" :killed}}',
      ),
    );
    expect(history.error(3)).toEqual({ code: 'no-client', message: 'gone' });
    expect(history.partner(1)).toBe(4);
    expect(history.value(1)).toEqual({ n1: ':killed' });
    expect(history.op(2)).toMatchObject({
      process: 'nemesis',
      ext: { 'faultline/process': 'watch', 'clock-offsets': { n1: 0.5 } },
    });
    expect([history.node(0), history.time(1)]).toEqual(['n1', 7]);
    expect(notes).toEqual([
      '1 times go back and were raised: the order of the file is the authority',
      'indices are renumbered from 0',
    ]);
  });

  it('an error in the place of a value in a log is an error', () => {
    const text = ops('INFO jepsen.util - 0 :invoke :write 1', 'INFO jepsen.util - 0 :info :write :timed-out');
    expect(values(text)[1]).toEqual(['info', 0, 'write', undefined, undefined, { code: 'timed-out' }]);
  });

  it.each<[string, string, string]>([
    ['no process', '{:type :invoke :f :read}', 'h:1:1: process is missing, so that nobody knows'],
    [
      'an unknown type',
      `${one}\n {:type :okay, :process 0, :f :read}`,
      'h:2:2: type is "okay"; allowed: invoke, ok, fail, info',
    ],
    ['no f', '{:type :invoke, :process 0}', 'h:1:1: f is missing; allowed: a keyword or a string'],
    [
      'a negative process',
      '{:type :invoke, :process -1, :f :read}',
      'h:1:1: process is -1; allowed: an integer from 0',
    ],
    [
      'a broken time',
      '{:type :invoke, :process 0, :f :read, :time 0.5}',
      'h:1:1: time is 0.5; allowed: whole nanoseconds',
    ],
    ['a second completion', ops(one, two, two), 'h:3:1: process 0 completes read without an invocation'],
    ['a second invocation', ops(one, one), 'h:2:1: process 0 invokes read while its operation 0 is open'],
    [
      'a process after info',
      ops(one, two.replace(':ok', ':info'), one),
      'h:3:1: process 0 goes on after info; its id must be retired',
    ],
    [
      'an index twice',
      ops(one, two).replaceAll('{', '{:index 4, '),
      'h:2:1: index is 4 for the second time; allowed: each once',
    ],
    [
      'an index that goes back',
      ops(one.replace('{', '{:index 4, '), two.replace('{', '{:index 3, ')),
      'h:2:1: index goes back from 4 to 3',
    ],
    [
      'an index in some ops',
      ops(one.replace('{', '{:index 0, '), two),
      'h:2:1: index is missing; allowed: one in every op, or in none',
    ],
    ['no map', `[${one} 3]`, 'h:1:52: found 3; allowed here: a map, an op'],
    ['nothing', '[]', 'h: holds no operations'],
    ['a cut vector', `[${one}`, 'h:1:51: not an op in EDN: the text ends too early'],
    [
      'a foreign line in a log',
      'INFO jepsen.util - 0 :invoke :read nil\nINFO jepsen.core - hello',
      'h:2: found INFO jepsen.core - hello; allowed: INFO jepsen.util',
    ],
    [
      'two arrays',
      '[{"type":"invoke","process":0,"f":"read"}] []',
      'h:1:44: found "[]"; allowed here: the end of the file',
    ],
    ['an array that is cut', '[{"type":"invoke","process":0,"f":"read"},', 'h:1:43: the text ends too early'],
    [
      'a name twice',
      '[\n {"type":"invoke","type":"ok"}]',
      'h:2:19: not an op in JSON: the name "type" for the second time',
    ],
  ])('with %s is refused with its place', (_, text, message) => {
    expect(complaint(text)).toContain(message);
  });
});

describe('pairs of key and value', () => {
  const text = ops(
    '{:type :invoke, :process 0, :f :write, :value [7 3]}',
    '{:type :invoke, :process 1, :f :read, :value ["7" nil]}',
    '{:type :info, :process 0, :f :write, :value nil, :error :timeout}',
    '{:type :ok, :process 1, :f :read, :value ["7" nil]}',
  );

  it('are taken apart, by what the file looks like or as it is told; keys 7 and "7" stay apart', () => {
    const due = [
      ['invoke', 0, 'write', '7', 3, undefined],
      ['invoke', 1, 'read', '"7"', undefined, undefined],
      ['info', 0, 'write', '7', undefined, { code: 'timeout' }],
      ['ok', 1, 'read', '"7"', undefined, undefined],
    ];
    expect(values(text)).toEqual(due);
    expect(values(text, true)).toEqual(due);
    expect(read(text).notes[0] ?? '').toContain('no op has a time');
    expect(read(text).notes[1]).toBe(
      'line 2 reads [key nil], so all values are taken for pairs [key value]; --no-keyed if they are none',
    );
    expect(values(text, false)[0]?.[4]).toEqual([7, 3]);
  });

  it('must be pairs throughout', () => {
    const bad = text.replace('[7 3]', '7');
    expect(complaint(bad)).toBe('h:1:1: value is 7; allowed in a history of many keys: a pair [key value]');
  });

  it('of other tools are taken apart in JSON lines as well, when told', () => {
    const line = '{"type":"invoke","process":0,"f":"write","value":["a",3],"time":1}\n';
    expect(values(line, true)).toEqual([['invoke', 0, 'write', 'a', 3, undefined]]);
  });

  it('in which nil may be a version or an absent key are never judged', () => {
    const cas = '{:type :invoke, :process 0, :f :cas, :value [nil 3]}';
    expect(complaint(cas)).toContain('h:1:1: cas has the value [null,3], in which nil');
    const versions = '{:type :invoke, :process 0, :f :read, :value [1 [nil nil]]}';
    expect(complaint(versions)).toContain('as of a register with versions');
  });
});
