// The net of a local environment as the controller drives it: the agent holds the rules, this asks for them, probes
// what came of it, and tells.

import * as v from 'valibot';
import type { Evidence, Grudge, Link, LinkRule, Net, NodeName } from '../environment.ts';
import { EnvironmentError } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { isProxyRule, neverLocally } from './abilities.ts';
import type { AgentConnection } from './agent-connection.ts';
import { judge, probePlan, type Wish } from './evidence.ts';
import { type ProxyRule, probedSchema } from './protocol.ts';

export class LocalNet implements Net {
  readonly #nodes: readonly NodeName[];
  readonly #agent: AgentConnection;
  readonly #ledger: Ledger;
  #entries: string[] = [];

  constructor(nodes: readonly NodeName[], agent: AgentConnection, ledger: Ledger) {
    this.#nodes = nodes;
    this.#agent = agent;
    this.#ledger = ledger;
  }

  async cut(grudge: Grudge, clients: readonly NodeName[] = []): Promise<Evidence> {
    if (clients.length > 0)
      throw new EnvironmentError(`clients cannot be cut off: ${neverLocally('cut-clients')}`);
    const links = [...grudge].flatMap(([to, refused]) => [...refused].map((from) => ({ from, to })));
    await this.#impose(links, { kind: 'drop' });
    const evidence = await this.#probe(links, { kind: 'drop' });
    // Nothing to cut is nothing seen.
    return links.length === 0 ? { ...evidence, verified: false } : evidence;
  }

  async shape(links: readonly Link[], rule: LinkRule | undefined): Promise<Evidence> {
    if (rule !== undefined && !isProxyRule(rule)) {
      throw new EnvironmentError(`${rule.kind} is not possible here: ${neverLocally(rule.kind)}`);
    }
    if (rule === undefined) await this.#setRules(links, null);
    else await this.#impose(links, rule);
    return this.#probe(links, rule ?? { kind: 'pass' });
  }

  async heal(): Promise<Evidence> {
    const links = this.#nodes.flatMap((from) =>
      this.#nodes.filter((to) => to !== from).map((to) => ({ from, to })),
    );
    await this.#setRules(links, null);
    const evidence = await this.#probe(links, { kind: 'pass both ways' });
    if (evidence.verified) {
      const settled = this.#entries;
      this.#entries = [];
      await Promise.all(settled.map((entry) => this.#ledger.settle(entry)));
    }
    return evidence;
  }

  /** The rules live in the agent, so ending that undoes them. */
  async #impose(links: readonly Link[], rule: ProxyRule): Promise<void> {
    const what = `${rule.kind} ${links.map(linkName).join(', ')}`;
    this.#entries.push(await this.#ledger.record(what, { kind: 'end-group', ...this.#agent.identity }));
    await this.#setRules(links, rule);
  }

  async #setRules(links: readonly Link[], rule: ProxyRule | null): Promise<void> {
    for (const name of links.flatMap(({ from, to }) => [from, to])) {
      if (!this.#nodes.includes(name)) {
        throw new EnvironmentError(`no node is called "${name}": there are ${this.#nodes.join(', ')}`);
      }
    }
    await this.#agent.ask({ kind: 'set-rules', rules: links.map((link) => ({ ...link, rule })) }, v.null());
  }

  async #probe(links: readonly Link[], wish: Wish): Promise<Evidence> {
    const plan = probePlan(wish);
    const seen: Record<string, string> = Object.fromEntries(links.map((link) => [linkName(link), '']));
    let open = [...links];
    for (let attempt = 0; attempt < plan.attempts && open.length > 0; attempt++) {
      const { limitMs, payloadBytes } = plan;
      const probes = await this.#agent.ask(
        { kind: 'probe', links: open, limitMs, payloadBytes },
        v.array(probedSchema),
        limitMs,
      );
      open = probes.flatMap((probed) => {
        const judged = judge(wish, probed, plan);
        seen[linkName(probed)] = judged.seen;
        return judged.asWished ? [] : [{ from: probed.from, to: probed.to }];
      });
    }
    return { verified: open.length === 0, seen };
  }
}

function linkName({ from, to }: Link): string {
  return `${from}→${to}`;
}
