// How each fault of a run wants links to fare, shared among them: a link has one rule at a time, so whoever takes his own
// away must know whose is in force there, and whose comes back. Pure of any net.

import type { Link, LinkRule } from '../environment.ts';

export interface LinkWish {
  readonly fault: string;
  readonly rule: LinkRule;
  readonly links: readonly Link[];
}

export interface LinkWishes {
  wish(wish: LinkWish): void;
  withdraw(fault: string): void;
  of(fault: string): LinkWish | undefined;
  /** Of all faults but this one. */
  besides(fault: string): readonly LinkWish[];
  /** Whose rule is in force: silence before anything else, then who came first. */
  holder(link: Link): string | undefined;
}

/** One for all faults of a run; a fault has one wish at a time. */
export function linkWishes(): LinkWishes {
  const wishes = new Map<string, LinkWish>();
  return {
    wish: (wish) => void wishes.set(wish.fault, wish),
    withdraw: (fault) => void wishes.delete(fault),
    of: (fault) => wishes.get(fault),
    besides: (fault) => [...wishes.values()].filter((wish) => wish.fault !== fault),
    holder(link) {
      const about = [...wishes.values()].filter(({ links }) => links.some((other) => sameLink(other, link)));
      return (about.find(({ rule }) => rule.kind === 'drop') ?? about[0])?.fault;
    },
  };
}

export function sameLink(a: Link, b: Link): boolean {
  return a.from === b.from && a.to === b.to;
}

export function linkName({ from, to }: Link): string {
  return `${from}→${to}`;
}
