// What processes on one machine, linked by proxies in user space, cannot do, and why.

import type { Capability, LinkRule } from '../environment.ts';
import type { ProxyRule } from './protocol.ts';

const packets = 'its proxies carry streams of bytes, not packets; --env docker can';
const machine =
  'its nodes are processes on the controller’s machine, not machines of their own; --env docker can';
const disk = 'its nodes share the controller’s disk; --env docker can';
const clock = 'its nodes share the controller’s clock; --env docker can';

const reasons: Readonly<Record<Exclude<Capability, ProxyRule['kind']>, string>> = {
  loss: packets,
  duplicate: packets,
  reorder: packets,
  'cut-clients': 'its clients reach the nodes without a proxy between; --env docker can',
  power: machine,
  freeze: machine,
  cpu: machine,
  'disk-full': disk,
  'disk-read-only': disk,
  clock,
  'clock-monotonic': clock,
};

export function neverLocally(capability: Capability): string | undefined {
  return (reasons as Readonly<Partial<Record<Capability, string>>>)[capability];
}

export function isProxyRule(rule: LinkRule): rule is ProxyRule {
  return neverLocally(rule.kind) === undefined;
}
