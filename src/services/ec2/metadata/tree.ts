/** What an instance may know of itself: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html#instancedata-data-categories */

import { zoneNamed } from '../../../framework/regions.ts';
import type { ShownInstance } from '../instances/description.ts';
import { privateDnsName, publicDnsName } from '../network-interfaces/network-interface.ts';
import type { ShownInterface } from '../network-interfaces/description.ts';

/** A text, what gives one, or a folder. Absent things are undefined, and are not listed. */
export type Node = string | Asked | Folder;
export type Asked = () => Promise<string | undefined>;
export type Folder = { [name: string]: Node | undefined };

export type Facts = {
  row: ShownInstance;
  reservation: string;
  /** The public key's name and text. */
  key?: { name: string; text: string };
  subnetCidr: string;
  /** Of its subnet and VPC. */
  ipv6Cidrs: { subnet: readonly string[]; vpc: readonly string[] };
  vpcCidrs: readonly string[];
  /** The credentials of the role of its profile, by the role's name. */
  role?: { name: string; credentials: Asked };
  /** What `iam/info` says. */
  profile?: Asked;
};

export function metadataTree(facts: Facts): Folder {
  const { row } = facts;
  const primary = row.interfaces[0];
  const publicAddress = primary?.addresses[0]?.public?.address;
  const name = privateDnsName(row.privateAddress, row.region);
  const volumes = row.volumes.map((volume) => volume.attachments.find(({ instance }) => instance === row.id)!.device);
  const short = (device: string): string => device.replace(/^\/dev\//, '');
  const others = volumes.filter((device) => device !== row.rootDevice);
  return {
    'ami-id': row.image,
    'ami-launch-index': String(row.index),
    'ami-manifest-path': '(unknown)',
    'block-device-mapping': {
      ami: short(row.rootDevice),
      ...Object.fromEntries(others.map((device, at) => [`ebs${at + 1}`, short(device)])),
      root: row.rootDevice,
    },
    events: { maintenance: { history: '[]', scheduled: '[]' }, ...rebalanceTree(row) },
    hostname: name,
    ...(facts.profile && {
      iam: {
        info: facts.profile,
        'security-credentials': facts.role ? { [facts.role.name]: facts.role.credentials } : {},
      },
    }),
    'instance-action': 'none',
    'instance-id': row.id,
    'instance-life-cycle': row.spot ? 'spot' : 'on-demand',
    'instance-type': row.type,
    ...(primary?.ipv6 && { ipv6: primary.ipv6[0]! }),
    'local-hostname': name,
    'local-ipv4': row.privateAddress,
    mac: primary?.mac,
    network: { interfaces: { macs: Object.fromEntries(row.interfaces.map((one) => [one.mac, interfaceTree(facts, one)])) } },
    placement: {
      'availability-zone': row.zone,
      'availability-zone-id': zoneNamed(row.region, row.zone)?.id,
      region: row.region,
    },
    profile: 'default-hvm',
    ...(publicAddress !== undefined && { 'public-hostname': publicDnsName(publicAddress, row.region), 'public-ipv4': publicAddress }),
    ...(facts.key && { 'public-keys': { [`0=${facts.key.name}`]: { 'openssh-key': `${facts.key.text} ${facts.key.name}\n` } } }),
    'reservation-id': facts.reservation,
    'security-groups': primary?.groupNames.join('\n') ?? '',
    ...interruptionTree(row),
    services: { domain: 'amazonaws.com', partition: 'aws' },
    ...(row.metadata.tags === 'enabled' && { tags: { instance: Object.fromEntries((row.tags ?? []).map((tag) => [tag.Key, tag.Value])) } }),
  };
}

const secondsText = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
function rebalanceTree({ spot }: ShownInstance): Folder {
  if (spot?.rebalance === undefined) return {};
  return { recommendations: { rebalance: JSON.stringify({ noticeTime: secondsText(spot.rebalance) }) } };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
function interruptionTree({ spot }: ShownInstance): Folder {
  if (!spot?.notice) return {};
  const { action, at } = spot.notice;
  return {
    spot: {
      'instance-action': JSON.stringify({ action, time: secondsText(at) }),
      ...(action === 'terminate' && { 'termination-time': secondsText(at) }),
    },
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html#instancedata-data-categories */
function interfaceTree({ subnetCidr, vpcCidrs, ipv6Cidrs }: Facts, one: ShownInterface): Folder {
  const lent = one.addresses.flatMap((address) => (address.public ? [{ public: address.public.address, private: address.address }] : []));
  return {
    'device-number': String(one.attachment?.deviceIndex ?? 0),
    'interface-id': one.id,
    ...(lent.length > 0 && { 'ipv4-associations': Object.fromEntries(lent.map((pair) => [pair.public, pair.private])) }),
    ...(one.ipv6 && { ipv6s: one.ipv6.join('\n') }),
    'local-hostname': privateDnsName(one.addresses[0]!.address, one.region),
    'local-ipv4s': one.addresses.map(({ address }) => address).join('\n'),
    mac: one.mac,
    'owner-id': one.account,
    ...(lent.length > 0 && {
      'public-hostname': publicDnsName(lent[0]!.public, one.region),
      'public-ipv4s': lent.map((pair) => pair.public).join('\n'),
    }),
    'security-group-ids': one.groups.join('\n'),
    'security-groups': one.groupNames.join('\n'),
    'subnet-id': one.subnet,
    'subnet-ipv4-cidr-block': subnetCidr,
    ...(ipv6Cidrs.subnet.length > 0 && { 'subnet-ipv6-cidr-blocks': ipv6Cidrs.subnet.join('\n') }),
    'vpc-id': one.vpc,
    'vpc-ipv4-cidr-block': vpcCidrs[0],
    'vpc-ipv4-cidr-blocks': vpcCidrs.join('\n'),
    ...(ipv6Cidrs.vpc.length > 0 && { 'vpc-ipv6-cidr-blocks': ipv6Cidrs.vpc.join('\n') }),
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html */
export function identityDocument(row: ShownInstance): string {
  return JSON.stringify(
    {
      accountId: row.account,
      architecture: row.architecture,
      availabilityZone: row.zone,
      billingProducts: null,
      devpayProductCodes: null,
      marketplaceProductCodes: null,
      imageId: row.image,
      instanceId: row.id,
      instanceType: row.type,
      kernelId: null,
      pendingTime: `${new Date(row.launched).toISOString().slice(0, 19)}Z`,
      privateIp: row.privateAddress,
      ramdiskId: null,
      region: row.region,
      version: '2017-09-30',
    },
    null,
    2,
  );
}

/** What a path leads to: a text, or the names in a folder, of which folders end with a slash; undefined for nothing. */
export async function readTree(tree: Folder, path: string): Promise<string | undefined> {
  let node: Node | undefined = tree;
  for (const part of path.split('/').filter((name) => name !== '')) {
    if (typeof node !== 'object') return undefined;
    node = childOf(node, part);
    if (node === undefined) return undefined;
  }
  if (typeof node === 'string') return node;
  if (typeof node === 'function') return node();
  return (
    Object.entries(node!)
      .filter(([, child]) => child !== undefined)
      // A key is listed with its name, and has no slash: `0=mykey`.
      .map(([name, child]) => (typeof child === 'object' && !/^\d+=/.test(name) ? `${name}/` : name))
      .join('\n')
  );
}

/** A key is listed as `0=mykey` and asked for as `0`. */
function childOf(folder: Folder, name: string): Node | undefined {
  if (Object.hasOwn(folder, name)) return folder[name];
  const numbered = /^\d+$/.test(name) ? Object.keys(folder).find((key) => key.startsWith(`${name}=`)) : undefined;
  return numbered === undefined ? undefined : folder[numbered];
}
