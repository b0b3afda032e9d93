/**
 * What a router has carried, in bytes that only grow: by sender and by receiver, and by the device that leads there. The kernel counts; the
 * rules do not know who pays for what.
 */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CarriedBytes, WantedVpc } from '../../framework/networks.ts';
import { gatewayDevice, type Names } from './names.ts';
import type { Run } from './programs.ts';
import type { PublicRange } from './public-range.ts';
import { newTable, type NftTable } from './ruleset.ts';

const name = 'inet haneul-traffic';
/** Pairs of a port and a device; what is beyond is carried and not counted. */
const pairsMax = 65_536;
/** What lies behind a gateway: this cloud's own services, public addresses of others in it, and the rest. The machine's own is one of the rest. */
const ownServices = '100.65.0.0/16';
const behindGateway = { '': 'internet', '-near': 'public-range', '-own': 'services' } as const;

/** Only what the filter has let through comes here. */
export function trafficCounters({ cidr: publicRange, hostAddress }: PublicRange): NftTable {
  const { table, set, chain } = newTable(name);
  for (const end of Object.keys(behindGateway)) {
    set(`sent${end}`, `ether_addr . ifname; size ${pairsMax}; flags dynamic`);
    set(`received${end}`, `ipv4_addr . ifname; size ${pairsMax}; flags dynamic`);
  }
  const sent = 'ether saddr . oifname counter';
  const received = 'rt ip nexthop . iifname counter';
  const throughGateway = (way: 'sent' | 'received', far: string, key: string): string[] => [
    `${far} ${ownServices} update @${way}-own { ${key} } return`,
    `${far} ${publicRange} ${far} != ${hostAddress} update @${way}-near { ${key} } return`,
    `update @${way} { ${key} }`,
  ];
  chain('outward', throughGateway('sent', 'ip daddr', sent));
  chain('inward', throughGateway('received', 'ip saddr', received));
  chain(
    'forward',
    [
      'meta nfproto != ipv4 return',
      `oifname "${gatewayDevice}" goto outward`,
      `iifname "${gatewayDevice}" goto inward`,
      `update @sent { ${sent} }`,
      `update @received { ${received} }`,
    ],
    'type filter hook forward priority 20; policy accept;',
  );
  return table;
}

type Listed = { nftables: { set?: { name: string; elem?: { elem?: { val: { concat: string[] }; counter: { bytes: number } } }[] } }[] };

/** Reads a network's counters, for the ports that it has now. */
export async function readTraffic(names: Names, run: Run, namespaces: string, vpc: WantedVpc): Promise<CarriedBytes[]> {
  const router = names.namespace(vpc.id);
  const { ino, ctimeMs } = await stat(join(namespaces, router));
  const epoch = `${ino}-${ctimeMs}`;
  const { nftables } = JSON.parse(await run.within(router, 'nft', ['-j', 'list', 'table', ...name.split(' ')])) as Listed;
  const byMac = new Map(vpc.ports.map((port) => [port.mac, port.id]));
  const byAddress = new Map(vpc.ports.flatMap((port) => port.addresses.map((address) => [address, port.id])));
  const byDevice = new Map(vpc.subnets.map(({ id }) => [names.bridge(id), id]));
  return nftables.flatMap(({ set }) =>
    (set?.elem ?? []).flatMap(({ elem }): CarriedBytes[] => {
      const [key, device] = elem?.val.concat ?? [];
      const [, direction, end] = /^(sent|received)(.*)$/.exec(set!.name) as unknown as [
        string,
        CarriedBytes['direction'],
        keyof typeof behindGateway,
      ];
      const port = (direction === 'sent' ? byMac : byAddress).get(key ?? '');
      if (port === undefined || device === undefined || !elem) return [];
      const over = device === gatewayDevice ? behindGateway[end] : byDevice.get(device);
      return over === undefined ? [] : [{ vpc: vpc.id, epoch, port, direction, over, bytes: elem.counter.bytes }];
    }),
  );
}
