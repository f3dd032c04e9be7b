// The words for objects that are no registers, by model.

import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { counterStory } from './counter-story.ts';
import { listStory } from './list-story.ts';
import { lockStory } from './lock-story.ts';
import { mapStory } from './map-story.ts';
import { queueStory, stackStory } from './queue-story.ts';
import { setStory } from './set-story.ts';

type Teller = <State>(evidence: Evidence<State>) => Story | undefined;

const tellers: ReadonlyMap<string, Teller> = new Map<string, Teller>([
  ['queue', queueStory],
  ['stack', stackStory],
  ['set', setStory],
  ['counter', counterStory],
  ['mutex', lockStory],
  ['fenced-lock', lockStory],
  ['list', listStory],
  ['map', mapStory],
]);

/** Whether the model's calls have words of their own, which those about registers are not. */
export function hasOwnWords(model: string): boolean {
  return tellers.has(model);
}

/** Undefined where it is none of the shapes that the model's objects are known for. */
export function objectStory<State>(evidence: Evidence<State>): Story | undefined {
  return tellers.get(evidence.model.name)?.(evidence);
}
