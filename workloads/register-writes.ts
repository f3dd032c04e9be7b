// The plan of those who write to one key: writes and compare-and-sets in the proportion 1 : 2, as Jepsen mixes them.
// With unique values a cas can only match by expecting what somebody wrote, so the plan remembers the value it was last
// told of; with small values it guesses.

import type { Json } from '../checkers/json.ts';
import type { Call, Op } from '../checkers/op.ts';
import type { Context, Next, OpGenerator } from '../harness/generator/generator.ts';
import type { Stream } from '../harness/random.ts';

export type ValueMode = 'unique' | 'small';

/** Small values are 0 to 4: few enough that cas match by chance. */
const SMALL = 5;
const CAS_SHARE = 2 / 3;

interface State {
  /** Operations planned so far; with unique values also the last value written. */
  readonly planned: number;
  /** The value last told to any writer of this key. */
  readonly known: Json | undefined;
}

export function registerWrites(mode: ValueMode, stream: Stream): OpGenerator {
  return writesFrom({ planned: 0, known: undefined });

  function writesFrom(state: State): OpGenerator {
    return {
      next: (context) => next(state, context),
      update: (_context, event) => {
        const known = toldBy(event);
        return known === undefined ? writesFrom(state) : writesFrom({ ...state, known });
      },
    };
  }

  function next(state: State, context: Context): Next {
    const thread = context.free[0];
    if (thread === undefined) return { kind: 'pending', rest: writesFrom(state), until: Infinity };
    return {
      kind: 'op',
      op: { time: context.time, thread, call: call(state) },
      rest: writesFrom({ ...state, planned: state.planned + 1 }),
    };
  }

  function call(state: State): Call {
    const draws = state.planned * 3;
    const value = mode === 'unique' ? state.planned + 1 : stream.integer(draws, SMALL);
    const expected = mode === 'unique' ? state.known : stream.integer(draws + 1, SMALL);
    if (expected === undefined || stream.draw(draws + 2) >= CAS_SHARE) return { f: 'write', value };
    return { f: 'cas', value: [expected, value] };
  }
}

/** The value of the key that a completion told its writer; undefined where it told none. */
function toldBy(event: Op): Json | undefined {
  if (event.type === 'fail') return event.found?.value;
  if (event.type !== 'ok') return undefined;
  if (event.f === 'write') return event.value;
  return event.f === 'cas' && Array.isArray(event.value) ? (event.value[1] as Json) : undefined;
}
