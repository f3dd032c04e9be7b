// The optional parts of a node. A fault names what it needs, so a missing part is a mistake of the environment's.

import type { Node } from '../environment.ts';

type Part = 'power' | 'freezer' | 'cpu' | 'disk' | 'clock';

/** Throws when the node has no such part, although its environment did not say so. */
export function wanted<P extends Part>(node: Node, part: P): NonNullable<Node[P]> {
  const found = node[part];
  if (found === undefined) throw new Error(`the environment offers no ${part} of ${node.name}`);
  return found;
}
