// What the faults of a run have done to each node's program, shared among them so that composed faults make no
// nonsense: nobody pauses a dead node, kills a paused one, starts a running one or resumes one that is not paused.

import type { NodeName, ProgramState } from '../environment.ts';

export type NodeAction = 'kill' | 'start' | 'pause' | 'resume';

export type Permission =
  | { readonly allowed: true; readonly to: ProgramState }
  | { readonly allowed: false; readonly reason: string };

const running = 'it is running';
const paused = 'it is paused';
const dead = 'it is dead';

/** A paused program is not killed: its resume would be left without a program, and its harm without a second end. */
const transitions: Readonly<
  Record<NodeAction, Readonly<Record<ProgramState, ProgramState | { reason: string }>>>
> = {
  kill: { running: 'dead', paused: { reason: paused }, dead: { reason: dead } },
  start: { running: { reason: running }, paused: { reason: paused }, dead: 'running' },
  pause: { running: 'paused', paused: { reason: paused }, dead: { reason: dead } },
  resume: { running: { reason: running }, paused: 'running', dead: { reason: dead } },
};

export function permission(state: ProgramState, action: NodeAction): Permission {
  const next = transitions[action][state];
  return typeof next === 'string' ? { allowed: true, to: next } : { allowed: false, reason: next.reason };
}

export interface NodeStates {
  /** As far as the faults know. */
  state(name: NodeName): ProgramState;
  /**
   * Takes over what the operating system says of a node. Answers what was expected if that differs: the program ended,
   * or was stopped or started, by another hand than a fault's.
   */
  observe(name: NodeName, seen: ProgramState): ProgramState | undefined;
}

/** All are taken to run; what is seen corrects that. */
export function nodeStates(nodes: readonly NodeName[]): NodeStates {
  const states = new Map<NodeName, ProgramState>(nodes.map((name) => [name, 'running']));
  const stateOf = (name: NodeName): ProgramState => {
    const state = states.get(name);
    if (state === undefined) throw new Error(`no such node: ${name}`);
    return state;
  };
  return {
    state: stateOf,
    observe(name, seen) {
      const expected = stateOf(name);
      states.set(name, seen);
      return expected === seen ? undefined : expected;
    },
  };
}
