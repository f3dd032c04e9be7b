// The doctor as a user calls it. Each test finds its containers by name, since others may have some on the same engine.

import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../docker/doctor.ts';
import { describeDocker } from '../../docker/engine.fixture.ts';
import type { Engine } from '../../docker/engine.ts';
import { programPath } from '../program-path.ts';
import { eventually, type Workplace, workplace } from './compiled-tool.fixture.ts';

let place: Workplace;

beforeEach(async () => {
  place = await workplace();
});

afterEach(() => place[Symbol.asyncDispose]());

function doctor(env: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  return execa(process.execPath, [programPath('harness/cli/main.ts'), 'doctor', ...flags], {
    reject: false,
    cwd: place.path,
    env: { ...env },
  });
}

describe('faultline doctor without an engine', () => {
  it('says what can be done, and how to get an engine', async () => {
    const { stdout, stderr, exitCode } = await doctor({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/missing +engine +no Docker engine at unix:\/\/\/nowhere/);
    expect(stdout).toMatch(/fix: start one/);
    expect(stdout).toMatch(/^partition +works/m);
    expect(stdout).toContain('The default job can run here');
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  }, 60_000);

  it('says it as one JSON object', async () => {
    const { stdout } = await doctor({ DOCKER_HOST: 'unix:///nowhere/docker.sock' }, '--json');
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    expect(diagnosis.defaultJobWorks).toBe(true);
    expect(diagnosis.environments).toContain('local');
    expect(diagnosis.faults.find(({ fault }) => fault === 'kill')?.rulings['local']).toEqual({
      verdict: 'works',
    });
  }, 60_000);
});

await describeDocker('faultline doctor with an engine', (engine) => {
  it('tries what runs need, and leaves nothing', async () => {
    const before = await bench(engine);
    const { stdout, exitCode } = await doctor({}, '--json');
    expect(exitCode).toBe(0);
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    const findings = diagnosis.sections.find(({ title }) => title === 'Environment docker')?.findings ?? [];
    const state = Object.fromEntries(findings.map((one) => [one.name, one.state]));
    expect(state).toMatchObject({
      engine: 'ok',
      image: 'ok',
      'published port': 'ok',
      iptables: 'ok',
      libfaketime: 'ok',
    });
    expect((await bench(engine)).filter((name) => !before.includes(name))).toEqual([]);
  }, 300_000);

  it('leaves nothing after Ctrl-C', async () => {
    const before = await bench(engine);
    const fresh = async () => (await bench(engine)).filter((name) => !before.includes(name));
    const running = doctor({});
    await eventually(120_000, async () => ((await fresh()).length > 0 ? true : undefined));
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('Stopping: removing what was made');
    await eventually(30_000, async () => ((await fresh()).length === 0 ? true : undefined));
  }, 300_000);
});

/** Names of what doctors have on the engine. */
async function bench(engine: Engine): Promise<readonly string[]> {
  const containers = await engine.attempt('list containers', (docker) =>
    docker.listContainers({ all: true }),
  );
  const networks = await engine.attempt('list networks', (docker) => docker.listNetworks());
  return [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)].filter((name) =>
    name.includes('faultline-doctor-'),
  );
}
