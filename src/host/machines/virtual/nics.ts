/** The network interfaces of a virtual machine: each is a tap beside the interface that its network has put into its namespace. */

import { MachineFailed } from '../../../framework/machines.ts';
import { run, runAnyhow } from '../../programs.ts';

/** What the guest is told of an interface. Gateways are empty where there is none. */
export type Nic = {
  device: string;
  mac: string;
  tap: string;
  addresses: string[];
  gateway: string;
  addresses6: string[];
  gateway6: string;
};

type Link = {
  ifname: string;
  address: string;
  ifalias?: string;
  master?: string;
  addr_info: { family: string; local: string; prefixlen: number }[];
};
type Route = { dev: string; gateway?: string };

const guestAlias = 'guest ';
const linkLocal = 'fe80:';
/** Joins an interface of a machine to its tap. */
export const bridgeOf = (device: string): string => `br-${device}`;
const tapOf = (device: string): string => `tap-${device}`;

/**
 * Joins interfaces to taps, each by a bridge of its own, so that frames pass as they are. The interface gives its MAC to the guest, and takes
 * another: a bridge keeps for itself what is sent to the address of one of its ports. Its addresses stay with it, and nobody answers for them.
 * Idempotent.
 * @param user may open the taps. @param wanted which interfaces: all where it is absent.
 */
export async function plug(namespace: string, user: number, wanted?: readonly string[]): Promise<Nic[]> {
  const links = await linksIn(namespace);
  const own = ethernets(links).filter(({ ifname }) => wanted?.includes(ifname) ?? true);
  const lines: string[] = [];
  const fresh: Link[] = [];
  for (const link of own) {
    const { ifname, address, master } = link;
    const [bridge, tap] = [bridgeOf(ifname), tapOf(ifname)];
    if (master === bridge) continue;
    fresh.push(link);
    if (!links.some((link) => link.ifname === bridge)) lines.push(`link add ${bridge} type bridge mcast_snooping 0`);
    if (!links.some((link) => link.ifname === tap)) lines.push(`tuntap add dev ${tap} mode tap user ${user}`);
    if (hasIpv6(link)) lines.push(`addr flush dev ${ifname} scope link`);
    lines.push(
      `link set ${ifname} alias "${guestAlias}${address}"`,
      `link set ${ifname} address ${ownMac(address)}`,
      ...[ifname, tap].map((device) => `link set ${device} master ${bridge}`),
      ...[ifname, tap, bridge].map((device) => `link set ${device} up`),
      // What else is put on the bridge speaks with the guest alone.
      `link set ${ifname} type bridge_slave isolated on`,
    );
  }
  if (lines.length > 0) {
    await silence(namespace, fresh);
    await run('ip', ['-n', namespace, '-b', '-'], { input: `${lines.join('\n')}\n` });
  }
  const [ways, ways6] = await Promise.all([waysOut(namespace, '-4'), waysOut(namespace, '-6')]);
  return own.map((link) => ({
    ...{ device: link.ifname, mac: guestMac(link), tap: tapOf(link.ifname) },
    ...{ addresses: addressesOf(link, 'inet'), gateway: ways.get(link.ifname) ?? '' },
    ...{ addresses6: addressesOf(link, 'inet6'), gateway6: ways6.get(link.ifname) ?? '' },
  }));
}

const addressesOf = ({ addr_info }: Link, wanted: 'inet' | 'inet6'): string[] =>
  addr_info
    .filter(({ family, local }) => family === wanted && !local.startsWith(linkLocal))
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);

/** Gateways by their devices. */
async function waysOut(namespace: string, family: '-4' | '-6'): Promise<Map<string, string>> {
  const { stdout } = await runAnyhow('ip', ['-j', family, '-n', namespace, 'route', 'show', 'default']);
  const routes = JSON.parse(stdout.toString().trim() || '[]') as Route[];
  return new Map(routes.flatMap(({ dev, gateway }) => (gateway === undefined ? [] : [[dev, gateway] as const])));
}

/** Where a machine is found that has been plugged: its first interface. Rejects with MachineFailed when it has none. */
export async function guestAddress(namespace: string): Promise<{ device: string; address: string; prefix: number }> {
  for (const { ifname, addr_info } of ethernets(await linksIn(namespace))) {
    const found = addr_info.find(({ family }) => family === 'inet');
    if (found) return { device: ifname, address: found.local, prefix: found.prefixlen };
  }
  throw new MachineFailed('the machine has no interface with an address');
}

/**
 * Gives interfaces back as they were, for whatever comes next. Nothing happens where the namespace has gone.
 * @param device which one: all where it is absent.
 */
export async function unplug(namespace: string, device?: string): Promise<void> {
  const lines = linesBack(await linksIn(namespace), device);
  if (lines.length === 0) return;
  const { code, stderr } = await runAnyhow('ip', ['-force', '-n', namespace, '-b', '-'], { input: `${lines.join('\n')}\n` });
  // Another one may be giving them back at this moment, a reset beside a reconciler: that they are given back is all that is wanted.
  if (code !== 0 && linesBack(await linksIn(namespace), device).length > 0)
    throw new MachineFailed(`the interfaces in ${namespace} are not given back: ${stderr.toString().trim()}`);
}

function linesBack(links: readonly Link[], device: string | undefined): string[] {
  const fits = (name: string): boolean => isEthernet(name) && (device ?? name) === name;
  const joined = links.filter((link) => fits(link.ifname) && guestMac(link) !== link.address);
  const made = links.filter(({ ifname }) => fits(/^(?:br|tap)-(.*)/.exec(ifname)?.[1] ?? ''));
  return [
    ...joined.flatMap((link) => [`link set ${link.ifname} nomaster`, `link set ${link.ifname} address ${guestMac(link)}`]),
    ...made.map(({ ifname }) => `link del ${ifname}`),
  ];
}

/**
 * What a process's namespace has, as one text: another one when an interface has been made anew, or has got or lost an address.
 * @param tables of /proc/PID/net: igmp, if_inet6 and fib_trie.
 */
export const interfacesSeen = ([igmp, addresses6, trie]: readonly string[]): string =>
  [igmp!.match(/^\d+\s+eth\d+/gm), addresses6!.match(/^.* eth\d+$/gm), trie].flat().join(' ');

const isEthernet = (name: string): boolean => /^eth\d+$/.test(name);
const ethernets = (links: readonly Link[]): Link[] => links.filter(({ ifname }) => isEthernet(ifname));

const guestMac = ({ address, ifalias }: Link): string => (ifalias?.startsWith(guestAlias) ? ifalias.slice(guestAlias.length) : address);

const ownMac = (mac: string): string => `${(Number.parseInt(mac.slice(0, 2), 16) ^ 0x10).toString(16).padStart(2, '0')}${mac.slice(2)}`;

async function linksIn(namespace: string): Promise<Link[]> {
  const { code, stdout } = await runAnyhow('ip', ['-j', '-d', '-n', namespace, 'address', 'show']);
  return code === 0 ? (JSON.parse(stdout.toString()) as Link[]).filter(({ ifname }) => ifname !== undefined) : [];
}

/** Addresses that its network has given it, and goes on to change. */
const hasIpv6 = (link: Link): boolean => addressesOf(link, 'inet6').length > 0;

/** The namespace itself is to say nothing to its neighbours: of IPv6 it has only what its network has put there. */
async function silence(namespace: string, fresh: readonly Link[]): Promise<void> {
  const settings = [
    ...['net.ipv4.conf.all.arp_ignore=8', 'net.ipv6.conf.default.disable_ipv6=1', 'net.ipv6.conf.lo.disable_ipv6=1'],
    // Its network may turn IPv6 on later.
    ...fresh.map(({ ifname }) => `net.ipv6.conf.${ifname}.addr_gen_mode=1`),
    ...fresh.filter((link) => !hasIpv6(link)).map(({ ifname }) => `net.ipv6.conf.${ifname}.disable_ipv6=1`),
  ];
  // A kernel without IPv6 has nothing to be silenced there.
  await run('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-e', '-w', ...settings]);
}
