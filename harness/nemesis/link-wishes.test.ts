import { describe, expect, it } from 'vitest';
import { linkWishes } from './link-wishes.ts';

const a = { from: 'n1', to: 'n2' };
const b = { from: 'n2', to: 'n1' };

describe('wishes for links', () => {
  it('the first holds a link, silence before it, and what is withdrawn makes room for what is left', () => {
    const wishes = linkWishes();
    wishes.wish({ fault: 'delay', rule: { kind: 'delay', delayMs: 50 }, links: [a] });
    wishes.wish({ fault: 'slow', rule: { kind: 'limit', bytesPerSecond: 1000 }, links: [a, b] });
    expect([wishes.holder(a), wishes.holder(b)]).toEqual(['delay', 'slow']);
    wishes.wish({ fault: 'partition', rule: { kind: 'drop' }, links: [{ ...a }] });
    expect([wishes.holder(a), wishes.holder(b)]).toEqual(['partition', 'slow']);
    wishes.withdraw('delay');
    wishes.withdraw('partition');
    expect([wishes.holder(a), wishes.holder(b)]).toEqual(['slow', 'slow']);
    expect(wishes.besides('slow')).toEqual([]);
    expect(wishes.of('slow')?.links).toEqual([a, b]);
  });
});
