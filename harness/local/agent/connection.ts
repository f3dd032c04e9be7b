// One connection through a link proxy: the end that was accepted, the end that was dialled, and between them a
// direction each way, under the rule of the link of its own sense. What it never shows under a drop is an end or a
// reset, which are words as well.

import { connect, type Socket } from 'node:net';
import type { Address } from '../../environment.ts';
import { Direction } from './direction.ts';
import type { Link } from './link.ts';

export class Connection {
  readonly #near: Socket;
  readonly #target: Address;
  readonly #forward: Link;
  readonly #back: Link;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #onRule = () => {
    this.#obey();
  };
  #far: Socket | undefined;
  #nearEnded = false;
  #closed = false;

  /**
   * `near` is accepted and not read yet, with half-open allowed. `forward` is the link of those who open, `back` of
   * those who answer.
   */
  constructor(near: Socket, target: Address, forward: Link, back: Link) {
    this.#near = near;
    this.#target = target;
    this.#forward = forward;
    this.#back = back;
    const reset = () => {
      this.close('reset');
    };
    this.#up = new Direction(forward, reset);
    this.#down = new Direction(back, reset);
  }

  open(): void {
    this.#forward.listen(this.#onRule);
    this.#back.listen(this.#onRule);
    watch(this.#near, this.#up, () => {
      this.#ended();
    });
    this.#near.on('end', () => {
      this.#nearEnded = true;
      this.#obey();
    });
    this.#up.readFrom(this.#near);
    this.#down.writeTo(this.#near);
    this.#obey();
  }

  close(how: 'reset' | 'destroy'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forward.unlisten(this.#onRule);
    this.#back.unlisten(this.#onRule);
    this.#up.close();
    this.#down.close();
    for (const socket of [this.#near, this.#far]) {
      // On a socket that still dials, a reset would wait for the dial to end.
      if (how === 'reset' && socket?.connecting === false) socket.resetAndDestroy();
      else socket?.destroy();
    }
  }

  #obey(): void {
    if (this.#closed) return;
    if (this.#forward.rule?.kind === 'reset' || this.#back.rule?.kind === 'reset') {
      this.close('reset');
      return;
    }
    if (this.#far === undefined && !this.#dial()) return;
    this.#up.advance();
    this.#down.advance();
  }

  /** False while the words that open a connection are dropped; whoever gives up meanwhile was never heard. */
  #dial(): boolean {
    if (this.#forward.rule?.kind === 'drop') {
      if (this.#nearEnded || this.#near.destroyed) this.close('destroy');
      return false;
    }
    const far = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    this.#far = far;
    watch(far, this.#down, () => {
      this.#ended();
    });
    far.on('connect', () => {
      this.#up.writeTo(far);
    });
    this.#down.readFrom(far);
    return true;
  }

  #ended(): void {
    if (this.#far === undefined) this.#obey();
    else if (this.#near.destroyed && this.#far.destroyed) this.close('destroy');
  }
}

/** Tells `direction` how its source stops; an error shows itself by the close that follows it. */
function watch(source: Socket, direction: Direction, onClose: () => void): void {
  source.on('error', () => undefined);
  source.on('end', () => {
    direction.sourceStopped('end');
  });
  source.on('close', (hadError) => {
    direction.sourceStopped(hadError ? 'reset' : 'end');
    onClose();
  });
}
