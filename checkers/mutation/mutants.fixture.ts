// The mutants of the checker: conditions dropped, windows one off, outcomes confused. Each replaces one text.

import type { Mutation } from './mutant-tree.fixture.ts';

export const mutants: readonly (Mutation & { readonly name: string })[] = [
  {
    name: 'of nothing the verdict is valid',
    file: 'checker.ts',
    find: "return result ?? 'unknown';",
    replace: "return result ?? 'valid';",
  },
  {
    name: 'unknown outranks invalid',
    file: 'checker.ts',
    find: '{ valid: 0, unknown: 1, invalid: 2 }',
    replace: '{ valid: 0, unknown: 2, invalid: 1 }',
  },
  {
    name: 'info is treated as fail',
    file: 'history.ts',
    find: "if (type === 'fail' && result === undefined) return undefined;",
    replace: 'if (result === undefined) return undefined;',
  },
  {
    name: 'what a refused cas found is not judged',
    file: 'models/register.ts',
    find: 'if (result?.mismatch === true) return { needs: { state: result.value } };',
    replace: 'if (result?.mismatch === true) return {};',
  },
  {
    name: 'a read may see anything',
    file: 'models/register.ts',
    find: 'return sameValue(state, seen)\n    ? legal(state)',
    replace: 'return sameValue(state, seen) || true\n    ? legal(state)',
  },
  {
    name: 'the verifier does not look at real time',
    file: 'linearizable/verify-order.ts',
    find: 'if (completedAt < latestInvocation) {',
    replace: 'if (false) {',
  },
  {
    name: 'the verifier passes an operation twice',
    file: 'linearizable/verify-order.ts',
    find: 'if (placed[row] === 1) return `operation',
    replace: 'if (false) return `operation',
  },
  {
    name: 'the verifier misses what was left out',
    file: 'linearizable/verify-order.ts',
    find: 'if (completedAt !== Infinity) return',
    replace: 'if (false) return',
  },
  {
    name: 'the verifier passes illegal steps',
    file: 'linearizable/verify-order.ts',
    find: 'if (!step.ok) return `operation ${id} is not legal at its place: ${step.why()}`;',
    replace: 'if (!step.ok) continue;',
  },
  {
    name: 'event layers: placed observers do not count in dominance',
    file: 'linearizable/layers/layer.ts',
    find: 'for (let i = observers; i < oldCas; i++) {',
    replace: 'for (let i = oldCas; i < oldCas; i++) {',
  },
  {
    name: 'event layers: any used write dominates',
    file: 'linearizable/layers/layer.ts',
    find: 'if ((usedA & ~usedB) !== 0) return false;',
    replace: '',
  },
  {
    name: 'event layers: old operations do not count in dominance',
    file: 'linearizable/layers/layer.ts',
    find: 'for (let i = oldCas; i < words; i++) {',
    replace: 'for (let i = words; i < words; i++) {',
  },
  {
    name: 'event layers: crashed operations that are needed are left out',
    file: 'linearizable/layers/timeline.ts',
    find: '(start[row] as number) < (neededUntil[leaves[row] as number] as number);',
    replace: '(start[row] as number) < (neededUntil[leaves[row] as number] as number) - 4;',
  },
  {
    name: 'general search: a crashed write is left out though it is seen',
    file: 'linearizable/reductions.ts',
    find: 'if (step.invokedAt > deadline || kept.has(step)) continue;',
    replace: 'if (step.invokedAt > deadline - 4 || kept.has(step)) continue;',
  },
  {
    name: 'general search: intervals are narrowed although two leave the state',
    file: 'linearizable/reductions.ts',
    find: 'if (sources.delete(step.leaves)) several.add(step.leaves);',
    replace: 'if (false) several.add(step.leaves);',
  },
];
