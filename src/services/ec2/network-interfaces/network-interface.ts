/** A network interface: its record, and what of it other resources ask. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { operationNotPermitted } from '../errors.ts';
import { resourceType } from '../resource.ts';

/** A public address that stands for a private one: an elastic one (`allocation`), or one that was lent at launch. */
export type PublicAddress = { address: string; allocation?: string; association?: string };

export type PrivateAddress = { address: string; primary: boolean; public?: PublicAddress };

/** What an instance's launch, AttachNetworkInterface or a service writes; the network makes it so. */
export type Attachment = {
  /** `eni-attach-…` */
  id: string;
  /** Absent where a service of AWS is the owner: a NAT gateway. */
  instance?: string;
  /** The account of the instance, or `amazon-aws` and its kin. */
  owner: string;
  deviceIndex: number;
  networkCard?: number;
  status: 'attaching' | 'attached' | 'detaching' | 'detached';
  attachedAt: number;
  deleteOnTermination: boolean;
  /**
   * For whom an attachment or a detachment waits where the instance runs: the network is to put it there, then the machine is to take it, or to
   * let go of it.
   */
  unsettled?: 'network' | 'machine';
  /** It is detached whatever the machine does. */
  force?: true;
};

export type NetworkInterface = {
  account: string;
  region: string;
  id: string;
  created: number;
  vpc: string;
  subnet: string;
  zone: string;
  mac: string;
  description: string;
  type: 'interface' | 'nat_gateway' | 'vpc_endpoint' | 'network_load_balancer' | 'lambda' | 'load_balancer';
  /** Security groups, by id. */
  groups: string[];
  /** The primary one first. */
  addresses: PrivateAddress[];
  /** IPv6 addresses, as RFC 5952 writes them, in the order in which they came. */
  ipv6?: string[];
  sourceDestCheck: boolean;
  /** Who asked for it, where that is not the account itself; it may not be changed by the account then. */
  requester?: string;
  attachment?: Attachment;
  tags?: Tag[];
};

const place = (row: NetworkInterface): string[] => [row.account, row.region];

export const networkInterfaces = table<NetworkInterface, 'subnet' | 'vpc' | 'instance' | 'attachment' | 'unsettled'>(
  'ec2/network-interfaces',
  {
    key: (row) => [...place(row), row.id],
    indexes: {
      subnet: (row) => [...place(row), row.subnet],
      vpc: (row) => [...place(row), row.vpc],
      instance: (row) => (row.attachment?.instance ? [...place(row), row.attachment.instance] : undefined),
      attachment: (row) => (row.attachment ? [...place(row), row.attachment.id] : undefined),
      unsettled: (row) => (row.attachment?.unsettled === 'machine' ? [...place(row), row.id] : undefined),
    },
    version: 2,
    upgrade: { 2: (old) => old }, // an index alone is new
  },
);
export const networkInterfaceType = resourceType('network-interface', 'eni', networkInterfaces, [
  'InvalidNetworkInterfaceID.NotFound',
  'The networkInterface ID',
]);

/** Derived from the id, so that an address that comes back after a while keeps its neighbour entries. Locally administered. */
export function macOf(id: string): string {
  const digits = `02${id.slice(-10)}`;
  return digits.match(/../g)!.join(':');
}

/** Throws OperationNotPermitted for one that a service has asked for. */
export function requireOwn(row: NetworkInterface): void {
  if (row.requester !== undefined) throw operationNotPermitted('You do not have permission to access the specified resource.');
}

export const primaryAddress = (row: Pick<NetworkInterface, 'addresses'>): string => row.addresses[0]!.address;

/** `available`, or what its attachment makes of it. */
export function statusOf({ attachment }: NetworkInterface): 'available' | 'in-use' | 'attaching' | 'detaching' {
  if (!attachment) return 'available';
  if (attachment.status === 'attaching' || attachment.status === 'detaching') return attachment.status;
  return 'in-use';
}

/** `ip-10-0-1-5.ec2.internal`, and outside of us-east-1 `ip-10-0-1-5.REGION.compute.internal`. */
export function privateDnsName(address: string, region: string): string {
  const host = `ip-${address.replaceAll('.', '-')}`;
  return region === 'us-east-1' ? `${host}.ec2.internal` : `${host}.${region}.compute.internal`;
}

/** `ec2-100-64-0-9.compute-1.amazonaws.com`, the name under which a public address is known. */
export function publicDnsName(address: string, region: string): string {
  const host = `ec2-${address.replaceAll('.', '-')}`;
  return region === 'us-east-1' ? `${host}.compute-1.amazonaws.com` : `${host}.${region}.compute.amazonaws.com`;
}
