import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProgramState } from '../environment.ts';
import { type Condition, type NodeAction, nodeStates, permission } from './node-states.ts';

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

  it('what is wrong with a machine forbids what could not be undone, and a repair needs something to repair', () => {
    const having = (...conditions: Condition[]) => {
      return (condition: Condition) => conditions.includes(condition);
    };
    const reason = (state: ProgramState, action: NodeAction, ...conditions: Condition[]) => {
      const answer = permission(state, action, having(...conditions));
      return answer.allowed ? `→ ${answer.to}` : answer.reason;
    };
    expect(reason('dead', 'start', 'disk-full')).toBe('its disk is full');
    expect(reason('dead', 'power-on', 'disk-read-only')).toBe('its disk is read-only');
    expect(reason('running', 'power-off', 'slow-cpu')).toBe('its processor is limited');
    expect(reason('running', 'limit-cpu', 'slow-cpu')).toBe('its processor is limited');
    expect(reason('paused', 'unlimit-cpu', 'slow-cpu')).toBe('→ paused');
    expect(reason('paused', 'unlimit-cpu', 'slow-cpu', 'frozen')).toBe('its machine is frozen');
    expect(reason('running', 'unlimit-cpu')).toBe('its processor is not limited');
    expect(reason('dead', 'free-disk', 'disk-full')).toBe('→ running');
    expect(reason('running', 'free-disk')).toBe('its disk is not full');
    expect(reason('paused', 'make-writable', 'disk-read-only')).toBe('it is paused');
    expect(permission('running', 'fill-disk')).toEqual({ allowed: true, to: 'running', or: 'dead' });
  });

  it('a machine that has a running program is neither frozen nor off, whoever brought it back', () => {
    const nodes = nodeStates(['n1', 'n2']);
    nodes.begin('n1', 'freeze');
    nodes.begin('n1', 'limit-cpu');
    expect(nodes.outOfReach('n1')).toBe('its machine is frozen');
    expect(nodes.outOfReach('n2')).toBeUndefined();
    nodes.observe('n1', 'paused');
    expect(nodes.has('n1', 'frozen')).toBe(true);
    nodes.observe('n1', 'running');
    expect(nodes.outOfReach('n1')).toBeUndefined();
    expect(nodes.has('n1', 'slow-cpu')).toBe(true);
    nodes.end('n1', 'unlimit-cpu');
    expect(nodes.has('n1', 'slow-cpu')).toBe(false);
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
