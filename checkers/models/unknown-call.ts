// What every model here says of a call that it does not know. Such calls are refused before they are judged, but a step has
// to be total.

import { illegal, legal, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';

export function stepUnknown<State>(
  model: string,
  state: State,
  call: Call,
  result: Result | undefined,
): Step<State> {
  return result === undefined ? legal(state) : illegal(() => `a ${model} knows no ${call.f}`);
}
