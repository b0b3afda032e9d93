/**
 * Instances with several interfaces answer by the one that was asked, as Amazon Linux's ec2-net-utils sees to: each interface has a routing
 * table, which is looked up for what is sent from its addresses. Whoever has one interface needs none of it.
 */

import type { WantedPort, WantedVpc } from '../../framework/networks.ts';
import { links6 } from './ipv6.ts';
import type { Run } from './programs.ts';

/** Lines for `ip -b` and `ip -6 -b` in an instance's namespace. */
export type SourceRouting = { namespace: string; lines: string[]; lines6: string[] };

/** What turns the instances' tables of one state of a network into those of the next. */
export function sourceRouting(old: readonly WantedPort[], next: Pick<WantedVpc, 'ports' | 'subnets'>): SourceRouting[] {
  const before = severalByNamespace(old);
  const after = severalByNamespace(next.ports);
  const subnets = new Map(next.subnets.map((subnet) => [subnet.id, subnet]));
  const kept = new Set(next.ports.map(({ namespace }) => namespace));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((namespace) => {
    const [present = [], wanted = []] = [before.get(namespace), after.get(namespace)];
    if (!kept.has(namespace) || placesOf(present) === placesOf(wanted)) return [];
    const all = [...present, ...wanted];
    const flush = [...new Set(all.map(tableOf))].map((table) => `rule flush table ${table}`);
    return [
      {
        namespace,
        lines: [...flush, ...wanted.flatMap((port) => linesOf(port, subnets.get(port.subnet)!))],
        lines6: all.some(({ addresses6 = [] }) => addresses6.length > 0) ? [...flush, ...wanted.flatMap(linesOf6)] : [],
      },
    ];
  });
}

function severalByNamespace(ports: readonly WantedPort[]): Map<string, WantedPort[]> {
  const all = Map.groupBy(ports, ({ namespace }) => namespace);
  for (const [namespace, mine] of all) if (mine.length === 1) all.delete(namespace);
  return all;
}

const placesOf = (ports: readonly WantedPort[]): string =>
  JSON.stringify(ports.map(({ id, device, mac, subnet, addresses, addresses6 }) => [id, device, mac, subnet, addresses, addresses6]));

/** Also where its rules stand among the others: before the main table's. Busybox knows tables below 256 alone. */
const tableOf = ({ device }: WantedPort): number => 100 + Number(/\d+$/.exec(device)![0]);

function linesOf(port: WantedPort, { cidr, gateway }: { cidr: string; gateway: string }): string[] {
  const table = tableOf(port);
  return [
    `route replace ${cidr} dev ${port.device} table ${table}`,
    `route replace default via ${gateway} dev ${port.device} table ${table}`,
    ...port.addresses.map((address) => `rule add pref ${table} from ${address} lookup ${table}`),
  ];
}

function linesOf6(port: WantedPort): string[] {
  const table = tableOf(port);
  const addresses = port.addresses6 ?? [];
  if (addresses.length === 0) return [];
  return [
    `route replace default via ${links6.router} dev ${port.device} table ${table} onlink`,
    ...addresses.map((address) => `rule add pref ${table} from ${address} lookup ${table}`),
  ];
}

/** A guest may have changed what its routes are made of: it has then fewer of them, and no other guest is held up by that. */
export async function routeBySource(run: Run, routing: readonly SourceRouting[]): Promise<void> {
  const batch = (namespace: string, lines: readonly string[], ...family: string[]): Promise<unknown> =>
    run('ip', [...family, '-force', '-n', namespace, '-b', '-'], lines.join('\n')).catch(() => undefined); // the guest's own doing, as said
  await Promise.all(
    routing.flatMap(({ namespace, lines, lines6 }) => [batch(namespace, lines), lines6.length > 0 && batch(namespace, lines6, '-6')]),
  );
}
