/** The ways of IPv6 through the exchange: whole ranges of networks, which need no translation. */

import type { WantedNetwork, WantedVpc } from '../../framework/networks.ts';
import { links6 } from './ipv6.ts';
import { hostSide, type Names } from './names.ts';
import type { Run } from './programs.ts';
import type { newTable } from './ruleset.ts';

/** Of the machine's end, unlike those of routers: by them it is known which ways lead to networks. */
const machineLink = 'fe80::3';

export type Exchange6 = {
  /** Leads ranges to their networks, and the machine to them. */
  route(wanted: WantedNetwork): Promise<void>;
  /** A gateway's device has gone, and with it what led there. */
  forget(device: string): void;
  /** The exchange has been made anew, and nothing is there. */
  reset(): void;
};

export function exchange6(names: Names, run: Run): Exchange6 {
  /** Ranges with the devices to which they lead; undefined until it is known what an earlier process has left. */
  let routes: Map<string, string> | undefined;
  const batch = (given: readonly string[], lines: readonly string[]): Promise<unknown> =>
    lines.length === 0 ? Promise.resolve() : run('ip', [...given, '-b', '-'], lines.join('\n'));
  const there = async (): Promise<Map<string, string>> => {
    const listed = JSON.parse((await run('ip', ['-6', '-j', '-n', names.exchange, 'route'])).trim() || '[]') as Listed[];
    return new Map(listed.filter((route) => route.gateway === links6.vpc).map((route) => [route.dst, route.dev ?? '']));
  };
  return {
    route: async ({ vpcs }) => {
      const leads = new Map(
        vpcs.flatMap((vpc) => (vpc.internet?.ipv6 ? (vpc.cidrs6 ?? []) : []).map((cidr) => [cidr, names.gatewayOf(vpc.id)] as const)),
      );
      // Most clouds have none, and nothing is to be asked then.
      if (leads.size === 0 && routes?.size === 0) return;
      routes ??= await there();
      const known = routes;
      const fresh = [...leads].filter(([cidr, device]) => known.get(cidr) !== device);
      const stale = [...known.keys()].filter((cidr) => !leads.has(cidr));
      if (fresh.length === 0 && stale.length === 0) return;
      const machine = vpcs.find((vpc) => vpc.internet?.ipv6)?.internet?.ipv6?.machine;
      if (machine !== undefined && fresh.length > 0) await joinMachine(names, run, machine);
      const devices = [...new Set(fresh.map(([, device]) => device))];
      await batch(
        ['-n', names.exchange],
        [
          // Their device may have gone, and another may have come.
          ...stale.flatMap((cidr) => [`route replace unreachable ${cidr}`, `route del unreachable ${cidr}`]),
          ...devices.flatMap((device) =>
            [links6.exchange, links6.egressOnly].map((address) => `addr replace ${address}/64 dev ${device} nodad`),
          ),
          ...fresh.map(([cidr, device]) => `route replace ${cidr} via ${links6.vpc} dev ${device} onlink`),
        ],
      );
      await batch(
        ['-force'],
        [
          ...stale.map((cidr) => `route del ${cidr} dev ${names.hostDevice}`),
          ...fresh.map(([cidr]) => `route replace ${cidr} via ${links6.exchange} dev ${names.hostDevice} src ${machine} onlink`),
        ],
      );
      routes = leads;
    },
    forget: (device) => {
      for (const [cidr, through] of routes ?? []) if (through === device) routes!.set(cidr, '');
    },
    reset: () => {
      routes = new Map();
    },
  };
}

type Listed = { dst: string; dev?: string; gateway?: string };

/** The machine's own address, and the way back to it. Nothing that comes by this device configures the machine. */
async function joinMachine(names: Names, run: Run, machine: string): Promise<void> {
  const settings = ['disable_ipv6=0', 'accept_ra=0', 'accept_redirects=0', 'addr_gen_mode=1'];
  await run('sysctl', ['-q', '-w', ...settings.map((setting) => `net.ipv6.conf.${names.hostDevice}.${setting}`)]);
  const own = [`addr replace ${machineLink}/64 dev ${names.hostDevice} nodad`, `addr replace ${machine}/128 dev ${names.hostDevice} nodad`];
  await run('ip', ['-b', '-'], own.join('\n'));
  const ends = [
    `addr replace ${links6.exchange}/64 dev ${hostSide} nodad`,
    `route replace ${machine}/128 via ${machineLink} dev ${hostSide} onlink`,
  ];
  await run('ip', ['-n', names.exchange, '-b', '-'], ends.join('\n'));
}

/** Networks speak with their own ranges alone; the machine may begin, none may begin a flow to it. */
export function exchangeRules6(names: Names, joined: readonly WantedVpc[], set: ReturnType<typeof newTable>['set']) {
  const open = joined.filter((vpc) => vpc.internet?.ipv6);
  set(
    'owners6',
    'ifname . ipv6_addr; flags interval',
    open.flatMap((vpc) => (vpc.cidrs6 ?? []).map((cidr) => `"${names.gatewayOf(vpc.id)}" . ${cidr}`)),
  );
  const machine = open[0]?.internet?.ipv6?.machine;
  return {
    first: ['iifname @gateways iifname . ip6 saddr != @owners6 counter drop'],
    after: machine === undefined ? [] : [`iifname "${hostSide}" ip6 saddr ${machine} oifname @gateways accept`],
  };
}
