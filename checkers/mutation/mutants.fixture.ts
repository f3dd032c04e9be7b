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
];
