// Every request that is under way on this node: where it goes, and that it is answered exactly once and in time.
// The leader takes it into Raft; any other node forwards it to the leader, once. An answer is definite only if the
// command is in no log and on no way to one.

import type { ServerErrorCode } from '../client/errors.ts';
import type { Answer, NodeId, Role } from '../raft/messages.ts';
import { encodeCommand } from '../register/command.ts';
import type { CommandResult } from '../register/register.ts';
import type { Duties } from './duties.ts';
import type { Host, Timer } from './host.ts';
import type { PeerFrame } from './peer-frame.ts';
import type { Replica } from './replica.ts';
import { errorReply, type Reply, type Request } from './request.ts';

/** Shorter than any sensible client's patience, so that it hears why. */
const requestTimeoutMs = 2_000;
/** Beyond this many a node is not slow but stuck, and says so at once. */
const maxPending = 1_024;

export interface RequestsOptions {
  readonly host: Host;
  readonly id: NodeId;
  readonly replica: Pick<Replica, 'submit' | 'read' | 'register' | 'applied'> & {
    status(): { readonly role: Role; readonly leader: NodeId | null };
  };
  readonly duties: Duties;
  /**
   * How long a request waits for a leader to show up. About one election: most requests then survive it, and clients
   * that call again at once do not spin through thousands of refusals meanwhile.
   */
  readonly leaderWaitMs: number;
  /** False: nothing was sent. */
  readonly send: (to: NodeId, frame: PeerFrame) => boolean;
}

type Place =
  | { readonly at: 'waiting' }
  | { readonly at: 'raft' }
  | { readonly at: 'leader'; readonly leader: NodeId };

interface Pending {
  readonly request: Request;
  readonly resolve: (reply: Reply) => void;
  place: Place;
  timer?: Timer;
}

export class Requests {
  readonly #options: RequestsOptions;
  readonly #pending = new Map<number, Pending>();
  /** Makes forward ids of this life of the program differ from those of earlier ones. */
  readonly #life: string;
  #nextTicket = 1;
  #isStopped = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#life = Math.floor(options.host.random() * 2 ** 48).toString(36);
  }

  /** A client's request. */
  ask(request: Request): Promise<Reply> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.resolve(errorReply(refusal));
    return new Promise((resolve) => {
      const ticket = this.#nextTicket++;
      this.#pending.set(ticket, { request, resolve, place: { at: 'waiting' } });
      this.#route(ticket);
    });
  }

  /** Another node's request, sent here because it takes this node for the leader. It is never sent on. */
  onForward(from: NodeId, id: string, request: Request): void {
    const answer = (reply: Reply): void => {
      this.#options.send(from, { kind: 'forwarded', id, reply });
    };
    const refusal = this.#refusal() ?? (this.#leads() ? undefined : 'not-leader');
    if (refusal !== undefined) {
      answer(errorReply(refusal));
      return;
    }
    const ticket = this.#nextTicket++;
    const pending: Pending = { request, resolve: answer, place: { at: 'waiting' } };
    this.#pending.set(ticket, pending);
    this.#takeIntoRaft(ticket, pending);
  }

  /** The leader's reply to a request that was forwarded; one that comes too late finds nobody. */
  onForwarded(from: NodeId, id: string, reply: Reply): void {
    const [life, ticketText] = id.split('-');
    const ticket = Number(ticketText);
    const place = this.#pending.get(ticket)?.place;
    if (life === this.#life && place?.at === 'leader' && place.leader === from) this.#settle(ticket, reply);
  }

  onAnswer(answer: Answer, applied: CommandResult | undefined): void {
    const pending = this.#pending.get(answer.ticket);
    if (pending === undefined) return;
    this.#settle(answer.ticket, this.#replyTo(pending.request, answer, applied));
  }

  /** Raft has moved: who waited for a leader may have one, and who was forwarded to another may have lost it. */
  onStepped(): void {
    const { leader } = this.#options.replica.status();
    if (leader === null) return;
    for (const [ticket, { place }] of this.#pending) {
      if (place.at === 'waiting') this.#route(ticket);
      else if (place.at === 'leader' && place.leader !== leader) {
        this.#settle(ticket, errorReply(this.#options.duties.lostForward()));
      }
    }
  }

  /** Answers everything, and from now on refuses. */
  stop(): void {
    this.#isStopped = true;
    for (const [ticket, { place }] of this.#pending) {
      this.#settle(ticket, errorReply(place.at === 'waiting' ? 'shutting-down' : 'stopped'));
    }
  }

  #refusal(): ServerErrorCode | undefined {
    if (this.#isStopped) return 'shutting-down';
    return this.#pending.size >= maxPending ? 'overloaded' : undefined;
  }

  #leads(): boolean {
    return this.#options.replica.status().role === 'leader';
  }

  #route(ticket: number): void {
    const pending = this.#pending.get(ticket);
    if (pending === undefined) return;
    const { replica, duties, id, leaderWaitMs } = this.#options;
    const { request } = pending;
    const { role, leader } = replica.status();
    if (request.op === 'read' && duties.mayReadOwnState(role)) {
      this.#settle(ticket, { kind: 'found', found: replica.read(request.key) });
    } else if (leader === id) {
      this.#takeIntoRaft(ticket, pending);
    } else if (leader !== null) {
      this.#forward(ticket, pending, leader);
    } else {
      this.#allow(ticket, pending, leaderWaitMs, 'no-leader');
    }
  }

  #takeIntoRaft(ticket: number, pending: Pending): void {
    const { replica } = this.#options;
    const { request } = pending;
    pending.place = { at: 'raft' };
    this.#allow(ticket, pending, requestTimeoutMs, 'timeout');
    if (request.op === 'read') replica.submit({ kind: 'read', ticket });
    else replica.submit({ kind: 'propose', ticket, data: encodeCommand(request) });
  }

  #forward(ticket: number, pending: Pending, leader: NodeId): void {
    pending.place = { at: 'leader', leader };
    this.#allow(ticket, pending, requestTimeoutMs, 'timeout');
    const id = `${this.#life}-${ticket}`;
    if (!this.#options.send(leader, { kind: 'forward', id, request: pending.request })) {
      this.#settle(ticket, errorReply('not-forwarded'));
    }
  }

  #replyTo(request: Request, answer: Answer, applied: CommandResult | undefined): Reply {
    const { replica, duties } = this.#options;
    if (answer.kind === 'rejected') return errorReply('not-leader');
    if (answer.kind === 'abandoned') return errorReply('abandoned');
    if (answer.kind === 'committed' && request.op !== 'read') {
      return duties.resultOf(request, applied, replica.register);
    }
    if (answer.kind === 'readable' && request.op === 'read' && answer.index <= replica.applied) {
      return { kind: 'found', found: replica.read(request.key) };
    }
    throw new Error(`a ${request.op} is ${answer.kind} at ${answer.index}, applied up to ${replica.applied}`);
  }

  /** From now the request has this long before it is answered with this code. */
  #allow(ticket: number, pending: Pending, delayMs: number, code: ServerErrorCode): void {
    pending.timer?.cancel();
    pending.timer = this.#options.host.clock.timer(delayMs, () => this.#settle(ticket, errorReply(code)));
  }

  #settle(ticket: number, reply: Reply): void {
    const pending = this.#pending.get(ticket);
    if (pending === undefined) return;
    this.#pending.delete(ticket);
    pending.timer?.cancel();
    pending.resolve(reply);
  }
}
