// The words that Raft nodes exchange, and what goes into and comes out of one step of the core. Plain data.
// Sections are those of Ongaro and Ousterhout, "In search of an understandable consensus algorithm (extended version)".

export type NodeId = string;
export type Term = number;
/** The log begins at 1; 0 is before the first entry. */
export type Index = number;
/** §5.1: every node is in one of these states. */
export type Role = 'follower' | 'candidate' | 'leader';

export interface Entry {
  readonly index: Index;
  readonly term: Term;
  /** The command as the state machine encodes it; the empty string is the no-op with which a leader's term begins. */
  readonly data: string;
}

export type Message =
  | { readonly kind: 'request-vote'; readonly term: Term; readonly lastIndex: Index; readonly lastTerm: Term }
  | { readonly kind: 'vote'; readonly term: Term; readonly granted: boolean }
  | {
      readonly kind: 'append';
      readonly term: Term;
      readonly prevIndex: Index;
      readonly prevTerm: Term;
      readonly entries: readonly Entry[];
      readonly commit: Index;
      /** Leader-generated, from 1, rising, never used again in a term: an answer confirms leadership for reads (§8). */
      readonly round: number;
    }
  | {
      readonly kind: 'appended';
      readonly term: Term;
      readonly round: number;
      /** The log is known to equal the leader's up to here. */
      readonly match: Index;
    }
  | {
      readonly kind: 'refused';
      readonly term: Term;
      /** 0 when the append was of an older term: that answers no round of this term, nor does the rest mean anything. */
      readonly round: number;
      /** The prevIndex that did not fit. */
      readonly prevIndex: Index;
      /** The hint of §5.3: the term found there and its first index; without a term the log ends before firstIndex. */
      readonly conflictTerm?: Term;
      readonly firstIndex: Index;
    };

export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

/** What must be on stable storage before a node answers any message (§5, figure 2). */
export interface HardState {
  readonly term: Term;
  readonly votedFor: NodeId | null;
}

/** A ticket is the caller's name for its request; it comes back in exactly one answer. */
export type Ticket = number;

export type Input =
  | { readonly kind: 'tick' }
  | { readonly kind: 'receive'; readonly from: NodeId; readonly message: Message }
  | { readonly kind: 'propose'; readonly ticket: Ticket; readonly data: string }
  | { readonly kind: 'read'; readonly ticket: Ticket };

export type Answer =
  /** The entry of this proposal is committed: its result is what applying this index gives. */
  | { readonly kind: 'committed'; readonly ticket: Ticket; readonly index: Index }
  /** The read may be answered from any state that has applied this index. */
  | { readonly kind: 'readable'; readonly ticket: Ticket; readonly index: Index }
  /** Never entered the log and never will: definite. */
  | { readonly kind: 'rejected'; readonly ticket: Ticket; readonly leader: NodeId | null }
  /** In a log, but this node no longer leads: it may commit under another leader, or never (indefinite for writes). */
  | { readonly kind: 'abandoned'; readonly ticket: Ticket };

/** To be done in this order: persist (and sync) → send → apply → answer. */
export interface Effects {
  readonly persist?: {
    readonly hardState?: HardState;
    /** Entries from this index on are to be removed before `append`. */
    readonly truncateFrom?: Index;
    readonly append: readonly Entry[];
  };
  readonly send: readonly Envelope[];
  /** Committed entries in order, each exactly once. */
  readonly apply: readonly Entry[];
  readonly answers: readonly Answer[];
}
