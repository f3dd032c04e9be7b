// The net between the nodes as the agent holds it: a link for each ordered pair, a proxy for each pair and port, and
// the means to probe them.

import type { Server } from 'node:net';
import type { Address, NodeName, PortName } from '../../environment.ts';
import { EnvironmentError } from '../../errors.ts';
import { Stream } from '../../random.ts';
import type { AskOf, Places, Probed, ProxyRule } from '../protocol.ts';
import { type FreePorts, loopback } from './free-ports.ts';
import { Link } from './link.ts';
import { linkProxy } from './link-proxy.ts';
import { Prober } from './prober.ts';

interface Pair {
  readonly from: NodeName;
  readonly to: NodeName;
}

export class Network {
  readonly places: Places;
  readonly #links: ReadonlyMap<string, Link>;
  readonly #prober: Prober;
  /** By node, and by link. */
  readonly #echoes: ReadonlyMap<string, Address>;
  readonly #probeProxies: ReadonlyMap<string, Address>;

  private constructor(parts: {
    places: Places;
    links: ReadonlyMap<string, Link>;
    prober: Prober;
    echoes: ReadonlyMap<string, Address>;
    probeProxies: ReadonlyMap<string, Address>;
  }) {
    this.places = parts.places;
    this.#links = parts.links;
    this.#prober = parts.prober;
    this.#echoes = parts.echoes;
    this.#probeProxies = parts.probeProxies;
  }

  static async up(
    nodes: readonly NodeName[],
    ports: readonly PortName[],
    seed: number,
    free: FreePorts,
  ): Promise<Network> {
    const listen = async (server: Server) => ({ host: loopback, port: await free.listen(server) });
    const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));
    const stream = Stream.of(seed).fork('links');
    const links = new Map(
      pairs.map(({ from, to }) => {
        const name = linkName({ from, to });
        return [name, new Link(from, to, stream.fork(name).source())] as const;
      }),
    );
    const prober = new Prober();
    const direct: Record<NodeName, Record<PortName, Address>> = {};
    const echoes = new Map<string, Address>();
    for (const node of nodes) {
      echoes.set(node, await listen(prober.echoServer()));
      direct[node] = {};
      for (const port of ports) direct[node][port] = { host: loopback, port: await free.find() };
    }
    const peers: Record<NodeName, Record<NodeName, Record<PortName, Address>>> = {};
    const probeProxies = new Map<string, Address>();
    for (const { from, to } of pairs) {
      const there = found(links, { from, to });
      const back = found(links, { from: to, to: from });
      const echo = echoes.get(to);
      if (echo === undefined) throw new Error(`no echo server for ${to}`);
      probeProxies.set(linkName({ from, to }), await listen(linkProxy(echo, there, back)));
      const reached: Record<PortName, Address> = {};
      for (const [port, target] of Object.entries(direct[to] ?? {})) {
        reached[port] = await listen(linkProxy(target, there, back));
      }
      peers[from] = { ...peers[from], [to]: reached };
    }
    return new Network({ places: { direct, peers }, links, prober, echoes, probeProxies });
  }

  setRules(rules: readonly (Pair & { readonly rule: ProxyRule | null })[]): void {
    for (const { from, to, rule } of rules) found(this.#links, { from, to }).rule = rule ?? undefined;
  }

  /** All links at once. */
  probe({ links, limitMs, payloadBytes }: AskOf<'probe'>): Promise<Probed[]> {
    return Promise.all(
      links.map((pair) => {
        const proxy = found(this.#probeProxies, pair);
        const direct = this.#echoes.get(pair.to);
        if (direct === undefined) throw new EnvironmentError(`no node is called ${pair.to}`);
        return this.#prober.probe(pair, { proxy, direct }, { limitMs, payloadBytes });
      }),
    );
  }
}

function linkName({ from, to }: Pair): string {
  return `${from}→${to}`;
}

function found<T>(byLink: ReadonlyMap<string, T>, pair: Pair): T {
  const value = byLink.get(linkName(pair));
  if (value === undefined) throw new EnvironmentError(`there is no link ${linkName(pair)}`);
  return value;
}
