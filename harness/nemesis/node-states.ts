// What the faults of a run have done to each node's program and machine, shared among them so that composed faults make
// no nonsense: nobody pauses a dead node, kills a paused one, starts a running one, or one whose disk is full.

import type { NodeName, ProgramState } from '../environment.ts';

export type NodeAction =
  | 'kill'
  | 'start'
  | 'terminate'
  | 'crash-loop'
  | 'power-off'
  | 'power-on'
  | 'pause'
  | 'resume'
  | 'freeze'
  | 'thaw'
  | 'limit-cpu'
  | 'unlimit-cpu'
  | 'fill-disk'
  | 'free-disk'
  | 'make-read-only'
  | 'make-writable';

/** What is wrong with a node besides the state of its program, which tells nothing of it. */
export type Condition = 'frozen' | 'off' | 'slow-cpu' | 'disk-full' | 'disk-read-only';

export type Permission =
  | {
      readonly allowed: true;
      readonly to: ProgramState;
      /** May be seen as well: a program whose disk is full ends by itself, or goes on. */
      readonly or?: ProgramState;
    }
  | { readonly allowed: false; readonly reason: string };

interface Refusal {
  readonly reason: string;
}

interface Rule {
  /** What comes of each state. */
  readonly from: Readonly<
    Record<ProgramState, ProgramState | readonly [ProgramState, ProgramState] | Refusal>
  >;
  /** Not while one of these holds. */
  readonly unless?: readonly Condition[];
  /** A repair of something that is not broken is passed over. */
  readonly onlyIf?: Condition;
  /** Holds from before the act on, so that what fails half-way is repaired as well. */
  readonly begins?: Condition;
  /** Holds no longer once the act was seen. */
  readonly ends?: Condition;
}

const running: Refusal = { reason: 'it is running' };
const paused: Refusal = { reason: 'it is paused' };
const dead: Refusal = { reason: 'it is dead' };

/** A paused program is not killed: its resume would be left without a program, and its harm without a second end. */
const fromRunning = (to: ProgramState | readonly [ProgramState, ProgramState]): Rule['from'] => ({
  running: to,
  paused,
  dead,
});
const fromPaused: Rule['from'] = { running, paused: 'running', dead };
const fromDead: Rule['from'] = { running, paused, dead: 'running' };
const unchanged: Rule['from'] = { running: 'running', paused: 'paused', dead: 'dead' };

const brokenDisk = ['disk-full', 'disk-read-only'] as const;
/** Nothing can be done within such a machine. */
const outOfReach = ['frozen', 'off'] as const;

const rules: Readonly<Record<NodeAction, Rule>> = {
  kill: { from: fromRunning('dead') },
  terminate: { from: fromRunning('dead') },
  'crash-loop': { from: fromRunning('dead'), unless: brokenDisk },
  start: { from: fromDead, unless: brokenDisk },
  // Its processor and its disk are repaired before the dead are started, and a machine that is off cannot be reached.
  'power-off': { from: fromRunning('dead'), unless: ['slow-cpu', ...brokenDisk], begins: 'off' },
  'power-on': { from: fromDead, unless: brokenDisk, ends: 'off' },
  pause: { from: fromRunning('paused') },
  resume: { from: fromPaused, ends: 'frozen' },
  freeze: { from: fromRunning('paused'), begins: 'frozen' },
  thaw: { from: fromPaused, ends: 'frozen' },
  // A machine whose disk changes may be made anew, without its limit.
  'limit-cpu': { from: fromRunning('running'), unless: ['slow-cpu', 'disk-read-only'], begins: 'slow-cpu' },
  'unlimit-cpu': { from: unchanged, unless: outOfReach, onlyIf: 'slow-cpu', ends: 'slow-cpu' },
  'fill-disk': { from: fromRunning(['running', 'dead']), unless: brokenDisk, begins: 'disk-full' },
  'free-disk': {
    from: { running: 'running', paused: 'paused', dead: 'running' },
    unless: outOfReach,
    onlyIf: 'disk-full',
    ends: 'disk-full',
  },
  'make-read-only': {
    from: fromRunning(['running', 'dead']),
    unless: ['slow-cpu', ...brokenDisk],
    begins: 'disk-read-only',
  },
  'make-writable': {
    from: { running: 'running', paused, dead: 'running' },
    unless: outOfReach,
    onlyIf: 'disk-read-only',
    ends: 'disk-read-only',
  },
};

const present: Readonly<Record<Condition, string>> = {
  frozen: 'its machine is frozen',
  off: 'its machine is off',
  'slow-cpu': 'its processor is limited',
  'disk-full': 'its disk is full',
  'disk-read-only': 'its disk is read-only',
};

const absent: Readonly<Record<Condition, string>> = {
  frozen: 'its machine is not frozen',
  off: 'its machine is on',
  'slow-cpu': 'its processor is not limited',
  'disk-full': 'its disk is not full',
  'disk-read-only': 'its disk is not read-only',
};

export function permission(
  state: ProgramState,
  action: NodeAction,
  has: (condition: Condition) => boolean = () => false,
): Permission {
  const { from, unless = [], onlyIf } = rules[action];
  if (onlyIf !== undefined && !has(onlyIf)) return { allowed: false, reason: absent[onlyIf] };
  const obstacle = unless.find(has);
  if (obstacle !== undefined) return { allowed: false, reason: present[obstacle] };
  const next = from[state];
  if (typeof next === 'string') return { allowed: true, to: next };
  if ('reason' in next) return { allowed: false, reason: next.reason };
  return { allowed: true, to: next[0], or: next[1] };
}

export interface NodeStates {
  /** As far as the faults know. */
  state(name: NodeName): ProgramState;
  /**
   * Takes over what the operating system says of a node. Answers what was expected if that differs: the program ended,
   * or was stopped or started, by another hand than a fault's.
   */
  observe(name: NodeName, seen: ProgramState): ProgramState | undefined;
  has(name: NodeName, condition: Condition): boolean;
  /** Why nothing can be done within the machine, if so. */
  outOfReach(name: NodeName): string | undefined;
  /** The action is about to be tried. */
  begin(name: NodeName, action: NodeAction): void;
  /** The action was seen. */
  end(name: NodeName, action: NodeAction): void;
}

/** All are taken to run; what is seen corrects that. */
export function nodeStates(nodes: readonly NodeName[]): NodeStates {
  const states = new Map<NodeName, ProgramState>(nodes.map((name) => [name, 'running']));
  const conditions = new Map<NodeName, Set<Condition>>(nodes.map((name) => [name, new Set()]));
  const of = <T>(map: ReadonlyMap<NodeName, T>, name: NodeName): T => {
    const found = map.get(name);
    if (found === undefined) throw new Error(`no such node: ${name}`);
    return found;
  };
  return {
    state: (name) => of(states, name),
    observe(name, seen) {
      const expected = of(states, name);
      states.set(name, seen);
      // Neither a frozen machine nor one that is off has a running program, whoever brought it back.
      if (seen === 'running') for (const over of outOfReach) of(conditions, name).delete(over);
      return expected === seen ? undefined : expected;
    },
    has: (name, condition) => of(conditions, name).has(condition),
    outOfReach(name) {
      const obstacle = outOfReach.find((condition) => of(conditions, name).has(condition));
      return obstacle === undefined ? undefined : present[obstacle];
    },
    begin(name, action) {
      const { begins } = rules[action];
      if (begins !== undefined) of(conditions, name).add(begins);
    },
    end(name, action) {
      const { ends } = rules[action];
      if (ends !== undefined) of(conditions, name).delete(ends);
    },
  };
}
