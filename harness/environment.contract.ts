// One test suite that every environment must pass. What it needs besides the provider is a program for the nodes
// (harness/testdata/contract-program.mjs, or its like where programs are not processes) and a way to ask it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type {
  Command,
  Environment,
  EnvironmentProvider,
  Grudge,
  Node,
  NodeName,
  UnexpectedExit,
} from './environment.ts';
import { EnvironmentError } from './errors.ts';

/** What the contract's program can be asked. */
export type ContractRequest =
  | { readonly do: 'hello' | 'heard' | 'kept' | 'ignore-term' }
  | {
      readonly do: 'say';
      readonly to: NodeName;
      readonly text: string;
      /** On a connection of its own rather than the one there is. */
      readonly fresh?: boolean;
      /** And ends its side of the connection, still listening. */
      readonly end?: boolean;
    }
  | { readonly do: 'shout'; readonly to: NodeName; readonly bytes: number }
  | { readonly do: 'keep'; readonly text: string }
  | { readonly do: 'exit'; readonly code: number; readonly words: string };

export interface ContractSubject {
  readonly provider: EnvironmentProvider;
  /** The contract's program for a node; its ports are `client` and `peer`. */
  command(node: Node, nodes: readonly Node[]): Command;
  /** By the port `client`. Throws when there is no answer within `limitMs`. */
  ask(node: Node, request: ContractRequest, limitMs: number): Promise<unknown>;
  /** Titles of tests that cannot hold here, with the reason. */
  readonly skips?: Readonly<Record<string, string>>;
}

interface Heard {
  readonly heard: readonly { readonly from: string; readonly text: string }[];
  readonly answers: readonly { readonly from: string; readonly text: string }[];
  /** Connections that this node opened, by the number that `say` gave. */
  readonly broken: readonly { readonly connection: number; readonly code: string }[];
}

const names = ['n1', 'n2', 'n3'];
const answerMs = 2_000;
/** How long nothing must be heard for a link to count as silent. */
const silenceMs = 150;
/** A wait for what has to come. */
const soon = { timeout: 5_000, interval: 10 };

export function environmentContract(subject: ContractSubject): void {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-contract-'));
  const exits: UnexpectedExit[] = [];
  let environment: Environment;

  const up = (folder: string, ports: readonly string[] = ['client', 'peer']) =>
    subject.provider.up({
      nodes: names,
      ports,
      directory: folder,
      signal: new AbortController().signal,
      onUnexpectedExit: (exit) => exits.push(exit),
    });
  const nodeAt = (index: number, where: Environment = environment): Node => {
    const node = where.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  };
  const ask = (node: Node, request: ContractRequest) => subject.ask(node, request, answerMs);
  const heardBy = async (node: Node) => (await ask(node, { do: 'heard' })) as Heard;
  const textsHeardBy = async (node: Node) => (await heardBy(node)).heard.map(({ text }) => text);
  const textsAnsweredTo = async (node: Node) => (await heardBy(node)).answers.map(({ text }) => text);
  const start = async (node: Node, where: Environment = environment) => {
    await node.start(subject.command(node, where.nodes));
    await vi.waitFor(() => ask(node, { do: 'hello' }), soon);
  };
  /** Gives the number of the connection. */
  const say = async (from: Node, to: Node, text: string, more: { fresh?: boolean; end?: boolean } = {}) => {
    const said = await ask(from, { do: 'say', to: to.name, text, ...more });
    return (said as { connection: number }).connection;
  };
  const isHeard = (node: Node, text: string) =>
    expect.poll(() => textsHeardBy(node), { ...soon, message: `${node.name} hears ${text}` }).toContain(text);
  const isAnswered = (node: Node, text: string) =>
    expect.poll(() => textsAnsweredTo(node), soon).toContain(text);
  const grudge = (...entries: [Node, Node[]][]): Grudge =>
    new Map(entries.map(([node, refused]) => [node.name, new Set(refused.map(({ name }) => name))]));
  const link = (from: NodeName, to: NodeName) => [{ from, to }];
  const it = (title: string, body: (nodes: [Node, Node, Node]) => Promise<void>) => {
    const reason = subject.skips?.[title];
    if (reason !== undefined) test.skip(`${title} (not here: ${reason})`);
    else test(title, () => body([nodeAt(0), nodeAt(1), nodeAt(2)]));
  };

  describe(`the environment ${subject.provider.name}`, () => {
    beforeAll(async () => {
      environment = await up(directory);
      await Promise.all(environment.nodes.map((node) => start(node)));
    });

    afterEach(async () => {
      await environment.net.heal();
      for (const node of environment.nodes) {
        const state = await node.state();
        if (state === 'paused') await node.signal('SIGCONT');
        if (state === 'dead') await start(node);
      }
      exits.length = 0;
    });

    afterAll(async () => {
      await environment[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    });

    it('gives the nodes in the order in which they were asked for, all running', async (nodes) => {
      expect(nodes.map(({ name }) => name)).toEqual(names);
      expect(await Promise.all(nodes.map((node) => node.state()))).toEqual(['running', 'running', 'running']);
      for (const node of nodes) expect(node.pid()).toBeGreaterThan(0);
    });

    it('links every node with every other, both ways', async (nodes) => {
      for (const from of nodes) {
        for (const to of nodes.filter((other) => other !== from)) {
          const text = `${from.name} greets ${to.name}`;
          await say(from, to, text);
          await isHeard(to, text);
          await isAnswered(from, `${to.name} heard ${text}`);
        }
      }
    });

    it('forwards the end of one side while the other still speaks', async ([n1, n2]) => {
      await say(n1, n2, 'last words', { fresh: true, end: true });
      await isAnswered(n1, 'n2 heard last words');
      await isAnswered(n1, 'goodbye');
    });

    it('refuses to start a program where one lives', async ([n1, n2]) => {
      const pid = n1.pid();
      await expect(n1.start(subject.command(n1, [n1, n2]))).rejects.toThrow(/n1.*alive/);
      expect(n1.pid()).toBe(pid);
    });

    it('names the node whose program cannot be started', async ([n1]) => {
      await n1.signal('SIGKILL');
      const attempt = n1.start({ argv: ['/nowhere/to/be-found'] });
      await expect(attempt).rejects.toThrow(EnvironmentError);
      await expect(attempt).rejects.toThrow(/n1.*be-found/);
      expect(await n1.state()).toBe('dead');
    });

    it('sees a killed program dead, and not as an unexpected exit', async ([n1]) => {
      await n1.signal('SIGKILL');
      expect(await n1.state()).toBe('dead');
      expect(n1.pid()).toBeUndefined();
      await expect(subject.ask(n1, { do: 'hello' }, silenceMs)).rejects.toThrow();
      await start(n1);
      expect(await n1.state()).toBe('running');
      expect(exits).toEqual([]);
    });

    it('keeps data over a kill until they are wiped', async ([n1]) => {
      await ask(n1, { do: 'keep', text: 'precious' });
      await n1.signal('SIGKILL');
      await start(n1);
      expect(await ask(n1, { do: 'kept' })).toEqual({ text: 'precious' });
      await expect(n1.wipe()).rejects.toThrow(/n1.*wiped/);
      await n1.signal('SIGKILL');
      await n1.wipe();
      await start(n1);
      expect(await ask(n1, { do: 'kept' })).toEqual({ text: null });
    });

    it('pauses a program that then answers nobody, and resumes it where it was', async ([n1]) => {
      const pid = n1.pid();
      await n1.signal('SIGSTOP');
      expect(await n1.state()).toBe('paused');
      const late = ask(n1, { do: 'hello' });
      await expect(subject.ask(n1, { do: 'hello' }, silenceMs)).rejects.toThrow();
      await n1.signal('SIGCONT');
      expect(await n1.state()).toBe('running');
      expect(await late).toEqual({ pid: expect.any(Number) });
      expect(n1.pid()).toBe(pid);
    });

    it('kills a paused program', async ([n1]) => {
      await n1.signal('SIGSTOP');
      await n1.signal('SIGKILL');
      expect(await n1.state()).toBe('dead');
    });

    it('lets a program end by SIGTERM, which is no unexpected exit', async ([n1]) => {
      await n1.signal('SIGTERM');
      expect(await n1.state()).toBe('dead');
      expect(exits).toEqual([]);
    });

    it('says so when a program does not end by SIGTERM', async ([n1]) => {
      await ask(n1, { do: 'ignore-term' });
      const attempt = n1.signal('SIGTERM');
      await expect(attempt).rejects.toThrow(EnvironmentError);
      await expect(attempt).rejects.toThrow(/n1.*SIGTERM.*running/);
      expect(await n1.state()).toBe('running');
      await n1.signal('SIGKILL');
    });

    it('refuses to signal a dead program', async ([n1]) => {
      await n1.signal('SIGKILL');
      await expect(n1.signal('SIGSTOP')).rejects.toThrow(/n1.*SIGSTOP.*dead/);
      await expect(n1.signal('SIGKILL')).rejects.toThrow(/n1.*SIGKILL.*dead/);
    });

    it('reports a program that ends by itself, with its code and last words', async ([n1]) => {
      await ask(n1, { do: 'exit', code: 7, words: 'the disk is on fire' });
      await expect.poll(() => exits, soon).toHaveLength(1);
      expect(exits[0]).toMatchObject({ node: 'n1', code: 7, signal: null });
      expect(exits[0]?.lastWords).toMatch(/the disk is on fire$/);
      expect(await n1.state()).toBe('dead');
    });

    it('cuts established connections and new ones, silently, and no others', async ([n1, n2, n3]) => {
      await say(n1, n2, 'before the cut');
      await isHeard(n2, 'before the cut');
      const begun = performance.now();
      const evidence = await environment.net.cut(grudge([n1, [n2]], [n2, [n1]]));
      expect(performance.now() - begun).toBeLessThan(2_000);
      expect(evidence.verified).toBe(true);
      expect(Object.keys(evidence.seen).sort()).toEqual(['n1→n2', 'n2→n1']);
      const brokenBefore = (await heardBy(n1)).broken.length;
      await say(n1, n2, 'on the old connection');
      await say(n1, n2, 'on a new connection', { fresh: true });
      await say(n2, n1, 'from the other side');
      await say(n1, n3, 'to a third');
      await isAnswered(n1, 'n3 heard to a third');
      await sleep(silenceMs);
      const all = [...(await textsHeardBy(n2)), ...(await textsHeardBy(n1))];
      expect(all).not.toContain('on the old connection');
      expect(all).not.toContain('on a new connection');
      expect(all).not.toContain('from the other side');
      expect((await heardBy(n1)).broken).toHaveLength(brokenBefore);
    });

    it('lets what was said during a cut come late, after it is healed', async ([n1, n2]) => {
      await say(n1, n2, 'old connection');
      await isHeard(n2, 'old connection');
      await environment.net.cut(grudge([n2, [n1]]));
      await say(n1, n2, 'late on the old one');
      await say(n1, n2, 'late on a new one', { fresh: true });
      await sleep(silenceMs);
      expect(await textsHeardBy(n2)).not.toContain('late on the old one');
      const healed = await environment.net.heal();
      expect(healed.verified).toBe(true);
      await isHeard(n2, 'late on the old one');
      await isHeard(n2, 'late on a new one');
    });

    it('cuts one direction only', async ([n1, n2]) => {
      await say(n1, n2, 'we are connected');
      await isAnswered(n1, 'n2 heard we are connected');
      const evidence = await environment.net.cut(grudge([n1, [n2]]));
      expect(evidence).toMatchObject({ verified: true, seen: { 'n2→n1': expect.any(String) } });
      // On the connection there is: a new one cannot be agreed on where one side is deaf, unless a proxy does it.
      await say(n1, n2, 'you cannot answer');
      await isHeard(n2, 'you cannot answer');
      await say(n2, n1, 'you cannot hear');
      await sleep(silenceMs);
      expect(await textsAnsweredTo(n1)).not.toContain('n2 heard you cannot answer');
      expect(await textsHeardBy(n1)).not.toContain('you cannot hear');
      await environment.net.heal();
      await isAnswered(n1, 'n2 heard you cannot answer');
      await isHeard(n1, 'you cannot hear');
    });

    it('hides the end of a program behind a cut until it is healed', async ([n1, n2]) => {
      const connection = await say(n1, n2, 'are you there', { fresh: true });
      const brokenOnes = async () => (await heardBy(n1)).broken.map((broken) => broken.connection);
      await isAnswered(n1, 'n2 heard are you there');
      await environment.net.cut(grudge([n1, [n2]]));
      await n2.signal('SIGKILL');
      await sleep(silenceMs);
      expect(await brokenOnes()).not.toContain(connection);
      await environment.net.heal();
      await expect.poll(brokenOnes, soon).toContain(connection);
    });

    it('adds a second cut to the first', async ([n1, n2, n3]) => {
      await environment.net.cut(grudge([n1, [n2]]));
      await environment.net.cut(grudge([n1, [n3]]));
      await say(n2, n1, 'still cut', { fresh: true });
      await say(n3, n1, 'cut as well', { fresh: true });
      await sleep(silenceMs);
      const texts = await textsHeardBy(n1);
      expect(texts).not.toContain('still cut');
      expect(texts).not.toContain('cut as well');
    });

    it('keeps a cut over the restart of a node', async ([n1, n2]) => {
      await environment.net.cut(grudge([n2, [n1]], [n1, [n2]]));
      await n1.signal('SIGKILL');
      await start(n1);
      await say(n1, n2, 'born into a cut');
      await sleep(silenceMs);
      expect(await textsHeardBy(n2)).not.toContain('born into a cut');
      await environment.net.heal();
      await isHeard(n2, 'born into a cut');
    });

    it('never cuts the way of the controller', async ([n1, n2, n3]) => {
      await environment.net.cut(grudge([n1, [n2, n3]], [n2, [n1, n3]], [n3, [n1, n2]]));
      for (const node of [n1, n2, n3]) expect(await ask(node, { do: 'hello' })).toBeDefined();
    });

    it('resets connections, old and new', async ([n1, n2]) => {
      const old = await say(n1, n2, 'before the reset', { fresh: true });
      await isAnswered(n1, 'n2 heard before the reset');
      const evidence = await environment.net.shape(link('n1', 'n2'), { kind: 'reset' });
      expect(evidence.verified).toBe(true);
      // A firewall answers with a reset only where something is said.
      await say(n1, n2, 'into the reset');
      const broken = async () => (await heardBy(n1)).broken;
      await expect.poll(broken, soon).toContainEqual({ connection: old, code: 'ECONNRESET' });
      const young = await say(n1, n2, 'after the reset', { fresh: true });
      await expect.poll(broken, soon).toContainEqual({ connection: young, code: 'ECONNRESET' });
      expect((await environment.net.shape(link('n1', 'n2'), undefined)).verified).toBe(true);
      await say(n1, n2, 'whole again', { fresh: true });
      await isHeard(n2, 'whole again');
    });

    it('delays what one node says to another, on established connections, and keeps its order', async ([
      n1,
      n2,
    ]) => {
      await say(n1, n2, 'without delay');
      await isAnswered(n1, 'n2 heard without delay');
      const rule = { kind: 'delay', delayMs: 200, jitterMs: 50 } as const;
      const reason = environment.lacks('delay');
      if (reason !== undefined) {
        await expect(environment.net.shape(link('n1', 'n2'), rule)).rejects.toThrow(reason);
        process.stderr.write(`NOT TESTED: delayed links: ${reason}\n`);
        return;
      }
      expect((await environment.net.shape(link('n1', 'n2'), rule)).verified).toBe(true);
      const begun = performance.now();
      for (const text of ['first', 'second', 'third']) await say(n1, n2, `delayed ${text}`);
      expect(await textsHeardBy(n2)).not.toContain('delayed first');
      await isHeard(n2, 'delayed first');
      expect(performance.now() - begun).toBeGreaterThan(145);
      await isHeard(n2, 'delayed third');
      const texts = (await textsHeardBy(n2)).filter((text) => text.startsWith('delayed'));
      expect(texts).toEqual(['delayed first', 'delayed second', 'delayed third']);
      await say(n2, n1, 'the other way is fast');
      await isAnswered(n2, 'n1 heard the other way is fast');
    });

    it('limits how much one node can say to another', async ([n1, n2]) => {
      const rule = { kind: 'limit', bytesPerSecond: 100_000 } as const;
      expect((await environment.net.shape(link('n1', 'n2'), rule)).verified).toBe(true);
      const begun = performance.now();
      await ask(n1, { do: 'shout', to: 'n2', bytes: 60_000 });
      await isHeard(n2, '60000 characters');
      const tookMs = performance.now() - begun;
      expect(tookMs).toBeGreaterThan(500);
      expect(tookMs).toBeLessThan(1_500);
    });

    it('carries much without loss', async ([n1, n2]) => {
      await ask(n1, { do: 'shout', to: 'n2', bytes: 5_000_000 });
      await isHeard(n2, '5000000 characters');
    });

    it('verifies on every link that a heal took effect, as often as it is asked', async () => {
      const links = ['n1→n2', 'n1→n3', 'n2→n1', 'n2→n3', 'n3→n1', 'n3→n2'];
      for (let i = 0; i < 2; i++) {
        const { verified, seen } = await environment.net.heal();
        expect(verified).toBe(true);
        expect(Object.keys(seen).sort()).toEqual(links);
      }
    });

    it('refuses a link to a node that does not exist, and does not call a cut of nothing seen', async () => {
      await expect(environment.net.shape(link('n1', 'n9'), { kind: 'drop' })).rejects.toThrow(/n9/);
      expect((await environment.net.cut(new Map())).verified).toBe(false);
    });

    it('frees everything when it is disposed of, which may be done twice', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'faultline-contract-'));
      const other = await up(folder);
      try {
        const [n1, n2] = [nodeAt(0, other), nodeAt(1, other)];
        await start(n1, other);
        await start(n2, other);
        await n2.signal('SIGSTOP');
        await other.net.cut(grudge([n1, [n2]]));
        await other[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
        for (const node of [n1, n2]) {
          await expect(subject.ask(node, { do: 'hello' }, silenceMs)).rejects.toThrow();
        }
        expect(exits).toEqual([]);
      } finally {
        await other[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true, force: true });
      }
    });

    test('is not brought up once the wish for it is withdrawn', async () => {
      const attempt = subject.provider.up({
        nodes: names,
        ports: ['client'],
        directory,
        signal: AbortSignal.abort(),
        onUnexpectedExit: () => undefined,
      });
      await expect(attempt).rejects.toThrow(EnvironmentError);
    });
  });
}
