/** The networks of one cloud on this machine: a namespace as router for each, and the order in which everything is made and removed. */

import { createHash } from 'node:crypto';
import type { CarriedBytes, Networks, WantedNetwork, WantedVpc } from '../../framework/networks.ts';
import { namesIn } from '../missing-files.ts';
import type { Authority } from './authority.ts';
import { egress, type Egress } from './egress.ts';
import { exchange, type Exchange } from './exchange.ts';
import { firewall } from './firewall.ts';
import { flowReader, type Taken } from './flow-reader.ts';
import { deviceSettings6, routerSettings6 } from './ipv6.ts';
import { linkChanges } from './links.ts';
import { listenDatagrams, listenHttp } from './listeners.ts';
import { createListeners } from './listening.ts';
import { namesFor, namespacesDirectory, type Names } from './names.ts';
import { changeNats, prepareNat } from './nat.ts';
import { outsideNames } from './outside-names.ts';
import { programs, type Run } from './programs.ts';
import { defaultRange, rangeOf, type PublicRange } from './public-range.ts';
import { transition, type Ruleset } from './ruleset.ts';
import { routeBySource, sourceRouting } from './source-routing.ts';
import { readTraffic } from './traffic.ts';

const programsNeeded = ['ip', 'bridge', 'nft', 'sysctl', 'perl'] as const;
/** Changes when the same wish is carried out in another way: routers of an older release are made anew. */
const generation = 7;

export type NetworksOptions = {
  /** Six hexadecimal digits that no other cloud on this machine has. */
  label: string;
  find: (program: string) => Promise<string | undefined>;
  /** Who vouches for names inside of networks. */
  authority: Authority;
  /** The way to what is beyond the machine, where the operator has opened one. */
  egress?: EgressChoice | undefined;
};

/** `uplink`: an interface of the machine. `resolver`: who knows names beyond; the machine's own where it is absent. */
export type EgressChoice = { uplink: string; resolver?: string | undefined };

/** @param options whose networks they are. */
export function realNetworks({ label, find, authority, egress: out }: NetworksOptions): Networks {
  const names = namesFor(label);
  const run = programs(find);
  const range = defaultRange();
  const state: State = {
    ...{ names, run, range, applied: new Map(), unfinished: new Set(), egress: egress(names, run, out?.uplink, range) },
    exchange: exchange(names, run, async (name) => (await present(names)).has(name), out !== undefined, range),
  };
  const listeners = createListeners(names);
  const reader = flowReader(names, run);
  const up = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined); // whoever asked is told; the next one goes on
    return result;
  };
  const make = (wanted: WantedNetwork, whenUp?: () => Promise<void>): Promise<void> =>
    inTurn(() =>
      apply(state, wanted, {
        // What listens in a router that is made anew must be opened there again.
        keep: (kept) => listeners.keep(kept),
        async whenUp() {
          up.clear();
          for (const vpc of wanted.vpcs) for (const port of vpc.ports) up.add(port.id);
          await whenUp?.();
        },
      }),
    );
  return {
    get publicRange() {
      return range.cidr;
    },
    usePublicRange: (cidr) => void Object.assign(range, rangeOf(cidr)),
    obstacle: () => obstacleHere(find),
    apply: make,
    namespaceOf: names.namespace,
    isUp: (networkInterface) => up.has(networkInterface),
    serveHttp: (at, answer, limits) =>
      listeners.add('tcp', at, answer, (namespace, where, first) => listenHttp(namespace, where, first, { limits, authority })),
    authority: authority.certificate,
    ...(out && { askOutside: outsideNames(out.resolver) }),
    serveDatagrams: (at, answer) => listeners.add('udp', at, answer, listenDatagrams),
    takeFlows: (vpcs) =>
      inTurn(async () => {
        const taken: Taken = { flows: [], overflowed: [] };
        for (const id of vpcs) {
          const vpc = state.applied.get(id);
          if (vpc?.counted !== true) continue;
          const { flows, overflowed } = await reader.take(vpc);
          taken.flows.push(...flows);
          taken.overflowed.push(...overflowed);
        }
        return taken;
      }),
    carried: (vpcs) => inTurn(() => carriedBy(state, vpcs)),
    drops: (vpcs) =>
      inTurn(async () => {
        const there = vpcs.flatMap((id) => state.applied.get(id) ?? []);
        const found = (await Promise.all(there.map((vpc) => reader.drops(vpc)))).flat();
        return found.sort((a, b) => a.secondsAgo - b.secondsAgo);
      }),
    removeAll: () => (up.clear(), make({ vpcs: [] })),
    close: () =>
      inTurn(async () => {
        await listeners.keep({ vpcs: [] });
        await state.egress.release();
      }),
  };
}

async function obstacleHere(find: NetworksOptions['find']): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'networks need root, or namespaces of your own: `haneul doctor` says what forbids them';
  for (const program of programsNeeded) if ((await find(program)) === undefined) return `${program} is not on this machine`;
  return undefined;
}

type State = {
  names: Names;
  run: Run;
  range: PublicRange;
  /** What is known to be on the machine; a network that is not here is looked at, or made anew. */
  applied: Map<string, WantedVpc>;
  /** Networks that are as wanted, and of which that is still to be written down. */
  unfinished: Set<string>;
  exchange: Exchange;
  egress: Egress;
};

async function carriedBy({ names, run, applied }: State, vpcs: readonly string[]): Promise<CarriedBytes[]> {
  const there = vpcs.flatMap((id) => applied.get(id) ?? []);
  return (await Promise.all(there.map((vpc) => readTraffic(names, run, namespacesDirectory, vpc)))).flat();
}

type Told = {
  /** Which networks stay as they are, before the others are taken away. */
  keep(kept: WantedNetwork): Promise<void>;
  /** All ports are there. */
  whenUp(): Promise<void>;
};

async function apply(state: State, wanted: WantedNetwork, told: Told): Promise<void> {
  const { names, applied } = state;
  const there = await present(names);
  await adopt(state, wanted, there);
  await told.keep({ vpcs: wanted.vpcs.filter((vpc) => applied.has(vpc.id)) });
  await removeUnwanted(state, wanted, there);
  const fresh = wanted.vpcs.filter((vpc) => !applied.has(vpc.id));
  await makeNamespaces(state, wanted, fresh, there);
  await joinExchange(state, wanted);
  await pair(state, wanted, fresh);
  const failures = await eachVpc(state, wanted.vpcs, (vpc) => changeVpc(state, vpc));
  const isJoined = wanted.vpcs.some((vpc) => vpc.internet);
  // The exchange comes last, since nobody in a network waits for it: what one of them lets through while the other does not know it is dropped there.
  const finish = async (): Promise<void> => {
    failures.push(...(await eachVpc(state, wanted.vpcs, (vpc) => finishVpc(state, vpc))));
    if (there.has(names.exchange) || isJoined) await state.exchange.route(wanted);
    await (isJoined ? state.egress.open() : state.egress.shut());
    await removeIdle(state, wanted);
  };
  const ends = await Promise.allSettled([failures.length === 0 && told.whenUp(), finish()]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
}

/** One after the other; gives what went wrong. */
async function eachVpc(state: State, vpcs: readonly WantedVpc[], work: (vpc: WantedVpc) => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const vpc of vpcs) {
    try {
      await work(vpc);
    } catch (error) {
      // Half done is as good as unknown: it is made anew next time.
      state.applied.delete(vpc.id);
      failures.push(error);
    }
  }
  return failures;
}

/** The namespaces of this cloud that are on the machine. */
async function present(names: Names): Promise<Set<string>> {
  return new Set((await namesIn(namespacesDirectory)).filter((name) => name.startsWith(names.prefix)));
}

/** Networks of which another process of this cloud has written down that they are just as wanted. */
async function adopt({ names, run, range, applied }: State, wanted: WantedNetwork, there: ReadonlySet<string>): Promise<void> {
  for (const vpc of wanted.vpcs) {
    if (applied.has(vpc.id) || !there.has(names.namespace(vpc.id))) continue;
    const [lo] = JSON.parse(await run('ip', ['-j', '-n', names.namespace(vpc.id), 'link', 'show', 'lo'])) as { ifalias?: string }[];
    if (lo?.ifalias === fingerprint(vpc, range)) applied.set(vpc.id, vpc);
  }
}

const fingerprint = (vpc: WantedVpc, { cidr }: PublicRange): string =>
  createHash('sha256')
    .update(JSON.stringify([generation, vpc, ...(cidr === defaultRange().cidr ? [] : [cidr])]))
    .digest('hex');

/** Routers that are not wanted or not known, and namespaces in which no port is to be. Devices go first, since namespaces go late. */
async function removeUnwanted(state: State, wanted: WantedNetwork, there: ReadonlySet<string>): Promise<void> {
  const { names, run, applied } = state;
  const kept = new Set(wanted.vpcs.flatMap((vpc) => vpc.ports.map(({ namespace }) => namespace)));
  if (wanted.vpcs.some((vpc) => vpc.internet)) kept.add(names.exchange);
  const routers = new Map(wanted.vpcs.map((vpc) => [names.namespace(vpc.id), vpc.id]));
  for (const name of there) {
    const vpc = routers.get(name);
    if (kept.has(name) || (vpc !== undefined && applied.has(vpc))) continue;
    // Instances' namespaces go with their ports, after the routers have let go of them.
    if (!name.startsWith(`${names.prefix}vpc-`)) continue;
    await removeNamespace(run, name);
    const id = name.slice(names.prefix.length);
    applied.delete(id);
    state.exchange.forget(id);
  }
  for (const id of applied.keys()) if (!wanted.vpcs.some((vpc) => vpc.id === id)) applied.delete(id);
}

async function removeNamespace(run: Run, name: string): Promise<void> {
  const links = JSON.parse(await run('ip', ['-j', '-n', name, 'link'])) as { ifname: string }[];
  const lines = links.filter(({ ifname }) => ifname !== 'lo').map(({ ifname }) => `link del ${ifname}`);
  // A pair goes with either end, so some are gone when their line comes.
  if (lines.length > 0) await run('ip', ['-force', '-n', name, '-b', '-'], lines.join('\n')).catch(() => '');
  await run('ip', ['netns', 'del', name]);
}

async function makeNamespaces(
  { names, run, range }: State,
  wanted: WantedNetwork,
  fresh: readonly WantedVpc[],
  there: ReadonlySet<string>,
): Promise<void> {
  const routers = fresh.map((vpc) => names.namespace(vpc.id));
  const inhabited = new Set(wanted.vpcs.flatMap((vpc) => vpc.ports.map(({ namespace }) => namespace)));
  const missing = [...routers, ...[...inhabited].filter((name) => !there.has(name))];
  if (missing.length > 0) await run('ip', ['-b', '-'], missing.map((name) => `netns add ${name}`).join('\n'));
  for (const vpc of fresh) await prepareRouter(names, run, vpc, range);
  const nats = wanted.vpcs.flatMap((vpc) => vpc.nats).filter(({ namespace }) => !there.has(namespace));
  for (const nat of nats) await prepareNat(run, nat);
}

const rulesets = new WeakMap<WantedVpc, Ruleset>();

/** Made once for each wish: the rules of a large network that are in force are at hand when one of them changes. */
function rulesOf(names: Names, vpc: WantedVpc, range: PublicRange): Ruleset {
  const rules = rulesets.get(vpc) ?? firewall(names, vpc, range);
  rulesets.set(vpc, rules);
  return rules;
}

/** The filter is complete before the first device is there. */
async function prepareRouter(names: Names, run: Run, vpc: WantedVpc, range: PublicRange): Promise<void> {
  const router = names.namespace(vpc.id);
  const settings = ['all', 'default'].flatMap((which) => [
    `net.ipv4.conf.${which}.send_redirects=0`,
    `net.ipv4.conf.${which}.rp_filter=0`,
    `net.ipv4.conf.${which}.accept_redirects=0`,
  ]);
  // Bridges that come later answer ARP for neighbours; at other ends nobody asks for one of these.
  settings.push('net.ipv4.conf.default.proxy_arp_pvlan=1');
  await Promise.all([
    // A kernel without IPv6 has not all of them.
    run.within(router, 'sysctl', ['-q', '-e', '-w', 'net.ipv4.ip_forward=1', ...settings, ...routerSettings6]),
    run.within(router, 'nft', ['-f', '-'], transition([], rulesOf(names, vpc, range))),
  ]);
}

/** Gives every network with a gateway its pair of devices. */
async function joinExchange(state: State, wanted: WantedNetwork): Promise<void> {
  const joined = wanted.vpcs.filter((vpc) => vpc.internet);
  if (joined.length === 0) return;
  const isNew = await state.exchange.ensure();
  // What was opened led to the machine's end of an exchange that has gone.
  if (isNew) await state.egress.shut();
  for (const vpc of joined) {
    const known = state.applied.get(vpc.id);
    if (known?.internet && !isNew) continue;
    if (known?.internet) state.applied.set(vpc.id, withoutInternet(known));
    await state.exchange.join(vpc.id);
  }
}

/** As if it had no gateway: what led there has gone with the exchange. */
function withoutInternet({ internet: _gone, ...vpc }: WantedVpc): WantedVpc {
  const subnets = vpc.subnets.map((subnet) => ({
    ...subnet,
    routes: subnet.routes.filter(({ to }) => to.kind !== 'internet' && to.kind !== 'egress-only'),
  }));
  return { ...vpc, subnets };
}

/** Pairs of devices for peerings that are new, or of which one side has been made anew. */
async function pair({ names, run, applied }: State, wanted: WantedNetwork, fresh: readonly WantedVpc[]): Promise<void> {
  const isFresh = (id: string): boolean => fresh.some((vpc) => vpc.id === id);
  for (const vpc of wanted.vpcs)
    for (const { id, side, peer } of vpc.peerings) {
      if (side !== 'requester') continue;
      const known = applied.get(vpc.id)?.peerings.some((peering) => peering.id === id) === true;
      if (known && !isFresh(vpc.id) && !isFresh(peer)) continue;
      for (const end of [vpc.id, peer]) forgetPeering(applied, end, id);
      const device = names.peering(id);
      const [near, far] = [vpc.id, peer].map((end) => names.namespace(end));
      await run('ip', ['-n', near!, ...`link add ${device} type veth peer name ${device} netns ${far!}`.split(' ')]);
    }
}

function forgetPeering(applied: Map<string, WantedVpc>, vpc: string, peering: string): void {
  const known = applied.get(vpc);
  if (!known) return;
  const subnets = known.subnets.map((subnet) => ({
    ...subnet,
    routes: subnet.routes.filter(({ to }) => !(to.kind === 'peering' && to.id === peering)),
  }));
  applied.set(vpc, { ...known, subnets, peerings: known.peerings.filter(({ id }) => id !== peering) });
}

/** Rules first: what is new is dropped until its device comes, what goes is dropped before. */
async function changeVpc({ names, run, range, applied, unfinished }: State, vpc: WantedVpc): Promise<void> {
  const known = applied.get(vpc.id);
  if (known && JSON.stringify(known) === JSON.stringify(vpc)) return;
  const router = names.namespace(vpc.id);
  applied.delete(vpc.id);
  const rules = known ? transition(rulesOf(names, known, range), rulesOf(names, vpc, range)) : '';
  if (rules !== '') await run.within(router, 'nft', ['-f', '-'], rules);
  await changeNats(run, known, vpc);
  const { router: lines, rules6, forwarding, inside, speaking6 } = linkChanges(names, known, vpc);
  const batch = (namespace: string, text: readonly string[], ...family: string[]): Promise<unknown> =>
    run('ip', [...family, '-n', namespace, '-b', '-'], text.join('\n'));
  const routing = sourceRouting(known?.ports ?? [], vpc);
  const isAll = rules6.length + forwarding.length + inside.size + routing.length === 0;
  await batch(router, ['link set lo alias changing', ...lines, ...(isAll ? [finishedLine(vpc, range)] : [])]);
  if (!isAll) {
    const enter = async ([namespace, text]: [string, string[]]): Promise<void> => {
      for (const port of speaking6.filter((one) => one.namespace === namespace))
        await run.within(namespace, 'sysctl', ['-q', '-w', ...deviceSettings6(port.device)]);
      await batch(namespace, text);
    };
    await Promise.all([
      rules6.length > 0 && batch(router, rules6, '-6'),
      forwarding.length > 0 && run('bridge', ['-n', router, '-b', '-'], forwarding.join('\n')),
      ...[...inside].map(enter),
    ]);
    await routeBySource(run, routing);
    unfinished.add(vpc.id);
  }
  applied.set(vpc.id, vpc);
}

/** By this another process of the cloud knows that a network is just as wanted. */
const finishedLine = (vpc: WantedVpc, range: PublicRange): string => `link set lo alias ${fingerprint(vpc, range)}`;

async function finishVpc({ names, run, range, unfinished }: State, vpc: WantedVpc): Promise<void> {
  if (unfinished.delete(vpc.id)) await run('ip', ['-n', names.namespace(vpc.id), ...finishedLine(vpc, range).split(' ')]);
}

/** Namespaces in which no port is left, and the exchange when nobody has a gateway. */
async function removeIdle({ names, run }: State, wanted: WantedNetwork): Promise<void> {
  const kept = new Set(wanted.vpcs.flatMap((vpc) => [names.namespace(vpc.id), ...vpc.ports.map(({ namespace }) => namespace)]));
  if (wanted.vpcs.some((vpc) => vpc.internet)) kept.add(names.exchange);
  for (const name of await present(names)) if (!kept.has(name)) await removeNamespace(run, name);
}
