// One family's firewall in the node's network: our own chain, and the jump to it from INPUT. What others have put
// there stays as it is.

import type { TriedFirewall } from './abilities.ts';
import type { Family } from './family.ts';
import { chain, type FirewallPlan, firewallPlan, packetsByName, verdict } from './firewall-rules.ts';
import { type HearingRule, noRules, type Rules } from './protocol.ts';
import { runCommand } from './run-command.ts';

const names: Readonly<Record<Family, string>> = { v4: 'iptables', v6: 'ip6tables' };
/** Another may hold the lock. */
const wait = ['-w', '5'];
const jump = ['INPUT', '-j', chain];
const trialChain = `${chain}-TRY`;

export class Firewall {
  readonly tried: TriedFirewall;
  readonly #family: Family;
  readonly #program: string;
  #plan: FirewallPlan;
  /** What rules that are still in force counted before the chain was filled anew. */
  #countedBefore = new Map<string, number>();

  private constructor(family: Family, tried: TriedFirewall) {
    this.#family = family;
    this.tried = tried;
    this.#program = tried.program;
    this.#plan = firewallPlan(noRules, family);
  }

  /** Which program does it is found out by trying, each on a chain that nothing jumps to. */
  static async find(family: Family): Promise<Firewall> {
    const found: TriedFirewall[] = [];
    for (const backEnd of ['-nft', '-legacy', '']) {
      const tried = await tryFirewall(`${names[family]}${backEnd}`);
      if (tried.drop === null && tried.tcpReset === null && tried.statistic === null) {
        return new Firewall(family, tried);
      }
      found.push(tried);
    }
    const best = found.find(({ drop }) => drop === null) ?? found[0];
    if (best === undefined) throw new Error('no firewall was tried');
    return new Firewall(family, best);
  }

  get works(): boolean {
    return this.tried.drop === null;
  }

  /** Throws with the program's words. */
  async set(rules: Rules): Promise<void> {
    const plan = firewallPlan(rules, this.#family);
    const counted = await this.counters();
    const restored = await runCommand(`${this.#program}-restore`, [...wait, '--noflush'], {
      input: plan.restore,
    });
    if (!restored.ok) throw new Error(`${this.#program}-restore: ${restored.reason}`);
    this.#plan = plan;
    this.#countedBefore = new Map([...counted].filter(([name]) => plan.counts.includes(name)));
    await this.#ensureJump();
  }

  /** Packets by the rule's name, since the rule came into force. */
  async counters(): Promise<Map<string, number>> {
    const counted = new Map(this.#countedBefore);
    if (this.#plan.counts.length === 0) return counted;
    const listed = await runCommand(this.#program, [...wait, '-v', '-x', '-n', '-L', chain]);
    const packets = listed.ok ? packetsByName(listed.stdout, this.#plan.counts) : undefined;
    for (const [name, count] of packets ?? []) counted.set(name, (counted.get(name) ?? 0) + count);
    return counted;
  }

  /** Takes away all that is ours. Throws when it is still there. */
  async remove(): Promise<void> {
    while ((await runCommand(this.#program, [...wait, '-D', ...jump])).ok);
    await runCommand(this.#program, [...wait, '-F', chain]);
    await runCommand(this.#program, [...wait, '-X', chain]);
    const left = await runCommand(this.#program, [...wait, '-S']);
    if (!left.ok || left.stdout.includes(chain)) {
      throw new Error(`${this.#program}: rules of ours are left: ${left.ok ? left.stdout : left.reason}`);
    }
    this.#plan = firewallPlan(noRules, this.#family);
    this.#countedBefore = new Map();
  }

  /** First of all rules: what others accept, ours has cut before. */
  async #ensureJump(): Promise<void> {
    if ((await runCommand(this.#program, [...wait, '-C', ...jump])).ok) return;
    const inserted = await runCommand(this.#program, [...wait, '-I', ...jump]);
    if (!inserted.ok) throw new Error(`${this.#program}: ${inserted.reason}`);
  }
}

async function tryFirewall(program: string): Promise<TriedFirewall> {
  const attempt = async (words: string) => {
    const { ok, reason } = await runCommand(program, [...wait, ...words.split(' ')]);
    return ok ? null : reason;
  };
  const created = await attempt(`-N ${trialChain}`);
  if (created !== null) return { program, drop: created, tcpReset: created, statistic: created };
  const source = program.startsWith('ip6') ? '::1' : '127.0.0.1';
  const trial = (rule: HearingRule) => attempt(`-A ${trialChain} -s ${source} ${verdict(rule)}`);
  const tried = {
    program,
    drop: await trial({ kind: 'drop' }),
    tcpReset: await trial({ kind: 'reset' }),
    statistic: await trial({ kind: 'loss', share: 0.5 }),
  };
  await attempt(`-F ${trialChain}`);
  await attempt(`-X ${trialChain}`);
  return tried;
}
