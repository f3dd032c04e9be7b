// What clients ask of the register and what they are told, as plain data: the same words on the HTTP edge and between
// nodes when one forwards.

import { errorKinds, type ServerErrorCode } from '../client/errors.ts';
import type { Command } from '../register/command.ts';
import type { CommandResult, Found } from '../register/register.ts';

export type Request = { readonly op: 'read'; readonly key: string } | Command;

export type Reply =
  | { readonly kind: 'found'; readonly found: Found }
  | CommandResult
  | { readonly kind: 'error'; readonly code: ServerErrorCode; readonly message: string };

/** The sentence of the table, and what is special to this case. */
export function errorReply(code: ServerErrorCode, detail?: string): Reply {
  const { sentence } = errorKinds[code];
  return { kind: 'error', code, message: detail === undefined ? sentence : `${sentence}: ${detail}` };
}
