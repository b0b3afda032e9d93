/** NAT gateways: namespaces that put addresses of their own in place of those behind them. */

import type { WantedNat, WantedVpc } from '../../framework/networks.ts';
import type { Run } from './programs.ts';
import { newTable, transition, type Ruleset } from './ruleset.ts';

/** Translates what comes from inside to one of its own addresses, and lets nothing in that was not asked for. */
export async function prepareNat(run: Run, nat: WantedNat): Promise<void> {
  await run.within(nat.namespace, 'sysctl', [
    '-q',
    '-w',
    'net.ipv4.ip_forward=1',
    'net.ipv4.conf.all.send_redirects=0',
    'net.ipv4.conf.default.send_redirects=0',
  ]);
  await run.within(nat.namespace, 'nft', ['-f', '-'], transition([], natRules(nat)));
}

/** Those whose rules are others than before. Where it is not known what was before, all that were there already. */
export async function changeNats(run: Run, known: WantedVpc | undefined, vpc: WantedVpc): Promise<void> {
  for (const nat of vpc.nats) {
    const before = known?.nats.find(({ id }) => id === nat.id);
    const script = transition(known && (before ? natRules(before) : undefined), natRules(nat));
    if (script !== '') await run.within(nat.namespace, 'nft', ['-f', '-'], script);
  }
}

function natRules({ address, others = [], sources }: WantedNat): Ruleset {
  const filter = newTable('inet haneul');
  const established = 'ct state established,related accept';
  filter.chain(
    'forward',
    [established, 'ct state invalid drop', ...sources.map((cidr) => `ip saddr ${cidr} accept`)],
    'type filter hook forward priority 0; policy drop;',
  );
  filter.chain('input', [established], 'type filter hook input priority 0; policy drop;');
  filter.chain('output', [established], 'type filter hook output priority 0; policy drop;');
  const translation = newTable('ip haneul-translation');
  const own = [address, ...others];
  const chosen =
    own.length === 1 ? address : `numgen random mod ${own.length} map { ${own.map((one, at) => `${at} : ${one}`).join(', ')} }`;
  translation.chain(
    'postrouting',
    [`ip saddr != { ${own.join(', ')} } snat to ${chosen}`],
    'type nat hook postrouting priority 100; policy accept;',
  );
  return [filter.table, translation.table];
}
