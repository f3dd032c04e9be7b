// A node's helper: rules as desired state, probes, and the end of both. One change at a time.

import { abilities } from './abilities.ts';
import { type Family, families } from './family.ts';
import { Firewall } from './firewall.ts';
import { allInterfaces } from './network-interfaces.ts';
import { notOwnNamespace, outwardInterface, ownAddresses } from './own-namespace.ts';
import { Prober } from './prober.ts';
import type { Ask, AskOf, Hello, Rules } from './protocol.ts';
import { Shaper, tryQueues } from './shaper.ts';
import { monotonicMs } from './token.ts';

interface Tools {
  readonly firewalls: ReadonlyMap<Family, Firewall>;
  readonly shaper: Shaper;
  readonly prober: Prober;
}

export class NodeHelper {
  #tools: Tools | undefined;
  /** Resolves when "hello" is answered, for what is asked behind it. */
  #introduced: Promise<unknown> = Promise.resolve();
  /** The last change under way; each waits for the one before. */
  #changing: Promise<unknown> = Promise.resolve();
  #kept = false;

  /** Its controller may go: rules are away already, and it stays. */
  get kept(): boolean {
    return this.#kept;
  }

  /** Throws in words that can be shown. */
  async answer(ask: Ask): Promise<unknown> {
    if (ask.kind === 'hello') {
      const hello = this.#oneAtATime(() => this.#hello(ask));
      this.#introduced = hello.catch(() => undefined);
      return hello;
    }
    await this.#introduced;
    const tools = this.#tools;
    if (tools === undefined) throw new Error(`"${ask.kind}" was asked before "hello"`);
    switch (ask.kind) {
      case 'set-rules':
        return this.#oneAtATime(() => setRules(tools, ask));
      case 'counters':
        return this.#oneAtATime(() => counters(tools));
      case 'probe-send':
        return tools.prober.send(ask);
      case 'probe-heard':
        return tools.prober.heard(ask);
      case 'probe-connect':
        return tools.prober.connect(ask);
      case 'keep':
        await this.removeRules();
        this.#kept = true;
        return null;
    }
  }

  /** All that is ours: rules, chain and queue. Throws with what could not be removed. */
  async removeRules(): Promise<void> {
    await this.#oneAtATime(async () => {
      const tools = this.#tools;
      if (tools === undefined) return;
      const all = [...working(tools)].map(([, firewall]) => firewall.remove());
      const failed = (await Promise.allSettled([...all, tools.shaper.remove()])).filter(
        (result) => result.status === 'rejected',
      );
      if (failed.length > 0) throw new Error(failed.map(({ reason }) => String(reason)).join('; '));
    });
  }

  async #hello({ addresses: expected }: AskOf<'hello'>): Promise<Hello> {
    if (this.#tools !== undefined) throw new Error('"hello" was asked before');
    const interfaces = allInterfaces();
    const refused = notOwnNamespace(interfaces, expected);
    if (refused !== undefined) throw new Error(refused);
    const outward = outwardInterface(interfaces, expected);
    const own = expected ?? (outward === undefined ? undefined : ownAddresses(outward));
    if (outward === undefined || own === undefined) throw new Error('there is no IPv4 address here');
    const device = outward.name;
    const present = families.filter((family) => own[family] !== undefined);
    const [queues, ...firewalls] = await Promise.all([
      tryQueues(device),
      ...present.map(async (family) => [family, await Firewall.find(family)] as const),
    ]);
    const tools = {
      firewalls: new Map(firewalls),
      shaper: new Shaper(device),
      prober: await Prober.open(own),
    };
    this.#tools = tools;
    const programs = new Map([...working(tools)].map(([family, { tried }]) => [family, tried.program]));
    return {
      interface: device,
      addresses: [...outward.addresses],
      lacks: abilities(
        firewalls.map(([, { tried }]) => tried),
        queues,
      ),
      firewall: { v4: programs.get('v4') ?? null, v6: programs.get('v6') ?? null },
    };
  }

  #oneAtATime<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#changing.then(act);
    this.#changing = mine.catch(() => undefined);
    return mine;
  }
}

async function setRules({ firewalls, shaper }: Tools, rules: Rules): Promise<{ readonly tookMs: number }> {
  const begun = monotonicMs();
  const wanted = rules.hears.length > 0 || rules.clientsCut !== null;
  await Promise.all([
    ...[...firewalls.values()].map(async (firewall) => {
      if (firewall.works) await firewall.set(rules);
      else if (wanted) throw new Error(`${firewall.tried.program}: ${firewall.tried.drop}`);
    }),
    shaper.set(rules.says),
  ]);
  return { tookMs: Math.round((monotonicMs() - begun) * 10) / 10 };
}

async function counters(tools: Tools): Promise<Record<string, number>> {
  const sum = new Map<string, number>();
  for (const [, firewall] of working(tools)) {
    for (const [name, count] of await firewall.counters()) sum.set(name, (sum.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sum);
}

function working({ firewalls }: Tools): readonly (readonly [Family, Firewall])[] {
  return [...firewalls].filter(([, { works }]) => works);
}
