// A node in a container: its program, its signals, its machine.

import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Address,
  Command,
  Node,
  NodeClock,
  NodeName,
  PortName,
  ProgramState,
  Signal,
  UnexpectedExit,
} from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import type { Attached } from './attach.ts';
import { reasonOutOfReach } from './clock-reach.ts';
import { dataDirectory, dataMount, type Machine } from './machine.ts';
import { MachineShell, type ProgramEnd } from './machine-shell.ts';
import type { NodeClockKit } from './node-clock.ts';
import { nodeDisk } from './node-disk.ts';
import { outOfMemoryKills } from './out-of-memory.ts';
import { parseState, signalScript, stateScript } from './program-states.ts';
import { quoted } from './shell.ts';

/** How long the effect of each signal may take until it is seen. */
export type SignalLimits = Readonly<Record<Signal, number>>;

export interface DockerNodeParts {
  readonly name: NodeName;
  readonly machine: Machine;
  /** The port within the container, and where it is published to the controller. */
  readonly ports: ReadonlyMap<PortName, { readonly inside: number; readonly published: Address }>;
  /** Where this node's program reaches another's machine. */
  readonly addressOf: (node: NodeName) => string;
  /** The node's folder in the run folder. */
  readonly directory: string;
  readonly limits: SignalLimits;
  /** Its disk is small and its own: filling it harms nobody else. */
  readonly diskIsLimited: boolean;
  /** With it, whatever the node did was no doing of its program. */
  readonly networkIsGone: () => boolean;
  /** Absent: programs see the machine's own time. */
  readonly clock?: NodeClockKit;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}

interface Program {
  readonly pid: number;
  /** A signal of ours that ends programs is under way, or the machine was switched off. */
  endIsExpected: boolean;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

const tailCharacters = 2_000;
/** Output and the news of an end come by two pipes: the last words may be the later ones. */
const lastWordsMs = 100;
const lossMs = 2_000;
const programsRoot = '/opt/faultline/dist';

export class DockerNode implements Node {
  readonly name: NodeName;
  readonly dataDirectory = dataDirectory;
  readonly logFiles: readonly string[];
  readonly #parts: DockerNodeParts;
  readonly #log: WriteStream;
  #lastWords = '';
  #shell: MachineShell | undefined;
  #program: Program | undefined;
  #isFrozen = false;
  #exitsAreExcused = false;
  #outOfMemoryKills = 0;

  private constructor(parts: DockerNodeParts) {
    this.name = parts.name;
    this.#parts = parts;
    const logFile = join(parts.directory, 'log.txt');
    this.logFiles = [logFile];
    this.#log = createWriteStream(logFile, { flags: 'a' });
    // A log that cannot be written must not end the run that it is about.
    this.#log.on('error', () => undefined);
  }

  /** The machine is made and switched on. */
  static async up(parts: DockerNodeParts): Promise<DockerNode> {
    await mkdir(parts.directory, { recursive: true });
    const node = new DockerNode(parts);
    await parts.machine.create();
    await node.#switchOn();
    return node;
  }

  listen(port: PortName): Address {
    return { host: '0.0.0.0', port: this.#port(port).inside };
  }

  endpoint(port: PortName): Address {
    return this.#port(port).published;
  }

  peer(name: NodeName, port: PortName): Address {
    return { host: this.#parts.addressOf(name), port: this.#port(port).inside };
  }

  argvOf(source: string): readonly string[] {
    return ['node', `${programsRoot}/${source.replace(/\.ts$/, '.js')}`];
  }

  async wipe(): Promise<void> {
    if ((await this.state()) !== 'dead') {
      throw this.#error('its data cannot be wiped while its program lives');
    }
    const script = `find ${dataMount} -mindepth 1 -delete && mkdir ${dataDirectory}`;
    const { stdout, status } = await this.#onShell().run(script);
    if (status !== 0) throw this.#error(`its data could not be wiped: ${stdout.trim()}`);
  }

  async start({ argv, env = {} }: Command): Promise<void> {
    if (this.#shell === undefined) await this.#switchOn();
    if ((await this.state()) !== 'dead')
      throw this.#error('its program is alive, and another was to be started');
    const [file = ''] = argv;
    const shell = this.#onShell();
    const { status } = await shell.run(`command -v -- ${quoted(file)}`);
    if (status !== 0) throw this.#error(`cannot start ${file}: there is no such program in its machine`);
    const unreachable = this.#parts.clock && (await reasonOutOfReach(shell, file));
    if (unreachable !== undefined) throw this.#error(unreachable);
    const variables = { ...env, ...this.#parts.clock?.environment() };
    const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
    this.#outOfMemoryKills = await outOfMemoryKills(shell);
    this.#lastWords = '';
    const script = [...exports, `cd ${dataMount}`, `exec ${argv.map(quoted).join(' ')}`].join('\n');
    await shell.start(script, (pid) => {
      this.#program = begunProgram(pid);
    });
  }

  async signal(signal: Signal): Promise<void> {
    const program = this.#program;
    if (program === undefined) throw this.#error(`${signal} cannot be sent: its program is dead`);
    if (this.#isFrozen) await this.#thaw();
    const isEnd = signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT';
    if (isEnd) program.endIsExpected = true;
    const limitMs = this.#parts.limits[signal];
    const { stdout, status } = await this.#onShell().run(
      signalScript(program.pid, signal, limitMs),
      limitMs + 10_000,
    );
    const state = parseState(stdout);
    if (status !== 0) throw this.#error(`${signal} could not be sent: ${stdout.trim()}`);
    const wished = isEnd ? 'dead' : signal === 'SIGSTOP' ? 'paused' : 'running';
    if (state !== wished) {
      program.endIsExpected = false;
      throw this.#error(`${signal} was sent, but after ${limitMs / 1000} s its program is ${state}`);
    }
    if (isEnd) await program.ended;
  }

  async state(): Promise<ProgramState> {
    const shell = this.#shell;
    const program = this.#program;
    if (shell === undefined || program === undefined) return 'dead';
    if (this.#isFrozen && (await this.#parts.machine.isFrozen())) return 'paused';
    const { stdout } = await shell.run(stateScript(program.pid));
    return parseState(stdout);
  }

  pid(): number | undefined {
    return this.#program?.pid;
  }

  excuseExits(excused: boolean): void {
    this.#exitsAreExcused = excused;
  }

  readonly power = {
    off: async () => {
      if (this.#program !== undefined) this.#program.endIsExpected = true;
      if (this.#isFrozen) await this.#thaw();
      await this.#parts.machine.off();
      this.#isOff();
    },
    on: async () => {
      if (this.#shell === undefined) await this.#switchOn();
    },
  };

  readonly freezer = {
    freeze: async () => {
      await this.#parts.machine.freeze();
      this.#isFrozen = true;
    },
    thaw: async () => {
      if (this.#isFrozen) await this.#thaw();
      if ((await this.state()) === 'paused') await this.signal('SIGCONT');
    },
  };

  readonly cpu = {
    limit: async (share: number | undefined) => {
      await this.#parts.machine.limitCpu(share);
      const read = 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max';
      const { stdout } = await this.#onShell().run(read);
      return { quota: stdout.trim() };
    },
  };

  readonly disk = nodeDisk({
    shell: () => this.#onShell(),
    isLimited: () => this.#parts.diskIsLimited,
    setReadOnly: async (readOnly) => {
      if ((await this.state()) !== 'dead')
        throw this.#error('its disk cannot change while its program lives');
      await this.#parts.machine.setReadOnly(readOnly);
      this.#isOff();
      await this.#switchOn();
    },
  });

  get clock(): NodeClock | undefined {
    return this.#parts.clock?.clock(() => this.#onShell());
  }

  /** Its ports as the controller reaches them, for people. */
  places(): string {
    return [...this.#parts.ports]
      .map(([port, { published }]) => `${port} at ${published.host}:${published.port}`)
      .join(', ');
  }

  /** The machine lives on when the controller lets go. */
  keep(): void {
    this.#shell?.keep();
  }

  /** Ends are no news from now on. */
  close(): void {
    if (this.#program !== undefined) this.#program.endIsExpected = true;
    this.#log.end();
  }

  async #switchOn(): Promise<void> {
    const attached = await this.#parts.machine.on();
    attached.stderr.on('data', (chunk: Buffer) => {
      this.#log.write(chunk);
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-tailCharacters);
    });
    const shell = new MachineShell(this.name, attached, (end) => void this.#programEnded(end));
    this.#shell = shell;
    void this.#awaitEnd(attached, shell);
    const made = await shell.run(`mkdir -p ${dataDirectory} || [ -d ${dataDirectory} ]`);
    if (made.status !== 0) throw this.#error(`its data folder cannot be made: ${made.stdout.trim()}`);
    await this.#parts.clock?.prepare(shell);
  }

  async #awaitEnd(attached: Attached, shell: MachineShell): Promise<void> {
    await attached.closed;
    await this.#machineEnded(shell);
  }

  async #thaw(): Promise<void> {
    await this.#parts.machine.thaw();
    this.#isFrozen = false;
  }

  /** The machine was switched off by us. */
  #isOff(): void {
    this.#shell = undefined;
    this.#program?.end();
    this.#program = undefined;
    this.#isFrozen = false;
  }

  /** The container ended: by us, which is known already, or by somebody else's hand. */
  async #machineEnded(shell: MachineShell): Promise<void> {
    if (this.#shell !== shell) return;
    const program = this.#program;
    this.#isOff();
    if (program === undefined || program.endIsExpected || this.#exitsAreExcused) return;
    // An engine that goes down takes the network with it, not at the same moment.
    for (let waitedMs = 0; waitedMs < lossMs; waitedMs += 100) {
      if (this.#parts.networkIsGone()) return;
      await sleep(100);
    }
    const how = await this.#parts.machine.lastEnd().catch(() => 'the engine is gone');
    this.#parts.onUnexpectedExit({
      node: this.name,
      code: null,
      signal: null,
      lastWords: `${this.#lastWords}\nits container ended: ${JSON.stringify(how)}`.trim(),
    });
  }

  async #programEnded({ pid, code, signal }: ProgramEnd): Promise<void> {
    const program = this.#program;
    if (program?.pid !== pid) return;
    this.#program = undefined;
    program.end();
    if (program.endIsExpected || this.#exitsAreExcused) return;
    await sleep(lastWordsMs);
    const memory = await this.#wasOutOfMemory(signal);
    this.#parts.onUnexpectedExit({
      node: this.name,
      code,
      signal,
      lastWords: `${this.#lastWords.trimEnd()}${memory}`.trim(),
    });
  }

  async #wasOutOfMemory(signal: string | null): Promise<string> {
    const shell = this.#shell;
    if (signal !== 'SIGKILL' || shell === undefined) return '';
    const kills = await outOfMemoryKills(shell).catch(() => 0);
    return kills > this.#outOfMemoryKills ? '\nthe kernel killed it: its machine was out of memory' : '';
  }

  #onShell(): MachineShell {
    if (this.#shell === undefined) throw this.#error('its machine is off');
    return this.#shell;
  }

  #port(port: PortName) {
    const found = this.#parts.ports.get(port);
    if (found !== undefined) return found;
    throw this.#error(`there is no port "${port}" but ${[...this.#parts.ports.keys()].join(', ')}`);
  }

  #error(reason: string): EnvironmentError {
    return new EnvironmentError(`${this.name}: ${reason}`, { node: this.name });
  }
}

function begunProgram(pid: number): Program {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { pid, endIsExpected: false, ended, end };
}
