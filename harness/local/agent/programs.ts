// The nodes' programs: started as children of the agent, each leading a process group of its own. A signal counts as
// done when the operating system shows its effect, not when it was sent.

import { statSync } from 'node:fs';
import type { NodeName, Signal } from '../../environment.ts';
import { EnvironmentError } from '../../errors.ts';
import type { Ledger } from '../../ledger.ts';
import {
  eventually,
  killGroup,
  livingInGroup,
  type ProcessIdentity,
  send,
  stateOf,
} from '../../os-process.ts';
import type { AskOf, Ended, ExitEvent, Started } from '../protocol.ts';
import { type GroupLeader, spawnGroup } from '../spawn-group.ts';
import { tail } from '../tail.ts';
import { isTaken } from './free-ports.ts';

interface Program {
  readonly node: NodeName;
  readonly identity: ProcessIdentity;
  /** A signal of ours that ends programs was sent. */
  exitExpected: boolean;
  /** It ended and was waited for; its children may live on. */
  over: boolean;
}

/** How long processes may take to vanish after SIGKILL. */
const killLimitMs = 5_000;

export class Programs {
  /** The latest program of each node, over or not: its children may be alive though it is not. */
  readonly #programs = new Map<NodeName, Program>();
  readonly #ledger: Ledger;
  readonly #onExit: (exit: ExitEvent) => void;

  constructor(ledger: Ledger, onExit: (exit: ExitEvent) => void) {
    this.#ledger = ledger;
    this.#onExit = onExit;
  }

  /** `ports` are those on which the program is going to listen. */
  async start(ask: AskOf<'start'>, ports: ReadonlyMap<string, number>): Promise<Started> {
    const { node } = ask;
    const former = this.#programs.get(node);
    if (former?.over === false) {
      throw new EnvironmentError(`${node}: its program is alive already (pid ${former.identity.pid})`, {
        node,
      });
    }
    if (former !== undefined) await endGroup(former);
    for (const [name, port] of ports) {
      if (await isTaken(port)) {
        throw new EnvironmentError(`${node}: its port ${port} (${name}) was taken by another program`, {
          node,
        });
      }
    }
    return this.#spawn(ask);
  }

  async signal({ node, signal, limitMs }: AskOf<'signal'>): Promise<void> {
    const program = this.#programs.get(node);
    if (program === undefined || program.over) {
      throw new EnvironmentError(`${node}: ${signal} has nobody to go to, its program is dead`, { node });
    }
    const ends = signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT';
    if (ends) program.exitExpected = true;
    send(-program.identity.pid, signal);
    if (await (ends ? isOver(program, limitMs) : eventually(() => obeys(program, signal), limitMs))) return;
    const state = stateOf(program.identity);
    throw new EnvironmentError(
      `${node}: ${limitMs} ms after ${signal} its program (pid ${program.identity.pid}) is ${state}`,
      { node },
    );
  }

  /** Without waiting for anything: for an agent that is about to end. */
  killAll(): void {
    for (const program of this.#programs.values()) {
      program.exitExpected = true;
      killGroup(program.identity);
    }
  }

  async end(): Promise<Ended> {
    const ended = await Promise.all(
      [...this.#programs.values()].map(async (program) => {
        program.exitExpected = true;
        return (await endGroup(program)) ? [] : [`${program.node}: process group ${program.identity.pid}`];
      }),
    );
    return { leftovers: ended.flat() };
  }

  async #spawn({ node, argv, env, workingDirectory, logFile }: AskOf<'start'>): Promise<Started> {
    const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    const leader = await spawnGroup({ argv, env, workingDirectory, logFile, talk: 'none' }).catch(
      ({ message }: Error) => {
        throw new EnvironmentError(`${node}: ${message}`, { node });
      },
    );
    const { identity } = leader;
    const recorded = this.#ledger.record(`${node}'s program`, { kind: 'end-group', ...identity });
    const program: Program = { node, identity, exitExpected: false, over: false };
    this.#programs.set(node, program);
    this.#follow(program, leader, logFile, logStart, recorded).catch((error: unknown) => {
      process.stderr.write(`${node}: after its program's end: ${String(error)}\n`);
    });
    await recorded;
    return identity;
  }

  async #follow(
    program: Program,
    leader: GroupLeader,
    logFile: string,
    logStart: number,
    recorded: Promise<string>,
  ): Promise<void> {
    const { code, signal } = await leader.ended;
    program.over = true;
    const { node, identity, exitExpected: expected } = program;
    const lastWords = expected ? '' : tail(logFile, logStart);
    this.#onExit({ event: 'exit', node, pid: identity.pid, code, signal, expected, lastWords });
    if (livingInGroup(identity).length === 0) await this.#ledger.settle(await recorded);
  }
}

async function isOver(program: Program, limitMs: number): Promise<boolean> {
  return eventually(() => program.over && livingInGroup(program.identity).length === 0, limitMs);
}

async function endGroup(program: Program): Promise<boolean> {
  killGroup(program.identity);
  return isOver(program, killLimitMs);
}

function obeys({ identity }: Program, signal: Signal): boolean {
  const wanted = signal === 'SIGSTOP' ? 'paused' : 'running';
  if (stateOf(identity) !== wanted) return false;
  return livingInGroup(identity).every((row) => (row.state === 'T') === (wanted === 'paused'));
}
