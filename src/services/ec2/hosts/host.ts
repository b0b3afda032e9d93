/** Dedicated hosts: the record, what one holds, and who is on it. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-overview.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { instanceTypes, type InstanceType } from '../instance-types/instance-type.ts';
import { instanceType, type Instance } from '../instances/instance.ts';
import { resourcesBy, resourceType } from '../resource.ts';

export type DedicatedHost = {
  account: string;
  region: string;
  id: string;
  created: number;
  zone: string;
  family: string;
  /** The one type that it takes; absent where it takes every size of its family. */
  type?: string;
  autoPlacement: boolean;
  recovery: boolean;
  maintenance: boolean;
  state: 'available' | 'released';
  /** When it was released: it is shown for a while. */
  released?: number;
  token?: string;
  tags?: Tag[];
};

export const hosts = table<DedicatedHost, 'live' | 'released'>('ec2/hosts', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    live: (row) => (row.state === 'available' ? [row.account, row.region, row.id] : undefined),
    released: (row) => (row.released === undefined ? undefined : [row.released]),
  },
});

export const hostType = resourceType('dedicated-host', 'h', hosts, [
  'InvalidHostID.NotFound',
  (id: string) => `The host ID '${id}' does not exist`,
]);

export type HostSize = { vcpus: number; cores: number; sockets: number };

/** vCPUs of hosts that are larger than the largest size of their family. */
const larger: Readonly<Record<string, number>> = { t3: 192 };

/** What the host of a family has; undefined for a family without hosts. */
export function hostSize(family: string): HostSize | undefined {
  const types = [...instanceTypes.values()].filter((type) => type.family.name === family);
  const [first] = types;
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-overview.html#dedicated-hosts-limitations
  if (!first || (first.family.burstable && family !== 't3')) return undefined;
  const vcpus = larger[family] ?? Math.max(...types.map((type) => type.vcpus));
  return { vcpus, cores: first.family.wholeCores ? vcpus : vcpus / 2, sockets: first.family.wholeCores || vcpus < 64 ? 1 : 2 };
}

/** Instances that hold a place on a host: they run, or are to, or are still being stopped. */
export const onHost = (tx: ReadTransaction, row: DedicatedHost): Promise<Instance[]> => resourcesBy(tx, row, instanceType, 'host', row.id);

/** How many instances of a type a host has room for. */
export function roomFor(row: DedicatedHost, there: readonly Instance[], type: InstanceType): number {
  if (row.state !== 'available' || type.family.name !== row.family || (row.type !== undefined && row.type !== type.name)) return 0;
  const used = there.reduce((sum, one) => sum + instanceTypes.get(one.type)!.vcpus, 0);
  return Math.max(0, Math.floor((hostSize(row.family)!.vcpus - used) / type.vcpus));
}
