// Harms nothing: marks in the history where a phase begins, so that a recorded history can be judged by itself.

import type { NamedNemesis } from './compose.ts';

const phases = ['warm-up', 'main', 'recovery', 'final'] as const;

/** Calls: `{f: 'phase', value: 'warm-up' | 'main' | 'recovery' | 'final'}`. */
export function phaseMarks(): NamedNemesis {
  return {
    name: 'phase',
    nemesis: {
      fs: ['phase'],
      async invoke({ value }) {
        if (phases.some((phase) => phase === value)) return { status: 'applied', evidence: {} };
        const reason = `unknown phase ${JSON.stringify(value)}; allowed: ${phases.join(', ')}`;
        return { status: 'failed', reason, evidence: {} };
      },
      restore: async () => ({ status: 'skipped', reason: 'a mark has no effect', evidence: {} }),
    },
  };
}
