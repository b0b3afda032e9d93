/** What Haneul and its services need of a machine, and what of it is there. */

import { statfs } from 'node:fs/promises';
import type { Host, Need } from '../framework/host.ts';
import { services } from '../services.ts';

export type Finding = {
  name: string;
  /** Who needs it: `haneul` or services' names. */
  neededBy: string[];
  why: string;
  state: 'ok' | 'missing' | 'weak';
  /** What was found, or what that means. */
  detail: string;
  /** Debian packages that bring it. */
  packages: readonly string[];
};

/** Needs of systems that services to come stand on; a service's own `needs` join these by name. */
const knownNeeds: readonly (Need & { neededBy: string[] })[] = [
  {
    name: 'PostgreSQL',
    neededBy: ['--store postgres://', 'rds'],
    why: 'several processes share one store',
    programs: ['postgres', 'psql'],
    packages: ['postgresql'],
  },
  { name: 'network tools', neededBy: ['ec2'], why: 'networks are namespaces', programs: ['ip'], packages: ['iproute2'] },
  {
    name: 'nftables',
    neededBy: ['ec2'],
    why: 'security groups and network ACLs drop real packets',
    programs: ['nft'],
    packages: ['nftables'],
  },
  { name: 'AWS CLI', neededBy: ['you'], why: 'to talk to the cloud', programs: ['aws'], packages: ['awscli'] },
];

/** Looks for the programs of every need: the built-in ones and those that services declare. */
export async function findPrograms(host: Host): Promise<Finding[]> {
  const needs = new Map(knownNeeds.map((need) => [need.name, { ...need, neededBy: [...need.neededBy] }]));
  for (const [service, load] of Object.entries(services)) {
    for (const need of (await load()).needs ?? []) {
      const known = needs.get(need.name);
      if (known && !known.neededBy.includes(service)) known.neededBy.push(service);
      else if (!known) needs.set(need.name, { ...need, neededBy: [service] });
    }
  }
  return Promise.all([...needs.values()].map((need) => findOne(host, need)));
}

async function findOne(host: Host, { name, neededBy, why, programs, packages }: Need & { neededBy: string[] }): Promise<Finding> {
  const paths = await Promise.all(programs.map((program) => host.find(program)));
  const missing = programs.filter((_, at) => paths[at] === undefined);
  const state = missing.length === 0 ? 'ok' : 'missing';
  return {
    name,
    neededBy,
    why,
    state,
    detail: state === 'ok' ? paths.join(', ') : `no ${missing.join(', ')}`,
    packages: state === 'ok' ? [] : packages,
  };
}

const spaceBytesMin = 2 ** 30;

/** The file system of the data directory: how much is left. @param directory one that is there. */
export async function findSpace(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  return {
    name: 'disk space',
    neededBy: ['haneul'],
    why: 'records and objects',
    state: free < spaceBytesMin ? 'weak' : 'ok',
    detail: `${(free / 2 ** 30).toFixed(1)} GiB free in ${directory}`,
    packages: [],
  };
}
