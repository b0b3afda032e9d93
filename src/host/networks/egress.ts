/**
 * The way out of the exchange, over an interface of the machine, where the operator has opened one: see docs/decisions for what it keeps
 * shut. The kernel holds all that is needed to shut it again, so a killed process leaves nothing that its successor does not find.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { ignoreMissing } from '../missing-files.ts';
import type { Names } from './names.ts';
import type { Run } from './programs.ts';
import type { PublicRange } from './public-range.ts';
import { newTable, transition, type NftTable } from './ruleset.ts';

/**
 * Where nothing goes, however the machine's routes read: what is private, special or shared (RFC 6890), groups of receivers, and where
 * other clouds tell a machine its secrets outside of link-local addresses.
 */
export const withheld: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.168.0.0/16'],
  ...['224.0.0.0/3', '168.63.129.16/32'],
];

export type Egress = {
  /** Opens the way, once the exchange is there; what an earlier process has left is set right. */
  open(): Promise<void>;
  /** Shuts it: forwarding is what it was before, and the table is gone. */
  shut(): Promise<void>;
  /** Shuts what this process has opened. */
  release(): Promise<void>;
};

/**
 * @param uplink the interface; undefined where no way out is wanted: then it is only shut.
 * @param range public addresses of instances, and nobody else's.
 */
export function egress(names: Names, run: Run, uplink: string | undefined, range: PublicRange): Egress {
  const table = `inet ${names.hostDevice}-egress`;
  let state: 'unknown' | 'open' | 'shut' = 'unknown';
  const shut = async (): Promise<void> => {
    if (state === 'shut') return;
    const opened = await openedInterfaces(run, table);
    // Nothing is forwarded any more before the rules go that say what may be.
    for (const device of opened ?? []) await forward(device, false);
    if (opened) await run('nft', ['-f', '-'], `delete table ${table}\n`);
    state = 'shut';
  };
  return {
    shut,
    release: async () => void (state === 'open' && (await shut())),
    open: async () => {
      if (uplink === undefined) return shut();
      if (state !== 'open') {
        await shut();
        const wasForwarding = await isForwarding(uplink);
        await run(
          'nft',
          ['-f', '-'],
          transition(undefined, [rules(table, names.hostDevice, uplink, { wasForwarding, publicRange: range.cidr })]),
        );
        state = 'open';
      }
      // Said again and again: an interface may have gone and come back.
      await forward(uplink, true);
      await forward(names.hostDevice, true);
    },
  };
}

const settingOf = (device: string): string => `/proc/sys/net/ipv4/conf/${device}/forwarding`;
const isForwarding = async (device: string): Promise<boolean> => (await readFile(settingOf(device), 'utf8')).trim() === '1';

/** An interface that is gone forwards nothing. */
async function forward(device: string, on: boolean): Promise<void> {
  await writeFile(settingOf(device), on ? '1' : '0', { flag: 'r+' }).catch(ignoreMissing);
}

/** The interfaces on which forwarding was turned on for this table; undefined where there is none. */
async function openedInterfaces(run: Run, table: string): Promise<string[] | undefined> {
  const { nftables } = JSON.parse(await run('nft', ['-j', 'list', 'tables'])) as {
    nftables: { table?: { family: string; name: string } }[];
  };
  if (!nftables.some((one) => one.table && `${one.table.family} ${one.table.name}` === table)) return undefined;
  const listed = JSON.parse(await run('nft', ['-j', 'list', 'set', ...table.split(' '), 'opened'])) as {
    nftables: { set?: { elem?: string[] } }[];
  };
  return listed.nftables.flatMap((one) => one.set?.elem ?? []);
}

/** What instances send goes out by the uplink and no other way, and comes back; to the machine itself they begin nothing. */
function rules(
  name: string,
  inner: string,
  uplink: string,
  { wasForwarding, publicRange }: { wasForwarding: boolean; publicRange: string },
): NftTable {
  const { table, set, chain } = newTable(name);
  set('opened', 'ifname', wasForwarding ? [] : [`"${uplink}"`]);
  chain('input', [`iifname "${inner}" ct state != { established, related } drop`], 'type filter hook input priority 0; policy accept;');
  chain(
    'forward',
    [
      `iifname "${inner}" oifname != "${uplink}" drop`,
      `iifname "${inner}" ip daddr { ${withheld.join(', ')} } drop`,
      `iifname "${inner}" ip saddr != ${publicRange} drop`,
      `iifname "${inner}" meta nfproto != ipv4 drop`,
      `oifname "${inner}" ct state != { established, related } drop`,
      `oifname "${inner}" iifname != "${uplink}" drop`,
      // The uplink did not forward before, and does so for instances alone.
      ...(wasForwarding ? [] : [`iifname "${uplink}" oifname != "${inner}" drop`]),
      `oifname "${uplink}" iifname "${inner}" tcp flags syn / syn,rst tcp option maxseg size set rt mtu`,
    ],
    'type filter hook forward priority 0; policy accept;',
  );
  chain(
    'postrouting',
    [`oifname "${uplink}" ip saddr ${publicRange} masquerade`],
    'type nat hook postrouting priority 100; policy accept;',
  );
  return table;
}
