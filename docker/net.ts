// The net of a Docker environment: what is to be in force on every link, told to the helpers of the nodes concerned as
// a whole each time, and seen by probes from helper to helper, by every family of addresses there is.

import { randomBytes } from 'node:crypto';
import {
  type Address,
  type Capability,
  type Evidence,
  type Grudge,
  type Link,
  type LinkRule,
  type Net,
  type NodeName,
} from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { probeAsClient } from './client-probe.ts';
import { type Family, families } from './helper/family.ts';
import type { Connecting, Heard, HelperAbility, Rules } from './helper/protocol.ts';
import type { HelperConnection } from './helper-connection.ts';
import { type Judged, judgeFamilies, judgeLink, linkProbePlan, type Wish } from './link-evidence.ts';

export interface NetNode {
  readonly name: NodeName;
  readonly addresses: { readonly v4: string; readonly v6?: string };
  readonly helper: HelperConnection;
  /** Where the helper's `probePort` is published, as the clients' ports are. Without it no clients can be cut off. */
  readonly clientProbe?: Address;
}

interface Probe extends Link {
  readonly family: Family;
  readonly address: string;
  readonly nonce: string;
}

export class DockerNet implements Net {
  readonly #nodes: ReadonlyMap<NodeName, NetNode>;
  /** What is wished, by link, whatever became of it. */
  readonly #rules = new Map<string, { readonly link: Link; readonly rule: LinkRule }>();
  readonly #clientsCut = new Set<NodeName>();
  /** Cut off once and not yet seen to hear clients again. */
  readonly #clientsUnseen = new Set<NodeName>();

  constructor({ nodes }: { readonly nodes: readonly NetNode[] }) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
  }

  /** Why something cannot be done to links here, found out by every helper; undefined: it can, or is no matter of links. */
  lacks(capability: Capability): string | undefined {
    for (const { name, helper, clientProbe } of this.#nodes.values()) {
      const reason = helper.hello.lacks[capability as HelperAbility] ?? undefined;
      if (reason !== undefined) return reason;
      if (capability === 'cut-clients' && clientProbe === undefined) {
        return `nobody could see it: ${name}'s port for probes is not published`;
      }
    }
    return undefined;
  }

  async cut(grudge: Grudge, clients: readonly NodeName[] = []): Promise<Evidence> {
    const links = [...grudge].flatMap(([to, refused]) => [...refused].map((from) => ({ from, to })));
    if (links.length > 0) this.#demand('drop');
    if (clients.length > 0) this.#demand('cut-clients');
    for (const name of clients) this.#node(name);
    this.#wish(links, { kind: 'drop' });
    const unreached = await this.#clientsHeard(clients.filter((name) => !this.#clientsCut.has(name)));
    for (const name of clients) {
      this.#clientsCut.add(name);
      this.#clientsUnseen.add(name);
    }
    await this.#impose([...links.map(({ to }) => to), ...links.map(({ from }) => from), ...clients]);
    const [between, outside] = await Promise.all([
      this.#probe(links, { kind: 'drop' }),
      this.#probeClients(clients, 'silence'),
    ]);
    for (const [name, seen] of unreached) {
      outside.set(name, { asWished: false, seen: `cannot tell: no answer before the cut either (${seen})` });
    }
    const evidence = withClients(between, outside);
    const counted = await this.#withCounters(evidence.seen);
    // Nothing to cut is nothing seen.
    return { verified: evidence.verified && links.length + clients.length > 0, seen: counted };
  }

  async shape(links: readonly Link[], rule: LinkRule | undefined): Promise<Evidence> {
    if (rule !== undefined) this.#demand(rule.kind);
    this.#wish(links, rule);
    await this.#impose(links.flatMap(({ from, to }) => [from, to]));
    const evidence = await this.#probe(links, rule ?? { kind: 'pass' });
    return { ...evidence, seen: await this.#withCounters(evidence.seen) };
  }

  async heal(): Promise<Evidence> {
    const names = [...this.#nodes.keys()];
    this.#rules.clear();
    this.#clientsCut.clear();
    await this.#impose(names);
    const links = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
    const [between, outside] = await Promise.all([
      this.#probe(links, { kind: 'pass both ways' }),
      this.#probeClients([...this.#clientsUnseen], 'answer'),
    ]);
    const evidence = withClients(between, outside);
    // Until it is seen, the next heal looks again.
    if (evidence.verified) this.#clientsUnseen.clear();
    return evidence;
  }

  #node(name: NodeName): NetNode {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    throw new EnvironmentError(
      `no node is called "${name}": there are ${[...this.#nodes.keys()].join(', ')}`,
    );
  }

  #demand(capability: Capability): void {
    const reason = this.lacks(capability);
    if (reason !== undefined) throw new EnvironmentError(`${capability} is not possible here: ${reason}`);
  }

  #wish(links: readonly Link[], rule: LinkRule | undefined): void {
    for (const { from, to } of links) {
      this.#node(from);
      this.#node(to);
      if (from === to) throw new EnvironmentError(`there is no link from ${from} to itself`);
    }
    for (const link of links) {
      if (rule === undefined) this.#rules.delete(linkName(link));
      else this.#rules.set(linkName(link), { link, rule });
    }
  }

  /** Everything that is wished of these nodes, to their helpers. */
  async #impose(names: readonly NodeName[]): Promise<void> {
    await Promise.all(
      [...new Set(names)].map(async (name) => {
        await this.#node(name).helper.ask({ kind: 'set-rules', ...this.#rulesOf(name) });
      }),
    );
  }

  /** What is dropped, is dropped where it would be heard; what is slow, is slow where it is said. */
  #rulesOf(name: NodeName): Rules {
    const hears: Rules['hears'] = [];
    const says: Rules['says'] = [];
    for (const [key, { link, rule }] of this.#rules) {
      if (rule.kind === 'drop' || rule.kind === 'reset' || rule.kind === 'loss') {
        if (link.to === name) hears.push({ name: key, fromAddresses: this.#addresses(link.from), rule });
      } else if (link.from === name) {
        says.push({ name: key, toAddresses: this.#addresses(link.to), rule });
      }
    }
    const nodeAddresses = [...this.#nodes.keys()].flatMap((node) => this.#addresses(node));
    const clientsCut = this.#clientsCut.has(name) ? { name: clientsName(name), nodeAddresses } : null;
    return { hears, says, clientsCut };
  }

  /** All that a node may speak from. */
  #addresses(name: NodeName): string[] {
    const { addresses, helper } = this.#node(name);
    const all = [addresses.v4, addresses.v6, ...helper.hello.addresses];
    return [...new Set(all.filter((address) => address !== undefined))];
  }

  async #probe(links: readonly Link[], wish: Wish): Promise<Evidence> {
    const { attempts } = linkProbePlan(wish);
    const seen: Record<string, string> = Object.fromEntries(links.map((link) => [linkName(link), '']));
    let open = [...links];
    for (let attempt = 0; attempt < attempts && open.length > 0; attempt++) {
      const judged = await this.#look(open, wish);
      for (const [key, { seen: words }] of judged) seen[key] = words;
      open = open.filter((link) => judged.get(linkName(link))?.asWished !== true);
    }
    return { verified: open.length === 0, seen };
  }

  /** All links at once: what is to be sent, by those who say; then what came, by those who hear. */
  async #look(links: readonly Link[], wish: Wish): Promise<ReadonlyMap<string, Judged>> {
    const plan = linkProbePlan(wish);
    const probes = links.flatMap((link) => this.#probesOf(link));
    const sent = new Map<string, string>();
    const heard = new Map<NodeName, Heard>();
    const connections = new Map<string, Connecting>();
    const { tokens: count, bytes, spacingMs, waitMs } = plan;
    const tokens = async () => {
      const { enough } = plan;
      const sending = plan.tokens === 0 ? [] : [...grouped(probes, ({ from }) => from)];
      await Promise.all(
        sending.map(async ([name, targets]) => {
          const ask = {
            kind: 'probe-send',
            targets: targets.map(targetOf),
            count,
            bytes,
            spacingMs,
          } as const;
          const { errors } = await this.#node(name).helper.ask(ask, 30_000);
          for (const [nonce, error] of Object.entries(errors)) sent.set(nonce, error);
        }),
      );
      await Promise.all(
        [...grouped(probes, ({ to }) => to)].map(async ([name, expected]) => {
          const ask = {
            kind: 'probe-heard',
            expected: plan.tokens === 0 ? [] : expected.map(({ nonce }) => ({ nonce, count: enough })),
            waitMs: plan.tokens === 0 ? 0 : waitMs,
          } as const;
          heard.set(name, await this.#node(name).helper.ask(ask, waitMs));
        }),
      );
    };
    const connecting = async () => {
      if (!plan.connects) return;
      await Promise.all(
        [...grouped(probes, ({ from }) => from)].map(async ([name, targets]) => {
          const ask = { kind: 'probe-connect', targets: targets.map(targetOf), waitMs } as const;
          const reply = await this.#node(name).helper.ask(ask, waitMs);
          for (const [nonce, connection] of Object.entries(reply.connections))
            connections.set(nonce, connection);
        }),
      );
    };
    await Promise.all([tokens(), connecting()]);
    return new Map(
      [...grouped(probes, linkName)].map(([key, ofLink]) => {
        const judged = ofLink.map(({ family, nonce, to }) => {
          const { control = false, waitedMs = 0, arrivals = {} } = heard.get(to) ?? {};
          const saw = {
            family,
            control,
            waitedMs,
            arrivals: arrivals[nonce] ?? [],
            sendError: sent.get(nonce),
            connection: connections.get(nonce),
          };
          return { family, ...judgeLink(wish, saw, plan) };
        });
        return [key, judgeFamilies(judged)];
      }),
    );
  }

  /** One for every family that both ends have. */
  #probesOf({ from, to }: Link): readonly Probe[] {
    const [speaker, hearer] = [this.#node(from).addresses, this.#node(to).addresses];
    return families.flatMap((family) => {
      const address = hearer[family];
      if (address === undefined || speaker[family] === undefined) return [];
      return [{ from, to, family, address, nonce: randomBytes(8).toString('hex') }];
    });
  }

  /** Those that answer no client, though none is cut off: their silence later says nothing. */
  async #clientsHeard(names: readonly NodeName[]): Promise<ReadonlyMap<NodeName, string>> {
    const seen = await this.#probeClients(names, 'answer');
    return new Map(
      [...seen].filter(([, { asWished }]) => !asWished).map(([name, judged]) => [name, judged.seen]),
    );
  }

  async #probeClients(
    names: readonly NodeName[],
    wish: 'silence' | 'answer',
  ): Promise<Map<NodeName, Judged>> {
    const judged = new Map<NodeName, Judged>();
    await Promise.all(
      names.map(async (name) => {
        const { clientProbe, helper } = this.#node(name);
        if (clientProbe === undefined) return;
        const control = async () =>
          (await helper.ask({ kind: 'probe-heard', expected: [], waitMs: 0 }, 2_000)).control;
        judged.set(name, await probeAsClient(clientProbe, wish, control));
      }),
    );
    return judged;
  }

  /** Adds to what was seen how many packets met the rule. */
  async #withCounters(seen: Evidence['seen']): Promise<Evidence['seen']> {
    const counted: Record<string, number> = {};
    const concerned = [...this.#nodes.values()].filter(({ name }) =>
      Object.keys(seen).some((subject) => subject.endsWith(`→${name}`)),
    );
    await Promise.all(
      concerned.map(async ({ helper }) => Object.assign(counted, await helper.ask({ kind: 'counters' }))),
    );
    return Object.fromEntries(
      Object.entries(seen).map(([subject, words]) => {
        const packets = counted[subject];
        if (packets === undefined || typeof words !== 'string') return [subject, words];
        const done = this.#rules.get(subject)?.rule.kind === 'reset' ? 'reset' : 'dropped';
        return [subject, `${words}, ${packets} packet${packets === 1 ? '' : 's'} ${done}`];
      }),
    );
  }
}

function withClients({ verified, seen }: Evidence, clients: ReadonlyMap<NodeName, Judged>): Evidence {
  const all = [...clients.values()].every(({ asWished }) => asWished);
  const words = [...clients].map(([name, judged]) => [clientsName(name), judged.seen] as const);
  return { verified: verified && all, seen: { ...seen, ...Object.fromEntries(words) } };
}

function targetOf({ address, nonce }: Probe): { address: string; nonce: string } {
  return { address, nonce };
}

function grouped<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

function linkName({ from, to }: Link): string {
  return `${from}→${to}`;
}

function clientsName(node: NodeName): string {
  return `clients→${node}`;
}
