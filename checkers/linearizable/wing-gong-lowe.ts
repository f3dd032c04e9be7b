// The general search as an algorithm of the portfolio: for every model, exact, exponential in what is open at once.

import { decideUnverified } from './decide.ts';
import type { Algorithm } from './portfolio.ts';

export const wingGongLowe: Algorithm = {
  name: 'wing-gong-lowe',
  applies: () => true,
  decide: (part, limits) => decideUnverified(part.model, part.operations(), limits),
};
