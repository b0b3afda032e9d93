/**
 * Networks of the host beside the bare means, in turns: making one with two subnets, beside `ip -b`; a rule of a group that 500 interfaces
 * have, beside 5; and what goes from instance to instance, beside a plain pair of devices. As root: `node bench/networks.ts`, ROUNDS=7.
 */

import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { WantedNetwork, WantedPort, WantedRule, WantedVpc } from '../src/framework/networks.ts';
import { programIn } from '../src/host/images/host-programs.ts';
import { openAuthority } from '../src/host/networks/authority.ts';
import { namesFor } from '../src/host/networks/names.ts';
import { realNetworks } from '../src/host/networks/networks.ts';

const run = promisify(execFile);
const rounds = Number(process.env['ROUNDS'] ?? 7);
const sendSeconds = 2;
const label = randomBytes(3).toString('hex');
const names = namesFor(label);

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}
const row = (what: string, own: string, bare: string, ratio: number, goal: string, met: boolean): void =>
  console.log(`| ${what} | ${own} | ${bare} | ${ratio.toFixed(2)} | ${goal} | ${met ? 'met' : '**missed**'} |`);

const everything: WantedRule = { peer: { cidr: '0.0.0.0/0' } };
const port22: WantedRule = { protocol: 6, ports: [22, 22], peer: { cidr: '192.0.2.0/24' } };

/** Ids of seventeen digits, as names of devices are made of them. */
const idOf = (kind: string, ...numbers: number[]): string =>
  `${kind}-${numbers
    .map((number) => number.toString(16).padStart(5, '0'))
    .join('')
    .padStart(17, '0')}`;

/** A network of two subnets; its ports are in the first one, each in a namespace of its own unless one is given. */
function vpc(number: number, count: number, namespaceOf: (at: number) => [string, string], ingress: readonly WantedRule[]): WantedVpc {
  const acl = { id: 'acl-1', ingress: [{ cidr: '0.0.0.0/0', allow: true }], egress: [{ cidr: '0.0.0.0/0', allow: true }] };
  const addresses = Array.from({ length: count }, (_, at) => `10.0.${1 + Math.floor(at / 200)}.${1 + (at % 200)}`);
  const ports: WantedPort[] = addresses.map((address, at) => {
    const [namespace, device] = namespaceOf(at);
    const mac = `02:00:00:00:${Math.floor(at / 256)
      .toString(16)
      .padStart(2, '0')}:${(at % 256).toString(16).padStart(2, '0')}`;
    return {
      id: idOf('eni', number, at),
      subnet: idOf('subnet', number, 1),
      mac,
      addresses: [address],
      namespace,
      device,
      groups: ['sg-1'],
      forwards: false,
    };
  });
  return {
    ...{ id: idOf('vpc', number), cidrs: ['10.0.0.0/16'], services: [], acls: [acl], nats: [], peerings: [], ports },
    subnets: [
      { id: idOf('subnet', number, 1), cidr: '10.0.0.0/20', gateway: '10.0.0.1', acl: acl.id, routes: [] },
      { id: idOf('subnet', number, 2), cidr: '10.0.16.0/20', gateway: '10.0.16.1', acl: acl.id, routes: [] },
    ],
    groups: [{ id: 'sg-1', ingress, egress: [everything], members: addresses }],
  };
}

const directory = await mkdtemp(join(tmpdir(), 'haneul-bench-'));
const networks = realNetworks({ label, find: programIn, authority: openAuthority(directory) });
/** All of a network's ports in a few namespaces: fifty devices are in each. */
const crowded = (at: number): [string, string] => [names.namespace(`i-${Math.floor(at / 50)}`), `eth${at % 50}`];

async function bareNetwork(): Promise<void> {
  const lines = [
    'link set lo up',
    ...['a', 'b'].flatMap((one, at) => [
      `link add s${one} type bridge`,
      `addr add 10.0.${at * 16}.1/20 dev s${one}`,
      `link set s${one} up`,
    ]),
  ];
  await run('ip', ['netns', 'add', `bare-${label}`]);
  const child = spawn('ip', ['-n', `bare-${label}`, '-b', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(`${lines.join('\n')}\n`);
  await once(child, 'exit');
}

async function making(): Promise<void> {
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await timed(bareNetwork));
    await run('ip', ['netns', 'del', `bare-${label}`]);
    own.push(await timed(() => networks.apply({ vpcs: [vpc(round, 0, crowded, [everything])] })));
    await networks.apply({ vpcs: [] });
  }
  const [mine, other] = [median(own), median(bare)];
  row(
    'a network with two subnets, groups and ACLs',
    `${mine.toFixed(1)} ms`,
    `${other.toFixed(1)} ms`,
    mine / other,
    '≤ 3',
    mine / other <= 3,
  );
}

async function changing(): Promise<void> {
  const times: Record<number, number[]> = { 5: [], 500: [] };
  const wanted = (small: readonly WantedRule[], large: readonly WantedRule[]): WantedNetwork => ({
    vpcs: [vpc(5, 5, (at) => [names.namespace(`i-few${at}`), 'eth0'], small), vpc(500, 500, crowded, large)],
  });
  await networks.apply(wanted([everything], [everything]));
  const rules = [everything, port22];
  for (let round = 0; round < rounds; round++) {
    times[5]!.push(await timed(() => networks.apply(wanted(rules, [everything]))));
    await networks.apply(wanted([everything], [everything]));
    times[500]!.push(await timed(() => networks.apply(wanted([everything], rules))));
    await networks.apply(wanted([everything], [everything]));
  }
  await networks.apply({ vpcs: [] });
  const [few, most] = [median(times[5]!), median(times[500]!)];
  // Half as much again is what two runs of the same differ by.
  row(
    'a rule more in a group of 500 interfaces, beside 5',
    `${most.toFixed(1)} ms`,
    `${few.toFixed(1)} ms`,
    most / few,
    '≤ 1.5',
    most / few <= 1.5,
  );
}

const receiver = `use Socket; socket(S,PF_INET,SOCK_STREAM,6); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1); bind(S,sockaddr_in(7000,INADDR_ANY)) or die; listen(S,1);
$|=1; print "ready\\n"; accept(C,S); my $all=0; while (my $n = sysread C, my $piece, 1048576) { $all += $n } print "$all\\n";`;
const sender = `use Socket; use Time::HiRes 'time'; socket(S,PF_INET,SOCK_STREAM,6); connect(S,sockaddr_in(7000,inet_aton($ARGV[0]))) or die "$!";
my $piece = "x" x 1048576; my $end = time + $ARGV[1]; while (time < $end) { defined syswrite S, $piece or die "$!" }`;

/** Gbit/s from one namespace to an address of another. */
async function throughput(from: string, to: string, address: string): Promise<number> {
  const listening = spawn('ip', ['netns', 'exec', to, 'perl', '-e', receiver], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told = text(listening.stdout);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await run('ip', ['netns', 'exec', from, 'perl', '-e', sender, address, String(sendSeconds)]);
  return (Number((await told).split('\n')[1]) * 8) / sendSeconds / 1e9;
}

async function sending(): Promise<void> {
  const ends = ['one', 'two'].map((end) => `bare-${label}-${end}`) as [string, string];
  for (const end of ends) await run('ip', ['netns', 'add', end]);
  await run('ip', ['-n', ends[0], 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', ends[1]]);
  for (const [at, end] of ends.entries()) {
    await run('ip', ['-n', end, 'addr', 'add', `10.1.0.${at + 1}/24`, 'dev', 'eth0']);
    await run('ip', ['-n', end, 'link', 'set', 'eth0', 'up']);
  }
  const own = (at: number): [string, string] => [names.namespace(`i-end${at}`), 'eth0'];
  await networks.apply({ vpcs: [vpc(2, 2, own, [everything])] });
  const [mine, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    bare.push(await throughput(...ends, '10.1.0.2'));
    mine.push(await throughput(own(0)[0], own(1)[0], '10.0.1.2'));
  }
  await networks.apply({ vpcs: [] });
  for (const end of ends) await run('ip', ['netns', 'del', end]);
  const ratio = median(mine) / median(bare);
  row(
    'instance to instance in one subnet, TCP',
    `${median(mine).toFixed(1)} Gbit/s`,
    `${median(bare).toFixed(1)} Gbit/s`,
    ratio,
    '≥ 0.8',
    ratio >= 0.8,
  );
}

console.log('| what | Haneul | bare | ratio | goal | |\n|---|---|---|---|---|---|');
try {
  await making();
  await changing();
  await sending();
} finally {
  await networks.removeAll();
  await networks.close();
  await rm(directory, { recursive: true });
}
