/** The exchange: one namespace between the machine and the gateways of all networks, through which public addresses are reached. */

import type { WantedNetwork } from '../../framework/networks.ts';
import { withheld } from './egress.ts';
import { exchange6, exchangeRules6 } from './exchange6.ts';
import { solicitations } from './firewall6.ts';
import { routerSettings6 } from './ipv6.ts';
import { gatewayDevice, hostSide, linkAddresses, type Names } from './names.ts';
import type { PublicRange } from './public-range.ts';
import { newTable, transition, type Ruleset } from './ruleset.ts';
import type { Run } from './programs.ts';

export type Exchange = {
  /** Makes it where it is not there; true when it was made just now, and no gateway hangs on it. */
  ensure(): Promise<boolean>;
  /** Joins the router of a network, both ends down: the router sets up its own. */
  join(vpc: string): Promise<void>;
  /** Leads public addresses to their networks, once the gateways are there, and lets through what may pass. */
  route(wanted: WantedNetwork): Promise<void>;
  /** Forgets what it knows about a network's gateway, which has gone with its router. */
  forget(vpc: string): void;
};

/**
 * @param exists whether a namespace is there.
 * @param leadsOut whether the machine lets through what is for the world beyond.
 * @param range settled when the first network is applied.
 */
export function exchange(
  names: Names,
  run: Run,
  exists: (namespace: string) => Promise<boolean>,
  leadsOut: boolean,
  range: PublicRange,
): Exchange {
  let rules: Ruleset | undefined;
  let routes: Map<string, string> | undefined;
  /** Addresses of the cloud's own that this process has put there. */
  const doors = new Set<string>();
  /** The machine's end was seen to have the address of this range. */
  let checked = false;
  const ranges = exchange6(names, run);
  const inExchange = (lines: readonly string[]): Promise<unknown> =>
    lines.length === 0 ? Promise.resolve() : run('ip', ['-n', names.exchange, '-b', '-'], lines.join('\n'));
  return {
    ensure: async () => {
      const stays = (await exists(names.exchange)) && (checked || (await keepOfRange(names, run, range)));
      checked = true;
      if (stays) return false;
      rules = undefined;
      routes = new Map();
      doors.clear();
      ranges.reset();
      await run('ip', ['netns', 'add', names.exchange]);
      await setUp(names, run, range.hostAddress);
      return true;
    },
    join: async (vpc) => {
      const device = names.gatewayOf(vpc);
      const pair = `link add ${gatewayDevice} type veth peer name ${device} netns ${names.exchange}`;
      await run('ip', ['-n', names.namespace(vpc), '-b', '-'], pair);
      await inExchange([`link set ${device} up`]);
    },
    route: async (wanted) => {
      const { hostAddress } = range;
      const next = exchangeRules(names, wanted, leadsOut, hostAddress);
      const script = transition(rules, next);
      if (script !== '') await run.within(names.exchange, 'nft', ['-f', '-'], script);
      if (leadsOut && rules === undefined) await inExchange([`route replace default via ${hostAddress} dev ${hostSide}`]);
      rules = next;
      const missing = (wanted.doors ?? []).filter((address) => !doors.has(address));
      await inExchange(missing.map((address) => `addr replace ${address}/32 dev lo`));
      for (const address of missing) doors.add(address);
      const leads = routesOf(names, wanted);
      routes ??= await routesThere(names, run);
      const known = routes;
      const fresh = [...leads].filter(([address, device]) => known.get(address) !== device);
      const stale = [...known.keys()].filter((address) => !leads.has(address));
      await inExchange([
        ...stale.map((address) => `route replace unreachable ${address}`),
        ...stale.map((address) => `route del unreachable ${address}`),
        ...fresh.map(([address, device]) => `route replace ${address} via ${linkAddresses.vpc} dev ${device} onlink`),
      ]);
      const gained = fresh.map(([address]) => address).filter((address) => !known.has(address));
      const onHost = hostRoutes(names, stale, gained, hostAddress);
      if (onHost.length > 0) await run('ip', ['-force', '-b', '-'], onHost.join('\n'));
      routes = leads;
      await ranges.route(wanted);
    },
    forget: (vpc) => {
      const device = names.gatewayOf(vpc);
      ranges.forget(device);
      // The machine's own routes are left; they are written again with the same words.
      for (const [address, through] of routes ?? []) if (through === device) routes!.set(address, '');
    },
  };
}

/** The filter is there before the first link is. */
async function setUp(names: Names, run: Run, hostAddress: string): Promise<void> {
  await run.within(names.exchange, 'sysctl', [
    '-q',
    // A kernel without IPv6 has not all of them.
    '-e',
    '-w',
    'net.ipv4.ip_forward=1',
    'net.ipv4.conf.all.send_redirects=0',
    'net.ipv4.conf.default.send_redirects=0',
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.default.rp_filter=0',
    ...routerSettings6,
  ]);
  await run.within(names.exchange, 'nft', ['-f', '-'], transition([], exchangeRules(names, { vpcs: [] }, false, hostAddress)));
  await run('ip', ['link', 'add', names.hostDevice, 'type', 'veth', 'peer', 'name', hostSide, 'netns', names.exchange]);
  await run('ip', ['-b', '-'], [`addr add ${hostAddress}/32 dev ${names.hostDevice}`, `link set ${names.hostDevice} up`].join('\n'));
  const lines = [
    'link set lo up',
    `addr add ${linkAddresses.exchange}/32 dev lo`,
    `link set ${hostSide} up`,
    `route add ${hostAddress}/32 dev ${hostSide}`,
  ];
  await run('ip', ['-n', names.exchange, '-b', '-'], lines.join('\n'));
}

const hostRoutes = ({ hostDevice }: Names, gone: readonly string[], gained: readonly string[], hostAddress: string): string[] => [
  ...gone.map((address) => `route del ${address} dev ${hostDevice}`),
  ...gained.map((address) => `route replace ${address} via ${linkAddresses.exchange} dev ${hostDevice} src ${hostAddress} onlink`),
];

/** Whether the exchange that is there was made for this range. One for another, of which no address is in use any more, goes. */
async function keepOfRange(names: Names, run: Run, { hostAddress: address }: PublicRange): Promise<boolean> {
  const listed = JSON.parse(await run('ip', ['-j', 'addr'])) as { ifname: string; addr_info?: { local?: string }[] }[];
  const link = listed.find(({ ifname }) => ifname === names.hostDevice);
  if (link?.addr_info?.some(({ local }) => local === address)) return true;
  if (link) await run('ip', ['link', 'del', names.hostDevice]);
  await run('ip', ['netns', 'del', names.exchange]);
  return false;
}

function routesOf(names: Names, { vpcs }: WantedNetwork): Map<string, string> {
  return new Map(vpcs.flatMap((vpc) => (vpc.internet?.addresses ?? []).map((one) => [one.public, names.gatewayOf(vpc.id)] as const)));
}

/** After a restart: what an earlier process has left. */
async function routesThere(names: Names, run: Run): Promise<Map<string, string>> {
  const listed = JSON.parse(await run('ip', ['-j', '-n', names.exchange, 'route'])) as { dst: string; dev?: string; gateway?: string }[];
  return new Map(listed.filter((route) => route.gateway === linkAddresses.vpc).map((route) => [route.dst, route.dev ?? '']));
}

/** The machine may begin, networks may reach each other's public addresses; none may begin a flow to the machine or to what is private. */
function exchangeRules(names: Names, { vpcs, doors = [] }: WantedNetwork, leadsOut: boolean, hostAddress: string): Ruleset {
  const { table, set, chain } = newTable('inet haneul');
  const joined = vpcs.filter((vpc) => vpc.internet);
  set('doors', 'ipv4_addr', doors);
  const device = (id: string): string => `"${names.gatewayOf(id)}"`;
  set(
    'gateways',
    'ifname',
    joined.map((vpc) => device(vpc.id)),
  );
  set(
    'owners',
    'ifname . ipv4_addr',
    joined.flatMap((vpc) => vpc.internet!.addresses.map((one) => `${device(vpc.id)} . ${one.public}`)),
  );
  const ipv6 = exchangeRules6(names, joined, set);
  chain(
    'forward',
    [
      'iifname @gateways iifname . ip saddr != @owners counter drop',
      ...ipv6.first,
      'ct state established,related accept',
      `iifname @gateways oifname @gateways accept`,
      ...(leadsOut ? [`iifname @gateways oifname "${hostSide}" ip daddr != { ${withheld.join(', ')} } accept`] : []),
      `iifname "${hostSide}" ip saddr ${hostAddress} oifname @gateways accept`,
      ...ipv6.after,
      'counter drop',
    ],
    'type filter hook forward priority 0; policy drop;',
  );
  chain(
    'input',
    ['ct state established,related accept', ...solicitations, 'iifname . ip saddr @owners ip daddr @doors tcp dport { 80, 443 } accept'],
    'type filter hook input priority 0; policy drop;',
  );
  chain('output', ['ct state established,related accept', ...solicitations], 'type filter hook output priority 0; policy drop;');
  return [table];
}
