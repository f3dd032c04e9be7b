// The main job in containers, end to end: verdicts, and what is left on the engine after each way of ending it.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDocker } from '../../docker/engine.fixture.ts';
import type { Engine } from '../../docker/engine.ts';
import { ensureImage } from '../../docker/image.ts';
import { runLabel } from '../../docker/labels.ts';
import { eventually, processesIn, type Workplace, workplace } from './compiled-tool.fixture.ts';
import { exitCodes } from './exit-codes.ts';

const quick = ['--env', 'docker', '--nodes', '3', '--concurrency', '2n', '--nemesis-interval', '1500ms'];
const aRun = ['test', 'register', ...quick];

await describeDocker('a run in Docker from the command line', (engine) => {
  let place: Workplace;

  beforeAll(async () => {
    place = await workplace();
    // So that no test's time goes into it.
    await ensureImage(engine, { software: 'register', note: () => {}, signal: new AbortController().signal });
  }, 300_000);
  afterAll(() => place[Symbol.asyncDispose]());

  const test = (title: string, body: () => Promise<void>) => it(title, { timeout: 300_000 }, body);
  const runOf = async (out: string): Promise<string> => {
    const ledger = await readFile(join(place.path, out, 'latest', 'ledger.jsonl'), 'utf8');
    const run = /"run":"([0-9a-f]+)"/.exec(ledger)?.[1];
    if (run === undefined) throw new Error(`the ledger of ${out} names no run`);
    return run;
  };
  const isAllGone = async (out: string) => expect(await thingsOf(engine, await runOf(out))).toEqual([]);
  /** A run that has recorded operations under a fault. */
  const whileOperating = (out: string) =>
    eventually(60_000, async () => {
      const history = join(place.path, out, 'latest', 'history.jsonl');
      if ((await stat(history).catch(() => undefined)) === undefined) return undefined;
      return /"evidence":\{"[^\n]*"status":"applied"/.test(await readFile(history, 'utf8'))
        ? true
        : undefined;
    });

  test('exits 0 on a correct cluster under every classic fault, leaves no trace, and says how long it took', async () => {
    const firewall = await foreignRules();
    const { stdout, stderr, exitCode } = await place.start(
      ...aRun,
      '--nemesis',
      'partition,kill,pause,clock',
      '--time-limit',
      '20s',
      '--seed',
      '11',
      '--out',
      'valid',
    );
    expect({ exitCode, stdout, stderr: exitCode === 0 ? '' : stderr }).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(stdout).toMatch(/^VALID: .*faults: partition, pause, kill, clock, seed 11/);
    expect(stderr).toMatch(/Docker: images [\d.]+ s, network [\d.]+ s, helpers [\d.]+ s, nodes [\d.]+ s/);
    await isAllGone('valid');
    expect(await foreignRules()).toEqual(firewall);
    expect(await processesIn(place.path)).toEqual([]);
    const saved = JSON.parse(await readFile(join(place.path, 'valid', 'latest', 'run.json'), 'utf8')) as {
      versions: Record<string, string>;
    };
    expect(saved.versions['image']).toMatch(/^faultline\/register:\w+ \(sha256:\w+\)$/);
  });

  test('catches a leader that trusts its wall clock as soon as clocks are bent, and not before', async () => {
    const lease = [...aRun, '--mutant', 'wall-clock-lease', '--time-limit', '25s'];
    // A leader has to be cut off while its clock is behind: most runs have that, not each.
    const bent = await firstWith(exitCodes.violation, () =>
      place.start(...lease, '--nemesis', 'partition,clock', '--out', 'bent'),
    );
    expect(bent.stdout.split('\n')[0]).toMatch(/^INVALID \[mutant wall-clock-lease\]: .*stale read/);
    const right = await place.start(...lease, '--nemesis', 'partition', '--out', 'right');
    expect({ exitCode: right.exitCode, stdout: right.stdout }).toMatchObject({ exitCode: exitCodes.valid });
  });

  test('cuts clients off too when it is asked to', async () => {
    const { stdout, exitCode } = await place.start(
      ...aRun,
      '--nemesis',
      'partition',
      '--cut-clients',
      '--time-limit',
      '12s',
      '--out',
      'clients',
    );
    expect({ stdout, exitCode }).toMatchObject({ exitCode: exitCodes.valid });
    const history = await readFile(join(place.path, 'clients', 'latest', 'history.jsonl'), 'utf8');
    expect(history).toMatch(/"clients→n\d":/);
  });

  test('after one SIGINT heals, judges what was recorded, reports, and leaves nothing', async () => {
    const running = place.start(
      ...aRun,
      '--time-limit',
      '60s',
      '--nemesis',
      'partition,pause',
      '--out',
      'stopped',
    );
    await whileOperating('stopped');
    running.kill('SIGINT');
    const { stdout, exitCode } = await running;
    expect(stdout).toContain('INTERRUPTED');
    expect(exitCode).toBe(exitCodes.interrupted);
    await isAllGone('stopped');
  });

  test('after a second SIGINT leaves nothing either, a moment later', async () => {
    const running = place.start(...aRun, '--time-limit', '60s', '--nemesis', 'freeze', '--out', 'twice');
    await whileOperating('twice');
    running.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    running.kill('SIGINT');
    await running;
    await eventually(20_000, async () =>
      (await thingsOf(engine, await runOf('twice'))).length === 0 ? true : undefined,
    );
    await eventually(5_000, async () => ((await processesIn(place.path)).length === 0 ? true : undefined));
  });

  test('after kill -9 leaves nothing, and a history that check judges as partial', async () => {
    const running = place.start(
      ...aRun,
      '--time-limit',
      '60s',
      '--nemesis',
      'partition,freeze',
      '--out',
      'killed',
    );
    await whileOperating('killed');
    running.kill('SIGKILL');
    await running;
    await eventually(20_000, async () =>
      (await thingsOf(engine, await runOf('killed'))).length === 0 ? true : undefined,
    );
    const { stdout, exitCode } = await place.start('check', join('killed', 'latest'));
    expect(stdout).toContain('partial');
    expect(exitCode).toBe(exitCodes.unknown);
    expect((await place.start('clean', '--out', 'killed')).exitCode).toBe(0);
  });

  test('what is left when the reaper is killed as well is removed by clean, which says what it was', async () => {
    const running = place.start(...aRun, '--time-limit', '60s', '--nemesis', 'pause', '--out', 'orphaned');
    await whileOperating('orphaned');
    const reaper = (await processesIn(join(place.path, 'orphaned'))).find((found) =>
      found.includes('reaper'),
    );
    process.kill(Number.parseInt(reaper ?? '', 10), 'SIGKILL');
    running.kill('SIGKILL');
    await running;
    expect(await thingsOf(engine, await runOf('orphaned'))).not.toEqual([]);
    const cleaned = await place.start('clean', '--out', 'orphaned');
    expect(cleaned.stdout).toMatch(/removed \d+ containers?, 1 network, 3 volumes/);
    expect(cleaned.exitCode).toBe(0);
    await isAllGone('orphaned');
  });

  test('two runs side by side do not meet', async () => {
    const short = [...aRun, '--nemesis', 'partition,kill', '--time-limit', '12s'];
    const runs = await Promise.all(['left', 'right-hand'].map((out) => place.start(...short, '--out', out)));
    for (const { stdout, exitCode } of runs) {
      expect({ stdout, exitCode }).toMatchObject({ exitCode: exitCodes.valid });
    }
    await isAllGone('left');
    await isAllGone('right-hand');
  });

  test('keeps the cluster when it is asked to, until it is asked to clean that up', async () => {
    const { stderr, exitCode } = await place.start(
      ...aRun,
      '--nemesis',
      'none',
      '--time-limit',
      '3s',
      '--keep',
      '--out',
      'kept',
    );
    expect(exitCode).toBe(exitCodes.valid);
    const container = /docker exec -it (\S+) sh/.exec(stderr)?.[1] ?? '';
    const client = /client at ([\d.]+:\d+)/.exec(stderr)?.[1] ?? '';
    const status: unknown = await (await fetch(`http://${client}/status`)).json();
    expect(status).toMatchObject({ role: expect.stringMatching(/leader|follower/) });
    expect((await place.start('clean', '--out', 'kept')).exitCode).toBe(0);
    await engine.attempt('look at a kept node', (docker) => docker.getContainer(container).inspect());
    const cleaned = await place.start('clean', '--out', 'kept', '--kept');
    expect(cleaned.stdout).toMatch(/removed 6 containers, 1 network, 3 volumes of the kept run/);
    await isAllGone('kept');
  });

  const bad: readonly [
    title: string,
    env: Record<string, string>,
    argv: string[],
    code: number,
    words: RegExp,
  ][] = [
    [
      'no engine',
      { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
      [],
      3,
      /no Docker engine at .*nowhere.*DOCKER_HOST/,
    ],
    ['an engine that does not answer', { DOCKER_HOST: 'tcp://127.0.0.1:9' }, [], 3, /does not answer/],
    ['no such image', {}, ['--base-image', 'no-such-image:1'], 3, /no-such-image:1.*base-from-debian/],
    ['a system that needs containers', {}, ['--env', 'local', '--system', 'etcd'], 254, /--env docker/],
    ['a system that does not exist', {}, ['--system', 'etdc'], 254, /etdc.*etcd/],
    ['too many nodes for a system', {}, ['--system', 'redis'], 254, /--nodes: 3 nodes; allowed for redis: 1/],
    [
      'a fault that another environment has',
      {},
      ['--env', 'local', '--nemesis', 'clock'],
      254,
      /clock.*--env docker/,
    ],
    ['a flag that another environment has', {}, ['--env', 'local', '--keep'], 254, /--keep/],
  ];
  it.each(bad)('refuses %s in one line', { timeout: 60_000 }, async (_title, env, argv, code, words) => {
    const { stderr, exitCode, stdout } = await place.startWith(env, ...aRun, ...argv, '--out', 'bad');
    expect({ stderr, stdout, exitCode }).toMatchObject({ exitCode: code });
    expect(`${stdout}\n${stderr}`).toMatch(words);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });
});

/** Up to three runs, each with a seed of its own, until one ends with this code; the last one else. */
async function firstWith(
  code: number,
  run: () => ReturnType<Workplace['start']>,
): Promise<Awaited<ReturnType<Workplace['start']>>> {
  for (let attempt = 1; ; attempt++) {
    const ended = await run();
    if (ended.exitCode === code || attempt === 3) return ended;
  }
}

/** Names of everything that a run has on the engine. */
async function thingsOf(engine: Engine, run: string): Promise<string[]> {
  const filters = { label: [`${runLabel}=${run}`] };
  return engine.attempt('list what a run has', async (docker) => {
    const containers = await docker.listContainers({ all: true, filters });
    const networks = await docker.listNetworks({ filters });
    const { Volumes: volumes } = await docker.listVolumes({ filters });
    return [
      ...containers.flatMap(({ Names: names }) => names),
      ...networks.map(({ Name: name }) => name),
      ...(volumes ?? []).map(({ Name: name }) => name),
    ];
  });
}

/** The machine's own firewall, less counters, and less what the engine has there for networks of other tests. */
async function foreignRules(): Promise<string[]> {
  const { stdout } = await execa('iptables-save', { reject: false });
  return stdout
    .split('\n')
    .map((line) => line.replace(/\s*\[\d+:\d+\]/, ''))
    .filter((line) => line.startsWith('-A') && !/br-[0-9a-f]{12}|172\.\d+\.\d+\.\d+/.test(line));
}
