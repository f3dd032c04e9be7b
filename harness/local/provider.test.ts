// What is true of the local environment alone: whose processes are whose, and that none outlives its purpose.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { clean } from '../clean.ts';
import type { Environment, Node, UnexpectedExit } from '../environment.ts';
import { EnvironmentError } from '../errors.ts';
import { unsettledEntries } from '../ledger.ts';
import { identityOf, type ProcessIdentity, procTable, send, stateOf } from '../os-process.ts';
import { programPath } from '../program-path.ts';
import { askOverTcp, contractCommand } from '../testdata/contract-over-tcp.ts';
import { type LocalOptions, localEnvironment } from './provider.ts';

const soon = { timeout: 5_000, interval: 10 };
let directory: string;
let exits: UnexpectedExit[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-local-'));
  exits = [];
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function up(options: LocalOptions = {}, nodes = ['n1']): Promise<Environment> {
  const environment = await localEnvironment(options).up({
    nodes,
    ports: ['client', 'peer'],
    directory,
    signal: new AbortController().signal,
    onUnexpectedExit: (exit) => exits.push(exit),
  });
  onTestFinished(() => environment.abandon());
  return environment;
}

function only(environment: Environment): Node {
  const [node] = environment.nodes;
  if (node === undefined) throw new Error('no node');
  return node;
}

const ask = (node: Node, request: object) => askOverTcp(node.endpoint('client'), request, 2_000);

async function start(environment: Environment): Promise<void> {
  for (const node of environment.nodes) await node.start(contractCommand(node, environment.nodes));
  for (const node of environment.nodes) await vi.waitFor(() => ask(node, { do: 'hello' }), soon);
}

function known(pid: number | undefined): ProcessIdentity {
  const identity = pid === undefined ? undefined : identityOf(pid);
  if (identity === undefined) throw new Error(`no process ${pid}`);
  return identity;
}

/** What the ledger says of the agent, the only place that tells its number. */
function agentOf(folder: string): ProcessIdentity {
  for (const { what, undo } of unsettledEntries(folder)) {
    if (what.includes('agent') && undo.kind === 'end-group') return undo;
  }
  throw new Error('the ledger does not name the agent');
}

const isDead = (process: ProcessIdentity) => expect.poll(() => stateOf(process), soon).toBe('dead');

const groupOf = (pid: number | undefined) => procTable.read(pid ?? 0)?.group;

async function begotten(node: Node, apart = false): Promise<ProcessIdentity> {
  return known(((await ask(node, { do: 'beget', apart })) as { pid: number }).pid);
}

test('every program leads a process group of its own, and so does the agent', async () => {
  await using environment = await up({}, ['n1', 'n2']);
  await start(environment);
  const pids = [agentOf(directory).pid, ...environment.nodes.map((node) => node.pid() ?? 0)];
  expect(pids.map(groupOf)).toEqual(pids);
  expect(pids).not.toContain(groupOf(process.pid));
});

test('signals go to the children of a program as well', async () => {
  await using environment = await up();
  await start(environment);
  const node = only(environment);
  const child = await begotten(node);
  await node.signal('SIGSTOP');
  expect(stateOf(child)).toBe('paused');
  await node.signal('SIGCONT');
  expect(stateOf(child)).toBe('running');
  await node.signal('SIGKILL');
  expect(stateOf(child)).toBe('dead');
});

test('a program that is started again meets no children of its former self', async () => {
  await using environment = await up();
  await start(environment);
  const child = await begotten(only(environment));
  await ask(only(environment), { do: 'exit', code: 1, words: 'bye' });
  await expect.poll(() => exits, soon).toHaveLength(1);
  expect(stateOf(child)).toBe('running');
  await start(environment);
  expect(stateOf(child)).toBe('dead');
});

test('disposing ends what runs, what is paused, orphans, and those who left for groups of their own', async () => {
  const environment = await up({}, ['n1', 'n2', 'n3']);
  await start(environment);
  const [n1, n2, n3] = environment.nodes as [Node, Node, Node];
  const processes = [agentOf(directory), ...environment.nodes.map((node) => known(node.pid()))];
  processes.push(await begotten(n1), await begotten(n1, true), await begotten(n3));
  await ask(n3, { do: 'exit', code: 0, words: '' });
  await expect.poll(() => exits, soon).toHaveLength(1);
  await n2.signal('SIGSTOP');
  await environment[Symbol.asyncDispose]();
  expect(processes.map(stateOf)).toEqual(processes.map(() => 'dead'));
  expect(unsettledEntries(directory)).toEqual([]);
  expect(exits).toHaveLength(1);
});

test('abandoning ends everything without waiting for anything', async () => {
  const environment = await up({}, ['n1', 'n2']);
  await start(environment);
  const [n1, n2] = environment.nodes as [Node, Node];
  await n1.signal('SIGSTOP');
  const processes = [agentOf(directory), known(n1.pid()), known(n2.pid())];
  environment.abandon();
  for (const process of processes) await isDead(process);
  await environment[Symbol.asyncDispose]();
});

test('the loss of the agent ends the programs, and the next call tells', async () => {
  const environment = await up();
  await start(environment);
  const node = only(environment);
  const program = known(node.pid());
  const agent = agentOf(directory);
  send(agent.pid, 'SIGKILL');
  await isDead(program);
  await vi.waitFor(() => expect(node.state()).rejects.toThrow(EnvironmentError), soon);
  await expect(environment.net.heal()).rejects.toThrow(/agent ended \(SIGKILL\)/);
  await expect(node.signal('SIGKILL')).rejects.toThrow(EnvironmentError);
  expect(exits).toEqual([]);
  await environment[Symbol.asyncDispose]();
});

test('the loss of the agent is told at the end if no call came after it', async () => {
  const environment = await up();
  const agent = agentOf(directory);
  send(agent.pid, 'SIGKILL');
  await isDead(agent);
  await expect(environment[Symbol.asyncDispose]()).rejects.toThrow(/agent ended/);
});

test('ports that others use are left alone, and too few of them are an error that says so', async () => {
  const range = { from: 21_345, to: 21_365 };
  const stranger = createServer();
  const taken = await new Promise<number>((resolve, reject) => {
    stranger.on('error', reject);
    stranger.listen(21_350, '127.0.0.1', () => resolve(21_350));
  });
  try {
    await using environment = await up({ ports: range }, ['n1', 'n2']);
    for (const node of environment.nodes) {
      for (const { port } of [node.endpoint('client'), node.endpoint('peer')]) {
        expect(port).not.toBe(taken);
        expect(port).toBeGreaterThanOrEqual(range.from);
        expect(port).toBeLessThan(range.to);
      }
    }
    await expect(up({ ports: { from: 21_400, to: 21_405 } }, ['n1', 'n2'])).rejects.toThrow(/21400 to 21404/);
  } finally {
    stranger.close();
  }
});

test('a port that was taken since is an error that names node and port', async () => {
  await using environment = await up();
  const node = only(environment);
  const { host, port } = node.listen('peer');
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(port, host, resolve));
  const attempt = node.start(contractCommand(node, environment.nodes));
  await expect(attempt).rejects.toThrow(new RegExp(`n1.*${port} \\(peer\\).*taken`));
  await new Promise((resolve) => stranger.close(resolve));
  await start(environment);
});

test.each(['../n1', '', 'a b'])('the node name %j is refused', async (name) => {
  await expect(up({}, [name])).rejects.toThrow(/cannot name a node/);
});

test('last words may hold whatever a program can print', async () => {
  await using environment = await up();
  const node = only(environment);
  const words = 'sep\u2028ara\u2029tors, "quotes", \u0000 and \ud83d\ude00';
  await node.start({ argv: [process.execPath, '-e', `process.stderr.write(${JSON.stringify(words)})`] });
  await expect.poll(() => exits, soon).toEqual([{ node: 'n1', code: 0, signal: null, lastWords: words }]);
  expect(await node.state()).toBe('dead');
});

test('what programs print is kept in the log over restarts', async () => {
  await using environment = await up();
  const node = only(environment);
  await start(environment);
  await node.signal('SIGKILL');
  await start(environment);
  expect(readFileSync(node.logFiles[0] ?? '', 'utf8')).toBe('n1 listens\nn1 listens\n');
});

/** A controller of its own, which brings up two nodes, pauses one and says which processes there are. */
async function controllerProcess(): Promise<{
  controller: ReturnType<typeof spawn>;
  processes: readonly ProcessIdentity[];
}> {
  const program = join(directory, 'controller.mjs');
  const from = (path: string) => JSON.stringify(pathToFileURL(programPath(path)).href);
  writeFileSync(
    program,
    `import { localEnvironment } from ${from('harness/local/provider.ts')};
    const environment = await localEnvironment().up({
      nodes: ['n1', 'n2'], ports: ['client'], directory: ${JSON.stringify(directory)},
      signal: new AbortController().signal, onUnexpectedExit() {},
    });
    for (const node of environment.nodes) {
      await node.start({ argv: [process.execPath, '-e', 'setInterval(() => undefined, 1000)'] });
    }
    await environment.nodes[1].signal('SIGSTOP');
    console.log(JSON.stringify(environment.nodes.map((node) => node.pid())));
    setInterval(() => undefined, 1000);`,
  );
  const controller = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    controller.kill('SIGKILL');
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: controller.stdout }).on('line', resolve);
    controller.on('exit', (code) => reject(new Error(`the controller ended with code ${code}`)));
  });
  const pids = JSON.parse(line) as number[];
  return { controller, processes: [agentOf(directory), ...pids.map(known)] };
}

test('everything dies with a controller that is killed by SIGKILL', async () => {
  const { controller, processes } = await controllerProcess();
  expect(processes.map(stateOf)).toEqual(['running', 'running', 'paused']);
  controller.kill('SIGKILL');
  for (const process of processes) await isDead(process);
});

test('clean leaves a living run alone, and ends what is left when controller and agent were killed', async () => {
  const { controller, processes } = await controllerProcess();
  const [agent, n1, n2] = processes as [ProcessIdentity, ProcessIdentity, ProcessIdentity];
  expect((await clean(directory)).runs).toEqual([{ directory, state: 'live', removed: [], left: [] }]);
  expect(stateOf(n1)).toBe('running');

  // Stopped, the agent cannot follow its controller before it is killed itself.
  send(agent.pid, 'SIGSTOP');
  controller.kill('SIGKILL');
  await isDead(known(controller.pid));
  send(agent.pid, 'SIGKILL');
  await isDead(agent);
  expect([n1, n2].map(stateOf)).toEqual(['running', 'paused']);

  const [run] = (await clean(directory)).runs;
  expect(run?.state).toBe('clean');
  expect(run?.removed).toEqual([
    `n2's program, paused (process group ${n2.pid})`,
    `n1's program (process group ${n1.pid})`,
  ]);
  expect([n1, n2].map(stateOf)).toEqual(['dead', 'dead']);
  expect((await clean(directory)).runs).toEqual([{ directory, state: 'clean', removed: [], left: [] }]);
});

test('a run writes into the ledger what it is about to do, and settles it', async () => {
  await using environment = await up({}, ['n1', 'n2']);
  await start(environment);
  const open = () => unsettledEntries(directory).map(({ what }) => what);
  await environment.net.cut(new Map([['n1', new Set(['n2'])]]));
  await environment.nodes[1]?.signal('SIGSTOP');
  expect(open()).toEqual([
    'whatever the run started',
    "the environment's agent",
    "n1's program",
    "n2's program",
    'drop n2→n1',
    "n2's program, paused",
  ]);
  await environment.nodes[1]?.signal('SIGKILL');
  await environment.net.heal();
  await expect
    .poll(open, soon)
    .toEqual(['whatever the run started', "the environment's agent", "n1's program"]);
  expect(existsSync(join(directory, 'nodes', 'n1', 'data'))).toBe(true);
});
