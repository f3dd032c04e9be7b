// Several plans at once, on the same threads.

import type { Stream } from '../random.ts';
import type { Next, OpGenerator } from './generator.ts';
import { exhausted, rewrap } from './next.ts';
import { joined, type Plans, soonest } from './soonest.ts';

/** A plan and how often it is chosen compared with the others; a bare plan has weight 1. */
export type Choice = OpGenerator | { readonly weight: number; readonly plan: OpGenerator };

/**
 * A random one of the plans for each call, by weight, until all are exhausted. When the chosen one has to wait, all
 * wait: the proportions hold, whatever the speed. Updates reach every plan.
 */
export function mix(stream: Stream, ...choices: readonly Choice[]): OpGenerator {
  return mixed(
    stream,
    0,
    choices.map((choice) => ('plan' in choice ? choice : { weight: 1, plan: choice })),
  );
}

interface Weighted {
  readonly weight: number;
  readonly plan: OpGenerator;
}

function mixed(stream: Stream, drawn: number, choices: readonly Weighted[]): OpGenerator {
  return {
    next(context): Next {
      let left = choices;
      for (let n = drawn; left.length > 0; n++) {
        const chosen = pickWeighted(left, stream.draw(n));
        const choice = left[chosen] as Weighted;
        const next = choice.plan.next(context);
        if (next.kind === 'exhausted') {
          left = left.toSpliced(chosen, 1);
          continue;
        }
        const others = left;
        const after = (plan: OpGenerator) => others.with(chosen, { weight: choice.weight, plan });
        // The same draw again after a wait, so that waiting changes no choice.
        return rewrap(
          next,
          (same) => mixed(stream, n, after(same)),
          (rest) => mixed(stream, n + 1, after(rest)),
        );
      }
      return exhausted;
    },
    update: (context, event) =>
      mixed(
        stream,
        drawn,
        choices.map(({ weight, plan }) => ({ weight, plan: plan.update(context, event) })),
      ),
  };
}

function pickWeighted(choices: readonly Weighted[], draw: number): number {
  let point = draw * choices.reduce((sum, { weight }) => sum + weight, 0);
  for (const [index, { weight }] of choices.entries()) {
    point -= weight;
    if (point < 0) return index;
  }
  return choices.length - 1;
}

/**
 * All of them side by side; who can go soonest goes, and ties take turns. Which calls of different plans meet is left
 * to chance: a start and its stop belong into one plan.
 */
export function any(...plans: readonly OpGenerator[]): OpGenerator {
  return sideBySide(plans, 0);
}

function sideBySide(plans: Plans, turn: number): OpGenerator {
  return {
    next(context) {
      const joint = soonest(context, [...plans], fromTurn(turn, plans.length), (plan) => plan.next(context));
      return joined(joint, (after, gone) => sideBySide(after, gone === undefined ? turn : gone + 1));
    },
    update: (context, event) =>
      sideBySide(
        plans.map((plan) => plan?.update(context, event)),
        turn,
      ),
  };
}

/** Both side by side, until the main plan is exhausted; then the background is cut off. */
export function during(main: OpGenerator, background: OpGenerator): OpGenerator {
  return mainAndBackground(main, background, 0);
}

function mainAndBackground(
  main: OpGenerator,
  background: OpGenerator | undefined,
  turn: number,
): OpGenerator {
  return {
    next(context) {
      // Asked first, whoever's turn it is: the background must not go on when this is exhausted.
      const mainNext = main.next(context);
      if (mainNext.kind === 'exhausted') return exhausted;
      const joint = soonest(context, [main, background], fromTurn(turn, 2), (plan, index) =>
        index === 0 ? mainNext : plan.next(context),
      );
      return joined(joint, (after, gone) =>
        mainAndBackground(after[0] ?? main, after[1], gone === undefined ? turn : gone + 1),
      );
    },
    update: (context, event) =>
      mainAndBackground(main.update(context, event), background?.update(context, event), turn),
  };
}

function* fromTurn(turn: number, count: number): Iterable<number> {
  for (let i = 0; i < count; i++) yield (turn + i) % count;
}
