import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProgramState } from '../environment.ts';
import { type NodeAction, nodeStates, permission } from './node-states.ts';

const states: ProgramState[] = ['running', 'paused', 'dead'];
const actions: NodeAction[] = ['kill', 'start', 'pause', 'resume'];

describe('node states', () => {
  it('pitfall 28: nobody pauses the dead, kills the paused, starts the running or resumes what is not paused', () => {
    const table = actions.map((action) => states.map((state) => permission(state, action)));
    const no = (reason: string) => ({ allowed: false, reason });
    const to = (state: ProgramState) => ({ allowed: true, to: state });
    expect(table).toEqual([
      [to('dead'), no('it is paused'), no('it is dead')],
      [no('it is running'), no('it is paused'), to('running')],
      [to('paused'), no('it is paused'), no('it is dead')],
      [no('it is running'), to('running'), no('it is dead')],
    ]);
  });

  it('pitfall 28: whatever faults are composed, no allowed action repeats and each harm has its own repair', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...actions)), (wished) => {
        let state: ProgramState = 'running';
        const done: NodeAction[] = [];
        for (const action of wished) {
          const answer = permission(state, action);
          if (!answer.allowed) continue;
          done.push(action);
          state = answer.to;
        }
        for (const [i, action] of done.entries()) {
          const before = done[i - 1] ?? 'start';
          if (action === 'start') expect(before).toBe('kill');
          if (action === 'resume') expect(before).toBe('pause');
          if (action === 'kill' || action === 'pause') expect(['start', 'resume']).toContain(before);
        }
      }),
    );
  });

  it('what is seen is taken over, and a state that no fault made is told', () => {
    const nodes = nodeStates(['n1', 'n2']);
    expect(nodes.observe('n1', 'running')).toBeUndefined();
    expect(nodes.observe('n1', 'dead')).toBe('running');
    expect(nodes.observe('n1', 'dead')).toBeUndefined();
    expect([nodes.state('n1'), nodes.state('n2')]).toEqual(['dead', 'running']);
    expect(() => nodes.state('n9')).toThrow('no such node: n9');
  });
});
