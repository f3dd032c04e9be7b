// The state machine: a map of registers by key. Deterministic: the same commands in the same order give the same
// results and the same state everywhere. It knows nothing of logs, terms or clients.

import { canonicalJson, type Json, sameValue } from '../../checkers/json.ts';
import type { Command } from './command.ts';

/** What a key holds. No `value`: the key is absent, which is not null. */
export interface Found {
  readonly value?: Json;
}

export type CommandResult =
  | { readonly kind: 'written' }
  | { readonly kind: 'swapped' }
  /** The cas changed nothing; `found` is what the key held instead. */
  | { readonly kind: 'mismatch'; readonly found: Found };

export class RegisterMap {
  // A Map and not an object: keys are the client's, "__proto__" among them.
  readonly #values = new Map<string, Json>();

  read(key: string): Found {
    const value = this.#values.get(key);
    return value === undefined ? {} : { value };
  }

  apply(command: Command): CommandResult {
    if (command.op === 'write') {
      this.#values.set(command.key, command.value);
      return { kind: 'written' };
    }
    const found = this.read(command.key);
    if (!sameValue(found.value, command.from)) return { kind: 'mismatch', found };
    this.#values.set(command.key, command.to);
    return { kind: 'swapped' };
  }

  /**
   * 16 hexadecimal digits, equal for equal states whatever the order in which keys came in. For comparing replicas
   * that mean well: it is no cryptographic hash.
   */
  hash(): string {
    const entries = [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
    return digest(canonicalJson(entries));
  }
}

/** Two lanes of FNV-1a over UTF-16 units, with different offsets and a mixing of one lane into the other. */
function digest(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x050c5d1f;
  for (let position = 0; position < text.length; position += 1) {
    const unit = text.charCodeAt(position);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 15), 0x01000193);
  }
  return hex(high) + hex(low);
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
