// What was read back of a machine, compared with what was wished. Throws, with what was read, where they differ: a fault
// counts only when it was seen.

import type { Json } from '../../checkers/json.ts';

type Seen = { readonly [what: string]: Json };

/** Shares are kept in whole microseconds of a period, so what is read back may be rounded. */
const SHARE_TOLERANCE = 0.1;
/** Read back as `{share: number}`, or `{share: null}` where nothing limits; or as `{quota: text}`, the cgroup's own. */
export function limitedTo(share: number | undefined, read: Json): Seen {
  const quota = memberOf(read, 'quota');
  const seen = typeof quota === 'string' ? shareOf(quota) : memberOf(read, 'share');
  if (share === undefined && seen === null) return {};
  if (share !== undefined && typeof seen === 'number' && Math.abs(seen - share) <= share * SHARE_TOLERANCE) {
    return { share: seen };
  }
  const wish = share === undefined ? 'the processor should be free' : `a share of ${share} was wished`;
  throw new Error(`${wish}, read back: ${JSON.stringify(read)}`);
}

/** `20000 100000`, or without the period where that is the usual one; `max` or -1 where nothing limits. */
function shareOf(quota: string): number | null | undefined {
  const [granted = '', period = USUAL_PERIOD] = quota.trim().split(/\s+/);
  if (granted === 'max' || granted === '-1') return null;
  const share = Number(granted) / Number(period);
  return granted !== '' && Number.isFinite(share) ? share : undefined;
}

/** Microseconds. */
const USUAL_PERIOD = '100000';

/** Read back as `{writable: boolean}`, whatever else is told. */
export function diskIs(wished: 'writable' | 'not writable', read: Json): Seen {
  if (memberOf(read, 'writable') === (wished === 'writable')) return { disk: read };
  throw new Error(`the disk should be ${wished}, read back: ${JSON.stringify(read)}`);
}

function memberOf(read: Json, name: string): Json | undefined {
  if (typeof read !== 'object' || read === null) return undefined;
  return Object.entries(read).find(([member]) => member === name)?.[1];
}
