// A map from names to values that is never changed: what is put into it or dropped makes a new one in O(log n), which shares
// the rest with the old. A treap (Seidel and Aragon, "Randomized search trees", 1996) whose ranks come from the names, so
// that equal maps have equal shapes.

export interface SortedTree<Value> {
  readonly name: string;
  readonly value: Value;
  readonly rank: number;
  readonly size: number;
  readonly left: Tree<Value>;
  readonly right: Tree<Value>;
}

/** `undefined`: the empty map. */
export type Tree<Value> = SortedTree<Value> | undefined;

export function sizeOf<Value>(tree: Tree<Value>): number {
  return tree === undefined ? 0 : tree.size;
}

/** The value of this name; undefined where it has none. */
export function valueOf<Value>(tree: Tree<Value>, name: string): Value | undefined {
  let at = tree;
  while (at !== undefined && at.name !== name) at = name < at.name ? at.left : at.right;
  return at?.value;
}

export function put<Value>(tree: Tree<Value>, name: string, value: Value): SortedTree<Value> {
  return putRanked(tree, name, value, rankOf(name));
}

function putRanked<Value>(tree: Tree<Value>, name: string, value: Value, rank: number): SortedTree<Value> {
  if (tree === undefined) return node(name, value, rank, undefined, undefined);
  if (name === tree.name) return node(name, value, rank, tree.left, tree.right);
  if (isAbove(rank, name, tree)) {
    const [left, right] = splitAt(tree, name);
    return node(name, value, rank, left, right);
  }
  return name < tree.name
    ? node(tree.name, tree.value, tree.rank, putRanked(tree.left, name, value, rank), tree.right)
    : node(tree.name, tree.value, tree.rank, tree.left, putRanked(tree.right, name, value, rank));
}

/** The same tree where the name has no value. */
export function drop<Value>(tree: Tree<Value>, name: string): Tree<Value> {
  if (tree === undefined) return undefined;
  if (name === tree.name) return joined(tree.left, tree.right);
  if (name < tree.name) {
    const left = drop(tree.left, name);
    return left === tree.left ? tree : node(tree.name, tree.value, tree.rank, left, tree.right);
  }
  const right = drop(tree.right, name);
  return right === tree.right ? tree : node(tree.name, tree.value, tree.rank, tree.left, right);
}

/** Names and values, by name. */
export function entriesOf<Value>(tree: Tree<Value>): [name: string, value: Value][] {
  const entries: [string, Value][] = [];
  const walk = (at: Tree<Value>): void => {
    if (at === undefined) return;
    walk(at.left);
    entries.push([at.name, at.value]);
    walk(at.right);
  };
  walk(tree);
  return entries;
}

function node<Value>(
  name: string,
  value: Value,
  rank: number,
  left: Tree<Value>,
  right: Tree<Value>,
): SortedTree<Value> {
  return { name, value, rank, size: 1 + sizeOf(left) + sizeOf(right), left, right };
}

/** What is below a name that the tree has not, and what is above it. */
function splitAt<Value>(tree: Tree<Value>, name: string): [Tree<Value>, Tree<Value>] {
  if (tree === undefined) return [undefined, undefined];
  if (name < tree.name) {
    const [low, high] = splitAt(tree.left, name);
    return [low, node(tree.name, tree.value, tree.rank, high, tree.right)];
  }
  const [low, high] = splitAt(tree.right, name);
  return [node(tree.name, tree.value, tree.rank, tree.left, low), high];
}

function joined<Value>(left: Tree<Value>, right: Tree<Value>): Tree<Value> {
  if (left === undefined) return right;
  if (right === undefined) return left;
  return isAbove(left.rank, left.name, right)
    ? node(left.name, left.value, left.rank, left.left, joined(left.right, right))
    : node(right.name, right.value, right.rank, joined(left, right.left), right.right);
}

/** By rank, and by name where two have the same. */
function isAbove<Value>(rank: number, name: string, other: SortedTree<Value>): boolean {
  return rank > other.rank || (rank === other.rank && name > other.name);
}

/** FNV-1a with a last mix: names that follow each other must not make a long branch. */
function rankOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
