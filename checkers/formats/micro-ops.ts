// Micro-ops of transactions: their functions are keywords in EDN and so with us (":append"), and plain strings in JSON.
// With a key the transaction is the second of the pair [key transaction]; there they are left as they are.

import { isKeywordText } from '../edn/edn.ts';
import type { Json } from '../json.ts';

/** `["append", 1, 2]` to `[":append", 1, 2]`, when all of a transaction are such. */
export function namedMicroOps(value: Json): Json {
  const heads = headsOf(value);
  if (heads === undefined || !heads.every((head) => !head.startsWith(':') && isKeywordText(`:${head}`)))
    return value;
  return withHeads(value, (head) => `:${head}`);
}

/** The other way; undefined when {@link namedMicroOps} would not give the value back. */
export function plainMicroOps(value: Json): Json | undefined {
  const heads = headsOf(value);
  if (heads?.every((head) => isKeywordText(head) && !head.startsWith('::')) === true) {
    return withHeads(value, (head) => head.slice(1));
  }
  return namedMicroOps(value) === value ? value : undefined;
}

function headsOf(value: Json): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const heads = value.map((item: Json) => (Array.isArray(item) ? (item[0] as Json | undefined) : undefined));
  return heads.every((head): head is string => typeof head === 'string') ? heads : undefined;
}

function withHeads(value: Json, change: (head: string) => string): Json {
  return (value as readonly (readonly Json[])[]).map(([head, ...rest]) => [change(head as string), ...rest]);
}
