// The command line as a user meets it: the compiled tool in a process of its own, bad input first.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Workplace, workplace } from './compiled-tool.fixture.ts';
import { exitCodes } from './exit-codes.ts';

let place: Workplace;

beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place[Symbol.asyncDispose]());

const line = (type: string, process: number, f: string, time: number, value?: unknown) =>
  JSON.stringify({ type, process, f, key: 'k', time, ...(value === undefined ? {} : { value }) });

const valid = [
  line('invoke', 0, 'write', 0, 1),
  line('ok', 0, 'write', 1, 1),
  line('invoke', 1, 'read', 2),
  line('ok', 1, 'read', 3, 1),
];
const stale = [
  ...valid,
  line('invoke', 0, 'write', 4, 2),
  line('ok', 0, 'write', 5, 2),
  line('invoke', 1, 'read', 6),
  line('ok', 1, 'read', 7, 1),
];

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(place.path, name), content);
  return name;
}

/** One line on stderr that begins with the tool's name, nothing on stdout, exit code 254. */
async function complaint(...argv: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await place.start(...argv);
  expect({ argv, exitCode, stdout, lines: stderr.split('\n').length }).toEqual({
    argv,
    exitCode: exitCodes.usage,
    stdout: '',
    lines: 1,
  });
  expect(stderr).toMatch(/^faultline: /);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  return stderr;
}

describe('bad arguments give one line, exit 254 and touch nothing', () => {
  it.each([
    [['tset', 'register'], "did you mean 'test'?"],
    [['test'], 'which workload?'],
    [['test', 'registre'], "did you mean 'register'?"],
    [['test', 'register', '--nemsis', 'kill'], "did you mean '--nemesis'?"],
    [['test', 'register', '--nemesis', 'partion'], "did you mean 'partition'?"],
    [['test', 'register', '--time-limit', '30'], 'a number with a unit'],
    [['test', 'register', '--rate', 'fast'], '--rate'],
    [['test', 'register', '--rate', '0'], 'more than 0'],
    [['test', 'register', '--concurrency', '2x'], 'such as 2n'],
    [['test', 'register', '--nodes', '0'], 'allowed: 1 to 15'],
    [['test', 'register', '--nodes', 'n1,n1'], 'twice'],
    [['test', 'register', '--seed', 'abc'], 'an integer from 0'],
    [['test', 'register', '--env', 'dockr'], 'allowed: local'],
    [['test', 'register', '--mutant', 'stale-reed'], "did you mean 'stale-read'?"],
    [['test', 'register', '--values', 'big'], 'unique'],
    [['test', 'register', 'extra'], 'extra'],
    [['check'], 'which run folder or history file?'],
    [['check', 'missing.jsonl', '--model', 'register'], 'missing.jsonl'],
    [['check', 'missing.jsonl', '--model', 'registr'], "did you mean 'register'?"],
    [[], 'no command'],
  ])('faultline %j', async (argv, expected) => {
    expect(await complaint(...argv)).toContain(expected);
    expect((await readdir(place.path)).filter((name) => name === 'faultline-runs')).toEqual([]);
  });
});

describe('check', () => {
  it('exits 0 for a valid history and says what it judged', async () => {
    const { stdout, exitCode } = await place.start(
      'check',
      await file('valid.jsonl', `${valid.join('\n')}\n`),
      '--model',
      'cas-register',
    );
    expect(stdout).toContain('VALID');
    expect(exitCode).toBe(exitCodes.valid);
  });

  it('exits 1 for a violation and names its shape', async () => {
    const { stdout, exitCode } = await place.start(
      'check',
      await file('stale.jsonl', `${stale.join('\n')}\n`),
      '--model',
      'cas-register',
    );
    expect(stdout).toContain('INVALID');
    expect(stdout).toContain('stale read');
    expect(exitCode).toBe(exitCodes.violation);
  });

  it('exits 2 when nothing succeeded: an empty promise is not valid', async () => {
    const failed = [line('invoke', 0, 'write', 0, 1), line('fail', 0, 'write', 1, 1)];
    const { stdout, exitCode } = await place.start(
      'check',
      await file('failed.jsonl', `${failed.join('\n')}\n`),
      '--model',
      'cas-register',
    );
    expect(stdout).toContain('UNKNOWN');
    expect(exitCode).toBe(exitCodes.unknown);
  });

  it('judges a history whose last line is cut off, and calls it partial', async () => {
    const name = await file('cut.jsonl', `${valid.join('\n')}\n{"type":"inv`);
    const { stdout, stderr, exitCode } = await place.start('check', name, '--model', 'cas-register');
    expect(stderr).toContain(`${name}:5: the last line is cut off`);
    expect(stdout).toContain('partial');
    expect(exitCode).toBe(exitCodes.unknown);
  });

  it('prints the results as JSON on stdout when asked, and nothing else there', async () => {
    const { stdout, exitCode } = await place.start(
      'check',
      'stale.jsonl',
      '--model',
      'cas-register',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violation' });
    expect(exitCode).toBe(exitCodes.violation);
  });

  it.each<[name: string, content: string | Uint8Array, expected: RegExp]>([
    ['empty.jsonl', '', /empty\.jsonl: /],
    ['words.jsonl', 'hello\nworld\n', /words\.jsonl:1: .*JSON/],
    ['array.jsonl', '[1,2]\n', /array\.jsonl:1:2: /],
    [
      'type.jsonl',
      `${valid[0]}\n${line('okay', 0, 'write', 1, 1)}\n`,
      /type\.jsonl:2: .*invoke, ok, fail, info/,
    ],
    ['process.jsonl', '{"type":"invoke","process":-4,"f":"read","time":0}\n', /process\.jsonl:1: /],
    ['time.jsonl', `${line('invoke', 0, 'read', 9)}\n${line('ok', 0, 'read', 3)}\n`, /time\.jsonl:2: .*time/],
    ['orphan.jsonl', `${line('ok', 0, 'read', 3)}\n`, /orphan\.jsonl:1: .*without an invocation/],
    ['twice.jsonl', `${line('invoke', 0, 'read', 0)}\n${line('invoke', 0, 'read', 1)}\n`, /twice\.jsonl:2: /],
    ['binary.jsonl', new Uint8Array([0, 159, 146, 150, 10, 0]), /binary\.jsonl:1: /],
    ['huge.jsonl', '{"type":"invoke","process":0,"f":"write","time":0,"value":1e999}\n', /huge\.jsonl:1: /],
    [
      'deep.jsonl',
      `{"type":"invoke","process":0,"f":"write","time":0,"value":${'['.repeat(100_000)}}\n`,
      /deep\.jsonl:1: /,
    ],
    ['middle.jsonl', `${valid[0]}\n{"type":\n${valid[1]}\n`, /middle\.jsonl:2: /],
  ])('refuses %s with file and line', async (name, content, expected) => {
    expect(await complaint('check', await file(name, content), '--model', 'cas-register')).toMatch(expected);
  });

  const edn = (type: string, process: number, f: string, value: string) =>
    `{:type :${type}, :process ${process}, :f :${f}, :value ${value}}`;

  it('judges several files of any format, a line each, and the worst decides', async () => {
    await file('valid.jsonl', `${valid.join('\n')}\n`);
    await file('stale.jsonl', `${stale.join('\n')}\n`);
    await file('keyed.edn', [edn('invoke', 0, 'read', '[1 nil]'), edn('ok', 0, 'read', '[1 5]')].join('\n'));
    const two = await place.start(
      'check',
      'valid.jsonl',
      'keyed.edn',
      '--model',
      'register',
      '--initial',
      '5',
    );
    expect(two.stdout.split('\n').map((text) => text.slice(0, 20))).toEqual([
      'valid.jsonl: VALID: ',
      'keyed.edn: VALID: li',
    ]);
    await file('bad.edn', '[{:type :nope}]');
    const three = await place.start('check', 'bad.edn', 'valid.jsonl', 'keyed.edn', '--model', 'register');
    expect(three.exitCode).toBe(exitCodes.violation);
    const bad = await place.start('check', 'bad.edn', 'valid.jsonl', '--model', 'register');
    expect(bad.exitCode).toBe(exitCodes.usage);
    expect(bad.stdout).toMatch(/^valid\.jsonl: VALID.*$/);
    expect(bad.stderr).toMatch(/^faultline: bad\.edn:1:2: process is missing[^\n]*$/);
    const json = await place.start('check', 'bad.edn', 'stale.jsonl', '--model', 'register', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([
      { file: 'bad.edn' },
      { file: 'stale.jsonl', verdict: 'violation' },
    ]);
  });

  it('reads the standard input, and refuses flags that mean nothing', async () => {
    const { execa } = await import('execa');
    const { programPath } = await import('../program-path.ts');
    const input = [edn('invoke', 0, 'write', '1'), edn('ok', 0, 'write', '1')].join('\n');
    const argv = [programPath('harness/cli/main.ts'), 'check', '-', '--model', 'register'];
    const { stdout, exitCode } = await execa(process.execPath, argv, { reject: false, input });
    expect([stdout.slice(0, 6), exitCode]).toEqual(['VALID:', exitCodes.valid]);
    expect(await complaint('check', '-', '-', '--model', 'register')).toContain('given twice');
    expect(await complaint('check', 'valid.jsonl', '--model', 'register', '--initial', 'x')).toContain(
      '--initial',
    );
    expect(await complaint('check', 'valid.jsonl', '--model', 'register', '--format', 'xml')).toContain(
      'jsonl',
    );
  });

  it('judges by one algorithm, keeps the order that it found, and refuses what it does not know', async () => {
    const model = ['--model', 'cas-register'];
    const made = await place.start('check', 'valid.jsonl', ...model, '--orders', 'orders.jsonl', '--json');
    expect(made.exitCode).toBe(exitCodes.valid);
    const [first = ''] = (await readFile(join(place.path, 'orders.jsonl'), 'utf8')).split('\n');
    expect((JSON.parse(first) as { order: number[] }).order.length).toBeGreaterThan(0);
    expect(await complaint('check', 'valid.jsonl', ...model, '--orders', 'orders.jsonl')).toContain(
      'orders.jsonl is there already',
    );
    await complaint('check', 'missing.jsonl', ...model, '--orders', 'none.jsonl');
    expect(await readdir(place.path)).not.toContain('none.jsonl');
    expect(await complaint('check', 'valid.jsonl', ...model, '--algorithm', 'best')).toContain(
      'event-layers',
    );
    const alone = await place.start(
      'check',
      'valid.jsonl',
      ...model,
      '--algorithm',
      'wing-gong-lowe',
      '--json',
    );
    expect(alone.stdout).toContain('"algorithm": "wing-gong-lowe"');
    expect(await complaint('check', 'valid.jsonl', ...model, '--memory-budget', '-1')).toContain('MiB');
  });

  it('judges many large files at once, with the verdicts and the order of one after the other', async () => {
    const many = Array.from({ length: 8_000 }, (_, i) => [
      `{"index":${2 * i},"time":${2 * i},"type":"invoke","process":0,"f":"write","value":${i}}`,
      `{"index":${2 * i + 1},"time":${2 * i + 1},"type":"ok","process":0,"f":"write","value":${i}}`,
    ]).flat();
    for (const name of ['large-1.jsonl', 'large-2.jsonl']) await file(name, `${many.join('\n')}\n`);
    await file('large-3.jsonl', `${[...many, ...many].join('\n')}\n`);
    const paths = ['large-1.jsonl', 'large-3.jsonl', 'large-2.jsonl'];
    const { stdout, stderr, exitCode } = await place.start('check', ...paths, '--model', 'register');
    expect(stdout.split('\n').map((line) => line.slice(0, 20))).toEqual([
      'large-1.jsonl: VALID',
      'large-2.jsonl: VALID',
    ]);
    expect(stderr).toMatch(/^faultline: large-3\.jsonl:16001: /u);
    expect(exitCode).toBe(exitCodes.usage);
  });

  it('refuses a folder that is no run folder, and a file without a model', async () => {
    await mkdir(join(place.path, 'folder'), { recursive: true });
    expect(await complaint('check', 'folder')).toContain('run.json');
    expect(await complaint('check', 'valid.jsonl')).toContain('--model');
    expect(
      await complaint('check', 'valid.jsonl', '--model', 'cas-register', '--time-budget', '5'),
    ).toContain('unit');
  });
});

describe('convert', () => {
  it('writes another format, and never over a file unless told', async () => {
    await file('from.jsonl', `${stale.join('\n')}\n`);
    const made = await place.start('convert', 'from.jsonl', 'to.edn', '--to', 'edn');
    expect([made.exitCode, made.stdout]).toEqual([0, '']);
    expect(await complaint('convert', 'from.jsonl', 'to.edn', '--to', 'json')).toContain(
      'to.edn: is there already',
    );
    expect(await complaint('convert', 'from.jsonl', 'no/to.edn', '--to', 'json')).toContain(
      'cannot be written',
    );
    expect(await complaint('convert', 'missing.jsonl', 'x.edn', '--to', 'edn')).toContain(
      'missing.jsonl: no such file',
    );
    expect(await complaint('convert', 'from.jsonl', 'x.xml', '--to', 'xml')).toContain('jsonl');
    expect(await complaint('convert', 'from.jsonl')).toContain('which history file, and where to?');
    expect((await place.start('convert', 'to.edn', 'to.edn', '--to', 'json', '--force')).exitCode).toBe(0);
    const back = await place.start('convert', 'to.edn', '-', '--to', 'jsonl');
    const again = await place.start('convert', 'from.jsonl', '-', '--to', 'jsonl');
    expect(back.stdout).toBe(again.stdout);
    expect((await readdir(place.path)).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect((await place.start('check', 'to.edn', '--model', 'register')).exitCode).toBe(exitCodes.violation);
  });
});

describe('the tool itself', () => {
  it('lists every name the command line takes', async () => {
    const { stdout, exitCode } = await place.start('list');
    for (const name of [
      'register',
      'partition',
      'kill',
      'pause',
      'local',
      'cas-register',
      'stale-read',
      'early-ack',
    ]) {
      expect(stdout).toContain(name);
    }
    expect(exitCode).toBe(0);
  });

  it('shows help with the exit codes, and its version', async () => {
    const help = await place.start('--help');
    expect(help.stdout).toContain('254');
    expect(help.exitCode).toBe(0);
    expect((await place.start('--version')).stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('exits 255 and shows the stack for a bug of its own, never 1', async () => {
    const thrower =
      'data:text/javascript,setInterval(() => { if (process.listenerCount("uncaughtException") > 0) throw new Error("a bug") }, 20)';
    const { execa } = await import('execa');
    const { programPath } = await import('../program-path.ts');
    const { exitCode, stderr } = await execa(
      process.execPath,
      [
        '--import',
        thrower,
        programPath('harness/cli/main.ts'),
        'test',
        'register',
        '--out',
        join(place.path, 'bug-runs'),
      ],
      { reject: false, cwd: place.path },
    );
    expect(stderr).toContain('this is a bug in faultline');
    expect(stderr).toContain('Error: a bug');
    expect(exitCode).toBe(exitCodes.bug);
  });
});
