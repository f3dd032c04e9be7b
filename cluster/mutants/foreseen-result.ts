// What a mutant tells a client of a command that has not been applied: what applying it will say if nothing happens to
// the log. So it looks right as long as no leader is lost, and the bug shows as what it is: acknowledged and gone.

import { type Json, sameValue } from '../../checkers/json.ts';
import type { Command } from '../register/command.ts';
import type { CommandResult, Found, RegisterMap } from '../register/register.ts';
import type { Duties } from '../server/duties.ts';

/** What was acknowledged for one key and not seen in the register yet, oldest first. */
interface Ahead {
  /** What the register held before. */
  readonly base: Found;
  readonly values: readonly Json[];
}

/** By register, since a simulator has many of them in one process. */
const aheadOf = new WeakMap<RegisterMap, Map<string, Ahead>>();

export const foreseenResult: Duties['resultOf'] = (command, applied, register) =>
  applied ?? foresee(command, register);

function foresee(command: Command, register: RegisterMap): CommandResult {
  const keys = aheadOf.get(register) ?? new Map<string, Ahead>();
  aheadOf.set(register, keys);
  const ahead = stillAhead(keys.get(command.key), register.read(command.key));
  const found: Found = ahead.values.length === 0 ? ahead.base : { value: ahead.values.at(-1) ?? null };
  if (command.op === 'cas' && !sameValue(found.value, command.from)) return { kind: 'mismatch', found };
  const value = command.op === 'cas' ? command.to : command.value;
  keys.set(command.key, { base: ahead.base, values: [...ahead.values, value] });
  return command.op === 'cas' ? { kind: 'swapped' } : { kind: 'written' };
}

/** Without what the register has caught up with; nothing is left when it holds what another leader put there. */
function stillAhead(ahead: Ahead | undefined, held: Found): Ahead {
  if (ahead === undefined) return { base: held, values: [] };
  const reached = ahead.values.findLastIndex((value) => sameValue(value, held.value));
  if (reached === -1) return sameValue(ahead.base.value, held.value) ? ahead : { base: held, values: [] };
  return { base: held, values: ahead.values.slice(reached + 1) };
}
