// Which key came to which verdict, gathered from wherever a checker tells it: parts named as keys are, the list `perKey`
// among its details, counterexamples.

import type { CheckResult, Validity } from '../checkers/checker.ts';
import type { Json } from '../checkers/json.ts';
import { isMembers } from './evidence-words.ts';

const gravity: Readonly<Record<Validity, number>> = { valid: 0, unknown: 1, invalid: 2 };

/** The worst that is said of each key; keys of which nothing is said are not there. */
export function keyVerdicts(check: CheckResult): ReadonlyMap<string, Validity> {
  const verdicts = new Map<string, Validity>();
  const tell = (key: string, validity: Validity): void => {
    const known = verdicts.get(key);
    if (known === undefined || gravity[validity] > gravity[known]) verdicts.set(key, validity);
  };
  for (const [name, part] of Object.entries(check.parts ?? {})) tell(name, part.validity);
  for (const { key } of check.counterexamples ?? []) if (key !== undefined) tell(key, 'invalid');
  for (const entry of listedKeys(check.details)) {
    if (!isMembers(entry)) continue;
    const { key, validity } = entry;
    if (
      typeof key === 'string' &&
      (validity === 'valid' || validity === 'unknown' || validity === 'invalid')
    ) {
      tell(key, validity);
    }
  }
  return verdicts;
}

function listedKeys(details: Json | undefined): readonly Json[] {
  const list = isMembers(details) ? details.perKey : undefined;
  return Array.isArray(list) ? (list as readonly Json[]) : [];
}
