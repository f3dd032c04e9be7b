import { describe, expect, test } from 'vitest';
import type { Input, Role } from '../raft/messages.ts';
import { RegisterMap } from '../register/register.ts';
import { properDuties } from './duties.ts';
import type { Timer } from './host.ts';
import type { PeerFrame } from './peer-frame.ts';
import { realHost } from './real-host.ts';
import type { Reply } from './request.ts';
import { Requests } from './requests.ts';

const write = { op: 'write', key: 'a', value: 1 } as const;
const read = { op: 'read', key: 'a' } as const;

/** A world in which time passes when told to, around the requests of node n1. */
class World {
  role: Role = 'follower';
  leader: string | null = null;
  isConnected = true;
  readonly inputs: Input[] = [];
  readonly sent: { readonly to: string; readonly frame: PeerFrame }[] = [];
  readonly register = new RegisterMap();
  readonly requests: Requests;
  #now = 0;
  readonly #timers = new Map<Timer, { readonly due: number; readonly action: () => void }>();

  constructor(duties = properDuties) {
    this.requests = new Requests({
      host: {
        ...realHost,
        clock: { now: () => this.#now, timer: (delayMs, action) => this.#timer(delayMs, action) },
        random: () => 0.5,
      },
      id: 'n1',
      replica: {
        applied: 0,
        register: this.register,
        status: () => ({ role: this.role, leader: this.leader }),
        read: (key) => this.register.read(key),
        submit: (input) => {
          this.inputs.push(input);
        },
      },
      duties,
      leaderWaitMs: 300,
      send: (to, frame) => {
        if (this.isConnected) this.sent.push({ to, frame });
        return this.isConnected;
      },
    });
  }

  follow(leader: string | null): void {
    this.role = leader === 'n1' ? 'leader' : 'follower';
    this.leader = leader;
    this.requests.onStepped();
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const [timer, { due, action }] of this.#timers) {
      if (due > this.#now) continue;
      this.#timers.delete(timer);
      action();
    }
  }

  #timer(delayMs: number, action: () => void): Timer {
    const timer: Timer = { cancel: () => this.#timers.delete(timer) };
    this.#timers.set(timer, { due: this.#now + delayMs, action });
    return timer;
  }

  /** The id of the last forward that went out. */
  get forwardId(): string {
    const frame = this.sent.findLast((each) => each.frame.kind === 'forward')?.frame;
    return frame?.kind === 'forward' ? frame.id : 'none';
  }
}

function code(reply: Reply | undefined): string {
  return reply?.kind === 'error' ? reply.code : (reply?.kind ?? 'none');
}

describe('requests of clients', () => {
  test('go into Raft on the leader, and are answered with what the state machine said', async () => {
    const world = new World();
    world.follow('n1');
    const reply = world.requests.ask({ op: 'cas', key: 'a', from: 1, to: 2 });
    expect(world.inputs).toEqual([
      { kind: 'propose', ticket: 1, data: '{"from":1,"key":"a","op":"cas","to":2}' },
    ]);
    world.requests.onAnswer({ kind: 'committed', ticket: 1, index: 1 }, { kind: 'mismatch', found: {} });
    expect(await reply).toEqual({ kind: 'mismatch', found: {} });
  });

  test('wait for a leader, and go to it when it shows up', async () => {
    const world = new World();
    const reply = world.requests.ask(write);
    world.pass(299);
    world.follow('n2');
    expect(world.sent.map(({ to }) => to)).toEqual(['n2']);
    world.requests.onForwarded('n2', world.forwardId, { kind: 'written' });
    expect(await reply).toEqual({ kind: 'written' });
  });

  test('fail definitely when no leader shows up, when it cannot be reached, or when it is none', async () => {
    const world = new World();
    const unled = world.requests.ask(write);
    world.pass(300);
    expect(code(await unled)).toBe('no-leader');
    world.follow('n1');
    const late = world.requests.ask(write);
    world.requests.onAnswer({ kind: 'rejected', ticket: 2, leader: null }, undefined);
    expect(code(await late)).toBe('not-leader');
    world.follow('n2');
    world.isConnected = false;
    expect(code(await world.requests.ask(write))).toBe('not-forwarded');
  });

  test('pitfall 5: are indefinite when a deposed leader abandons them', async () => {
    const world = new World();
    world.follow('n1');
    const reply = world.requests.ask(write);
    world.requests.onAnswer({ kind: 'abandoned', ticket: 1 }, undefined);
    expect(code(await reply)).toBe('abandoned');
  });

  test('are indefinite once they are on the way to a leader that leads no longer', async () => {
    const world = new World();
    world.follow('n2');
    const reply = world.requests.ask(write);
    world.follow(null);
    world.follow('n3');
    expect(code(await reply)).toBe('forward-lost');
    expect(world.sent.length).toBe(1);
  });

  test('are indefinite when time runs out, in Raft or on the way', async () => {
    const world = new World();
    world.follow('n1');
    const inRaft = world.requests.ask(write);
    world.follow('n2');
    const onTheWay = world.requests.ask(write);
    world.pass(2_000);
    expect([code(await inRaft), code(await onTheWay)]).toEqual(['timeout', 'timeout']);
  });

  test('pitfall 11: take a late reply, a foreign one and one of an earlier life for nothing', async () => {
    const world = new World();
    world.follow('n2');
    const first = world.requests.ask(write);
    const firstId = world.forwardId;
    world.pass(2_000);
    expect(code(await first)).toBe('timeout');
    const second = world.requests.ask(read);
    world.requests.onForwarded('n2', firstId, { kind: 'written' });
    world.requests.onForwarded('n3', world.forwardId, { kind: 'found', found: { value: 'of n3' } });
    world.requests.onForwarded('n2', world.forwardId.replace(/^.*-/, 'earlier-'), {
      kind: 'found',
      found: {},
    });
    world.requests.onForwarded('n2', world.forwardId, { kind: 'found', found: { value: 1 } });
    expect(await second).toEqual({ kind: 'found', found: { value: 1 } });
  });

  test('are refused definitely beyond 1024 at once', async () => {
    const world = new World();
    const replies = Array.from({ length: 1_025 }, () => world.requests.ask(write));
    expect(code(await replies.at(-1))).toBe('overloaded');
    world.pass(300);
    const codes = (await Promise.all(replies)).map(code);
    expect(codes.filter((each) => each === 'no-leader').length).toBe(1_024);
  });

  test('are all answered when the node stops, definitely only if they had not begun', async () => {
    const world = new World();
    const waiting = world.requests.ask(write);
    world.role = 'leader';
    world.leader = 'n1';
    const begun = world.requests.ask(write);
    world.requests.stop();
    expect([code(await waiting), code(await begun)]).toEqual(['shutting-down', 'stopped']);
    expect(code(await world.requests.ask(write))).toBe('shutting-down');
  });
});

describe('requests of other nodes', () => {
  test('are taken by the leader and answered to who sent them', () => {
    const world = new World();
    world.follow('n1');
    world.register.apply({ ...write, value: 7 });
    world.requests.onForward('n2', 'x-1', read);
    world.requests.onAnswer({ kind: 'readable', ticket: 1, index: 0 }, undefined);
    expect(world.sent).toEqual([
      { to: 'n2', frame: { kind: 'forwarded', id: 'x-1', reply: { kind: 'found', found: { value: 7 } } } },
    ]);
  });

  test('pitfall 4: are never sent on: who is no leader says so, and has put nothing into its log', () => {
    const world = new World();
    world.follow('n3');
    world.requests.onForward('n2', 'x-1', write);
    expect(world.inputs).toEqual([]);
    expect(world.sent.map(({ to }) => to)).toEqual(['n2']);
    expect(world.sent[0]?.frame).toMatchObject({ kind: 'forwarded', reply: { code: 'not-leader' } });
  });
});

describe('a read', () => {
  test('is never answered from a state that has not reached its index', () => {
    const world = new World();
    world.follow('n1');
    void world.requests.ask(read);
    expect(() => world.requests.onAnswer({ kind: 'readable', ticket: 1, index: 1 }, undefined)).toThrow(
      'a read is readable at 1, applied up to 0',
    );
  });
});
