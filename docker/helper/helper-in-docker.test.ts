// The net as it is: helpers in containers of their own, programs that talk beside them, and the kernel's own rules.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Grudge } from '../../harness/environment.ts';
import { attach } from '../attach.ts';
import { describeDocker } from '../engine.fixture.ts';
import { HelperConnection } from '../helper-connection.ts';
import { runIn, type TestMachine, type TestNet, testNet } from './net-in-docker.fixture.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const soon = { timeout: 15_000, interval: 20 };
/** Longer than a packet needs, and than the kernel waits before it sends it again. */
const silenceMs = 500;

await describeDocker('the net of containers', (engine) => {
  let test: TestNet;
  let opened = 0;
  const machine = (name: string): TestMachine => {
    const found = test.machines.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const grudge = (...refusals: [string, string][]): Grudge =>
    new Map(refusals.map(([who, whom]) => [who, new Set([whom])]));
  const open = async (from: string, to: string, family: 'v4' | 'v6') => {
    const connection = ++opened;
    machine(from).tell({ open: connection, host: machine(to).addresses[family] });
    await happens(from, { opened: connection });
    return connection;
  };
  const happens = (name: string, what: object) =>
    vi.waitFor(() => {
      expect(machine(name).happened).toContainEqual(what);
    }, soon);
  const rulesOf = (name: string) =>
    Promise.all([machine(name).run('iptables-save'), machine(name).run('ip6tables-save')]).then((all) =>
      all.join('\n'),
    );

  beforeAll(async () => {
    test = await testNet(engine, ['n1', 'n2', 'n3']);
    for (const { name } of test.machines) await happens(name, { listens: true });
  }, 300_000);

  afterEach(async () => {
    expect(await test.net.heal()).toMatchObject({ verified: true });
    expect(test.lost).toEqual([]);
  });

  afterAll(async () => {
    await test?.[Symbol.asyncDispose]();
  });

  it('cuts established connections of both families, and lets what was said come late', async () => {
    const connections = [await open('n1', 'n2', 'v4'), await open('n1', 'n2', 'v6')];
    for (const on of connections) machine('n1').tell({ on, say: `before ${on}` });
    for (const on of connections) await happens('n1', { answered: `before ${on}` });
    const evidence = await test.net.cut(grudge(['n1', 'n2'], ['n2', 'n1']));
    expect(evidence.verified).toBe(true);
    expect(Object.keys(evidence.seen).sort()).toEqual(['n1→n2', 'n2→n1']);
    const words = /^nothing arrived in \d+ ms \(v6: nothing arrived in \d+ ms\), [1-9]\d* packets? dropped$/;
    expect(evidence.seen['n1→n2']).toMatch(words);
    expect(evidence.seen['n2→n1']).toMatch(words);
    for (const on of connections) machine('n1').tell({ on, say: `during ${on}` });
    await sleep(silenceMs);
    for (const on of connections)
      expect(machine('n2').happened).not.toContainEqual({ heard: `during ${on}` });
    const healed = await test.net.heal();
    expect(healed.verified).toBe(true);
    expect(Object.keys(healed.seen)).toHaveLength(6);
    for (const on of connections) await happens('n1', { answered: `during ${on}` });
    expect(machine('n1').happened.filter((event) => 'broken' in event)).toEqual([]);
  });

  it('cuts one direction only, in both families, though the neighbours are forgotten', async () => {
    const connections = [await open('n1', 'n2', 'v4'), await open('n1', 'n2', 'v6')];
    expect(await test.net.cut(grudge(['n1', 'n2']))).toMatchObject({
      verified: true,
      seen: { 'n2→n1': expect.stringContaining('nothing arrived') },
    });
    await machine('n1').run('ip', 'neigh', 'flush', 'all');
    for (const on of connections) machine('n1').tell({ on, say: `one way ${on}` });
    for (const on of connections) await happens('n2', { heard: `one way ${on}` });
    await sleep(silenceMs);
    for (const on of connections) {
      expect(machine('n1').happened).not.toContainEqual({ answered: `one way ${on}` });
    }
    await test.net.heal();
    for (const on of connections) await happens('n1', { answered: `one way ${on}` });
  });

  it('does not call it a cut where others let one family through', async () => {
    // Ours is first of all once it is there; they come before it later.
    expect((await test.net.shape([{ from: 'n1', to: 'n3' }], { kind: 'drop' })).verified).toBe(true);
    await machine('n3').run('ip6tables', '-I', 'INPUT', '-s', machine('n1').addresses.v6, '-j', 'ACCEPT');
    try {
      const { verified, seen } = await test.net.shape([{ from: 'n1', to: 'n3' }], { kind: 'drop' });
      expect(verified).toBe(false);
      expect(seen['n1→n3']).toMatch(/^nothing arrived .*v6: arrived in/);
    } finally {
      await machine('n3').run('ip6tables', '-D', 'INPUT', '-s', machine('n1').addresses.v6, '-j', 'ACCEPT');
    }
  });

  it('leaves the rules of others alone', async () => {
    const run = (...argv: string[]) => machine('n1').run(...argv);
    for (const program of ['iptables', 'ip6tables']) {
      await run(program, '-N', 'THEIRS');
      await run(program, '-A', 'THEIRS', '-p', 'tcp', '--dport', '9', '-j', 'DROP');
      await run(program, '-A', 'INPUT', '-p', 'udp', '--dport', '9', '-j', 'DROP');
    }
    const theirs = ['-A THEIRS -p tcp -m tcp --dport 9 -j DROP', '-A INPUT -p udp -m udp --dport 9 -j DROP'];
    const expectTheirs = async () => {
      const rules = await rulesOf('n1');
      for (const rule of theirs) expect(rules.split(rule)).toHaveLength(3);
      return rules;
    };
    await test.net.cut(grudge(['n1', 'n2']));
    expect(await expectTheirs()).toContain(`-A FAULTLINE -s ${machine('n2').addresses.v4}/32 -j DROP`);
    await test.net.heal();
    expect(await expectTheirs()).not.toContain('-A FAULTLINE');
  });

  it('takes its rules away and ends when its controller is killed', async () => {
    const { container, addresses } = await test.createHelper('n9', 99);
    const asks = [
      { kind: 'hello', addresses },
      {
        kind: 'set-rules',
        hears: [{ name: 'n1→n9', fromAddresses: ['192.0.2.1', '2001:db8::1'], rule: { kind: 'drop' } }],
        says: [{ name: 'n9→n1', toAddresses: ['192.0.2.1'], rule: { kind: 'limit', bytesPerSecond: 1_000 } }],
        clientsCut: null,
      },
    ].map((ask, id) => `${JSON.stringify({ id, ask })}\n`);
    const program = `
      import Docker from 'dockerode';
      const container = new Docker().getContainer(${JSON.stringify(container)});
      const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
      await container.start();
      stream.write(${JSON.stringify(asks.join(''))});
      stream.on('data', (data) => { if (String(data).includes('tookMs')) process.stdout.write('done'); });
    `;
    const controller = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(controller.stdout, 'data');
      // It keeps the network there when the helper is gone.
      await test.startNode('n9', container);
      const node = container.replace(/-net$/, '');
      const inForce = async () => {
        const all = ['iptables-save', 'ip6tables-save'];
        return (await Promise.all(all.map((program) => runIn(engine, node, [program])))).join('\n');
      };
      await runIn(engine, node, ['iptables', '-A', 'INPUT', '-p', 'udp', '--dport', '9', '-j', 'DROP']);
      const before = await inForce();
      expect(before).toContain('-A FAULTLINE -s 192.0.2.1/32 -j DROP');
      expect(before).toContain('-A FAULTLINE -s 2001:db8::1/128 -j DROP');
      controller.kill('SIGKILL');
      const killedAt = performance.now();
      const { StatusCode } = (await engine.attempt('wait for the helper', (docker) =>
        docker.getContainer(container).wait(),
      )) as { StatusCode: number };
      const tookMs = performance.now() - killedAt;
      process.stdout.write(`a helper ended ${Math.round(tookMs)} ms after its controller was killed\n`);
      expect(StatusCode).toBe(0);
      // Two seconds at most where nothing else runs.
      expect(tookMs).toBeLessThan(6_000);
      const after = await inForce();
      expect(after).not.toContain('FAULTLINE');
      expect(after).toContain('-A INPUT -p udp -m udp --dport 9 -j DROP');
    } finally {
      controller.kill('SIGKILL');
    }
  });

  it('takes its rules away and stays when it is to be kept', async () => {
    const { container, addresses } = await test.createHelper('n8', 98);
    const attached = await attach(engine, container);
    await engine.attempt('start a helper', (docker) => docker.getContainer(container).start());
    const lost: string[] = [];
    const connection = await HelperConnection.open('n8', attached, (reason) => lost.push(reason), addresses);
    const toAddresses = [machine('n1').addresses.v4];
    await connection.ask({
      kind: 'set-rules',
      hears: [{ name: 'n1→n8', fromAddresses: toAddresses, rule: { kind: 'drop' } }],
      says: [{ name: 'n8→n1', toAddresses, rule: { kind: 'limit', bytesPerSecond: 1_000 } }],
      clientsCut: null,
    });
    const inForce = async () =>
      `${await runIn(engine, container, ['iptables-save'])} ${await runIn(engine, container, ['tc', 'qdisc', 'show', 'dev', 'eth0'])}`;
    expect(await inForce()).toMatch(/-A FAULTLINE -s .*qdisc htb fa17: root.*qdisc tbf/s);
    await connection.keep();
    attached.detach();
    await sleep(silenceMs);
    const facts = await engine.attempt('inspect a helper', (docker) =>
      docker.getContainer(container).inspect(),
    );
    expect(facts.State.Running).toBe(true);
    expect(await inForce()).not.toMatch(/FAULTLINE|fa17:/);
    expect(lost).toEqual([]);
  });

  it('resets connections at both ends, old and new, whoever opened them', async () => {
    const connections = [await open('n1', 'n2', 'v4'), await open('n1', 'n2', 'v6')];
    const back = await open('n2', 'n1', 'v4');
    const link = [{ from: 'n1', to: 'n2' }];
    const evidence = await test.net.shape(link, { kind: 'reset' });
    expect(evidence).toMatchObject({
      verified: true,
      seen: { 'n1→n2': expect.stringMatching(/^reset \(v6: reset\), [1-9]\d* packets reset$/) },
    });
    for (const on of connections) machine('n1').tell({ on, say: 'into the reset' });
    for (const on of connections) await happens('n1', { broken: on, code: 'ECONNRESET' });
    machine('n2').tell({ on: back, say: 'into the reset' });
    await happens('n2', { broken: back, code: 'ECONNRESET' });
    const young = ++opened;
    machine('n1').tell({ open: young, host: machine('n2').addresses.v4 });
    await happens('n1', { broken: young, code: 'ECONNRESET' });
    expect((await test.net.shape(link, undefined)).verified).toBe(true);
  });

  it('limits what is said on one link, large packets included', async () => {
    const link = [{ from: 'n1', to: 'n2' }];
    const evidence = await test.net.shape(link, { kind: 'limit', bytesPerSecond: 100_000 });
    process.stdout.write(`limit of 100000 bytes/s: ${JSON.stringify(evidence.seen)}\n`);
    expect(evidence.verified).toBe(true);
    const on = await open('n1', 'n2', 'v4');
    const text = 'x'.repeat(60_000);
    const begun = performance.now();
    machine('n1').tell({ on, say: text });
    await happens('n2', { heard: text });
    const tookMs = performance.now() - begun;
    process.stdout.write(`60000 bytes by TCP: ${Math.round(tookMs)} ms\n`);
    expect(tookMs).toBeGreaterThan(500);
    // The other links are as fast as before.
    expect(await test.net.shape([{ from: 'n1', to: 'n3' }], undefined)).toMatchObject({ verified: true });
  });

  it('loses a share of the packets, and sees it', async () => {
    const link = [{ from: 'n1', to: 'n2' }];
    const evidence = await test.net.shape(link, { kind: 'loss', share: 0.3 });
    process.stdout.write(`loss of 0.3: ${JSON.stringify(evidence.seen)}\n`);
    expect(evidence).toMatchObject({
      verified: true,
      seen: { 'n1→n2': expect.stringMatching(/^\d+ of 300 packets lost/) },
    });
  });

  it('keeps time where the kernel can, and says the kernel’s words where it cannot', async () => {
    const link = [{ from: 'n1', to: 'n2' }];
    const delay = { kind: 'delay', delayMs: 100, jitterMs: 20 } as const;
    const reason = test.net.lacks('delay');
    if (reason === undefined) {
      expect((await test.net.shape(link, delay)).verified).toBe(true);
      return;
    }
    process.stdout.write(`delay is not possible here: ${reason}\n`);
    expect(reason).toMatch(/^the kernel has no netem: \S+/);
    await expect(test.net.shape(link, delay)).rejects.toThrow(`delay is not possible here: ${reason}`);
  });

  it('cuts clients off from one node, which hears the other nodes', async () => {
    const evidence = await test.net.cut(new Map(), ['n1']);
    expect(evidence).toMatchObject({
      verified: true,
      seen: { 'clients→n1': expect.stringMatching(/^no answer in 200 ms, [1-9]\d* packets? dropped$/) },
    });
    const on = await open('n2', 'n1', 'v6');
    machine('n2').tell({ on, say: 'among nodes' });
    await happens('n2', { answered: 'among nodes' });
    expect(await test.net.heal()).toMatchObject({
      verified: true,
      seen: { 'clients→n1': expect.stringContaining('answered in') },
    });
  });

  it('changes rules in milliseconds', async () => {
    const fromAddresses = [machine('n2').addresses.v4, machine('n2').addresses.v6];
    const times: number[] = [];
    for (let i = 0; i < 10; i++) {
      const rules = { hears: [{ name: 'n2→n1', fromAddresses, rule: { kind: 'drop' } as const }] };
      const { tookMs } = await machine('n1').connection.ask({
        kind: 'set-rules',
        says: [],
        clientsCut: null,
        ...(i % 2 === 0 ? rules : { hears: [] }),
      } as const);
      times.push(tookMs);
    }
    times.sort((a, b) => a - b);
    process.stdout.write(`a change of rules took ${times[5]} ms (median of 10, both families)\n`);
    expect(times[0]).toBeLessThan(1_000);
  });

  it('names a node that does not exist, and does not call a cut of nothing seen', async () => {
    await expect(test.net.cut(grudge(['n8', 'n1']))).rejects.toThrow(/n8.*n1, n2, n3/);
    await expect(test.net.shape([{ from: 'n1', to: 'n8' }], { kind: 'drop' })).rejects.toThrow(/n8/);
    expect((await test.net.cut(new Map())).verified).toBe(false);
  });
});
