// What a node says, as words for `tc -batch`: a class for every destination that is shaped, and below it the queue
// that shapes. What goes elsewhere passes the classes by. Pure.

import { ofFamily } from './family.ts';
import type { Rules, SayingRule } from './protocol.ts';

/** Ours is known by its handle. */
export const rootHandle = 'fa17:';

/** The class itself only sorts; this is beyond what any link between containers carries. */
const unlimited = 'rate 32gbit quantum 60000';
/** A queue that is full drops; it must hold what a connection says during the longest delay. */
const packetsHeldAtMost = 100_000;

/** Lines for a batch; none when nothing is to be shaped. The interface has no queue of ours before. */
export function shapingBatch(says: Rules['says'], device: string): readonly string[] {
  if (says.length === 0) return [];
  return [
    `qdisc add dev ${device} root handle ${rootHandle} htb default 0`,
    ...classes(says).flatMap(({ queue, toAddresses }, i) => {
      const classId = `${rootHandle}${(i + 1).toString(16)}`;
      const to = `flowid ${classId}`;
      const filter = `filter add dev ${device} parent ${rootHandle}`;
      return [
        `class add dev ${device} parent ${rootHandle} classid ${classId} htb ${unlimited}`,
        `qdisc add dev ${device} parent ${classId} ${queue}`,
        ...ofFamily(toAddresses, 'v4').map(
          (address) => `${filter} protocol ip prio 1 u32 match ip dst ${address}/32 ${to}`,
        ),
        ...ofFamily(toAddresses, 'v6').map(
          (address) => `${filter} protocol ipv6 prio 2 u32 match ip6 dst ${address}/128 ${to}`,
        ),
      ];
    }),
  ];
}

interface ShapingClass {
  readonly queue: string;
  readonly toAddresses: readonly string[];
}

/**
 * A limit is for one link, so each has a class of its own. What netem does it does to each packet by itself, so that
 * equal rules share a class: kernels refuse a second netem beside one that duplicates.
 */
function classes(says: Rules['says']): readonly ShapingClass[] {
  const found = new Map<string, ShapingClass>();
  for (const { name, toAddresses, rule } of says) {
    const queue = queueOf(rule);
    const key = rule.kind === 'limit' ? `limit ${name}` : queue;
    found.set(key, { queue, toAddresses: [...(found.get(key)?.toAddresses ?? []), ...toAddresses] });
  }
  return [...found.values()];
}

function queueOf(rule: SayingRule): string {
  const netem = `netem limit ${packetsHeldAtMost}`;
  switch (rule.kind) {
    case 'limit': {
      const { bytesPerSecond } = rule;
      // It splits the large packets that TCP hands down, which a class of htb lets through whole.
      const rate = `rate ${Math.max(8, Math.round(bytesPerSecond * 8))}bit`;
      return `tbf ${rate} burst ${burstBytes(bytesPerSecond)}b limit ${heldBytes(bytesPerSecond)}b`;
    }
    case 'delay': {
      const jitter = rule.jitterMs === undefined ? '' : ` ${microseconds(rule.jitterMs)}`;
      return `${netem} delay ${microseconds(rule.delayMs)}${jitter}`;
    }
    case 'duplicate':
      return `${netem} duplicate ${percent(rule.share)}`;
    case 'reorder':
      return `${netem} delay ${microseconds(rule.delayMs)} reorder ${percent(rule.share)}`;
  }
}

/** What passes at once: two packets, or a hundredth of a second's worth where that is more. */
export function burstBytes(bytesPerSecond: number): number {
  return Math.max(3_200, Math.round(bytesPerSecond / 100));
}

/** What waits at most, before more is dropped: half a second's worth, and room for what connections start with. */
function heldBytes(bytesPerSecond: number): number {
  return Math.max(64 * 1024, Math.round(bytesPerSecond / 2));
}

function microseconds(ms: number): string {
  return `${Math.round(ms * 1000)}us`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`;
}
