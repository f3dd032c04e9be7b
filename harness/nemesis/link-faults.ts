// The ways in which links are bad without being cut; sizes as people know them from Jepsen.

import type { LinkRule } from '../environment.ts';
import type { Random } from '../random.ts';
import type { FaultContext } from './fault-context.ts';
import { linkFault } from './link-fault.ts';
import type { Fault, FaultDescription } from './nemesis.ts';

const SHARE = 0.2;
/** 1 Mbit, 256 kbit and 64 kbit a second: the last one is hardly enough for heartbeats and elections. */
const RATES = [125_000, 32_000, 8_000] as const;

const kinds: readonly {
  readonly name: string;
  readonly about: string;
  readonly needs: LinkRule['kind'];
  readonly colour: string;
  readonly rule: (random: Random) => LinkRule;
}[] = [
  {
    name: 'loss',
    about: 'loses 20 % of the packets between nodes',
    needs: 'loss',
    colour: '#D1E8A0',
    rule: () => ({ kind: 'loss', share: SHARE }),
  },
  {
    name: 'slow',
    about: 'lets links between nodes carry 1 Mbit a second, or 256 or 64 kbit',
    needs: 'limit',
    colour: '#B7D97A',
    rule: (random) => ({ kind: 'limit', bytesPerSecond: random.pick(RATES) }),
  },
  {
    name: 'delay',
    about: 'delays what nodes say to each other by 50 ms, give or take 10 ms',
    needs: 'delay',
    colour: '#E4E69A',
    rule: () => ({ kind: 'delay', delayMs: 50, jitterMs: 10 }),
  },
  {
    name: 'reset',
    about: 'resets the connections between nodes, new ones as well',
    needs: 'reset',
    colour: '#D9B36C',
    rule: () => ({ kind: 'reset' }),
  },
  {
    name: 'duplicate',
    about: 'delivers 20 % of the packets between nodes twice',
    needs: 'duplicate',
    colour: '#C4E8C0',
    rule: () => ({ kind: 'duplicate', share: SHARE }),
  },
  {
    name: 'reorder',
    about: 'lets 20 % of the packets between nodes overtake the others, which come 50 ms late',
    needs: 'reorder',
    colour: '#D8DDB0',
    rule: () => ({ kind: 'reorder', share: SHARE, delayMs: 50 }),
  },
];

export const linkFaults: readonly {
  readonly description: FaultDescription;
  readonly make: (context: FaultContext) => Fault;
}[] = kinds.map(({ name, about, needs, colour, rule }) => {
  const band = { name, from: [`start-${name}`], to: [`stop-${name}`], colour };
  const description: FaultDescription = { name, about, needs: [needs], band };
  return { description, make: (context) => linkFault(description, context, rule) };
});
