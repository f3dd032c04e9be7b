import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Stream } from '../random.ts';
import { filter, map } from './calls.ts';
import { any, during, mix } from './choice.ts';
import { concurrencyLimit, processLimit, untilOk } from './feedback.ts';
import type { Next, OpGenerator, Wrapper } from './generator.ts';
import { concurrentKeys } from './keys.ts';
import { rewrap } from './next.ts';
import { concat, cycle, flipFlop, limit, phases } from './order.ts';
import { lines, simulate } from './simulate.ts';
import { repeat, sequence } from './sources.ts';
import { eachThread, onClients, reserve } from './threads.ts';
import { delay, sleep, stagger, timeLimit } from './timing.ts';

/** Asks and tells the plan everything twice, and holds the answers against each other. */
function askedTwice(plan: OpGenerator): OpGenerator {
  return {
    next(context) {
      const first = plan.next(context);
      expect(bare(plan.next(context))).toEqual(bare(first));
      return rewrap(first, askedTwice);
    },
    update(context, event) {
      plan.update(context, event);
      return askedTwice(plan.update(context, event));
    },
  };
}

function bare(next: Next): unknown {
  return next.kind === 'op' ? next.op : next.kind === 'pending' ? [next.kind, next.until] : next.kind;
}

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const small = fc.integer({ min: 0, max: 5 });
const wrapper: fc.Arbitrary<Wrapper> = fc.oneof(
  small.map((n) => limit(n)),
  small.map((n) => cycle(n)),
  small.map((n) => delay(n)),
  small.map((n) => timeLimit(n)),
  small.map((n) => processLimit(n)),
  small.map((n) => concurrencyLimit(n + 1)),
  fc.tuple(small, seeds).map(([n, seed]) => stagger(n, Stream.of(seed))),
  fc.constant(untilOk),
  fc.constant(eachThread),
  fc.constant(map((call) => ({ ...call, f: `${call.f}x` }))),
  fc.constant(filter((call) => call.value !== 1)),
);
const { plan } = fc.letrec<{ plan: OpGenerator }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4 },
    fc.array(small, { maxLength: 4 }).map((values) => sequence(values.map((value) => ({ f: 'w', value })))),
    small.map((n) => repeat({ f: 'r' }, n)),
    small.map((n) => sleep(n)),
    fc.tuple(wrapper, tie('plan')).map(([wrap, inner]) => wrap(inner)),
    fc.array(tie('plan'), { maxLength: 3 }).map((plans) => concat(...plans)),
    fc.array(tie('plan'), { maxLength: 3 }).map((plans) => phases(...plans)),
    fc.array(tie('plan'), { maxLength: 3 }).map((plans) => any(...plans)),
    fc.array(tie('plan'), { maxLength: 3 }).map((plans) => flipFlop(...plans)),
    fc.tuple(tie('plan'), tie('plan')).map(([main, background]) => during(main, background)),
    fc.tuple(tie('plan'), tie('plan')).map(([first, others]) => reserve([[0, first]], others)),
    fc
      .tuple(seeds, fc.array(tie('plan'), { maxLength: 3 }))
      .map(([seed, plans]) => mix(Stream.of(seed), ...plans)),
    fc.tuple(seeds, tie('plan')).map(([seed, inner]) =>
      concurrentKeys({
        keys: (n) => (n < 5 ? `k${n}` : undefined),
        threadsPerKey: 1,
        stream: Stream.of(seed),
        plan: () => inner,
      }),
    ),
  ),
}));

test('every plan answers the same question the same way, and being asked or told changes nothing', () => {
  fc.assert(
    fc.property(plan, seeds, (original, seed) => {
      const stream = Stream.of(seed);
      const run = (subject: OpGenerator) =>
        outcomeOf(() =>
          lines(
            simulate(onClients(subject), {
              threads: 3,
              stream,
              maxOps: 60,
              reply: (op) => ({
                afterNanos: stream.fork('time').integer(op.index, 3_000_000),
                outcome:
                  stream.draw(op.index) < 0.2
                    ? { type: 'info' }
                    : stream.draw(op.index) < 0.4
                      ? { type: 'fail', error: { code: 'x' } }
                      : { type: 'ok' },
              }),
            }),
          ),
        );
      const before = run(original);
      expect(run(askedTwice(original))).toEqual(before);
      expect(run(original)).toEqual(before);
    }),
    { numRuns: 200 },
  );
});

/** Some of the plans can never end (a filter of nothing, an unfillable wait): the same error is as good. */
function outcomeOf(run: () => string[]): string[] | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') throw error;
    return String(error);
  }
}
