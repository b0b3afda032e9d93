/** The interfaces with which an instance is launched: those that it brings, and those that are made for it. */

import type { Random } from '../../../framework/random.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { takePublicAddress } from '../addresses/pool.ts';
import { invalidParameterCombination, invalidParameterValue, notBuilt, refusal } from '../errors.ts';
import { interfaceLimits, type InstanceType } from '../instance-types/instance-type.ts';
import { wanted6, type Wanted6 } from '../network-interfaces/addresses6.ts';
import { makeInterface } from '../network-interfaces/making.ts';
import {
  networkInterfaces,
  networkInterfaceType,
  primaryAddress,
  type Attachment,
  type NetworkInterface,
} from '../network-interfaces/network-interface.ts';
import { downZones } from '../regions/zone-faults.ts';
import { newId, requireResource, resourcesBy } from '../resource.ts';
import { securityGroupType } from '../security-groups/security-group.ts';
import { drawStart, subnets, subnetType, type Subnet } from '../subnets/subnet.ts';
import type { Input } from '../sdk.ts';
import { kept } from '../tags/tag-specifications.ts';

type LaunchInput = Input<'RunInstances'>;
type InterfaceInput = NonNullable<LaunchInput['NetworkInterfaces']>[number];

export type NetworkDraw = { id: string; attachment: string; start: number }[];

export type NetworkPlan = {
  /** Of the primary interface. */
  subnet: Subnet;
  lendPublic: boolean;
  interfaces: PlannedInterface[];
};

type PlannedInterface = {
  deviceIndex: number;
  /** An interface that is there already. */
  existing?: string;
  subnet: Subnet;
  groups?: string[];
  addresses?: string[];
  secondary?: number;
  ipv6?: Wanted6;
  description: string;
  deleteOnTermination: boolean;
};

/** Drawn before the transaction, for each interface of one instance. */
export function drawNetwork(random: Random, input: LaunchInput): NetworkDraw {
  return Array.from({ length: Math.max(1, input.NetworkInterfaces?.length ?? 0) }, () => ({
    ...{ id: newId(random, 'eni'), attachment: newId(random, 'eni-attach'), start: drawStart(random) },
  }));
}

export async function planNetwork(
  tx: WriteTransaction,
  request: ServiceRequest,
  input: LaunchInput,
  type: InstanceType,
  draw: NetworkDraw,
): Promise<NetworkPlan> {
  const given = input.NetworkInterfaces ?? [];
  if (given.length === 0) return planOne(tx, request, input, draw[0]!.start);
  if (
    input.SubnetId !== undefined ||
    input.SecurityGroupIds?.length ||
    input.SecurityGroups?.length ||
    input.PrivateIpAddress !== undefined ||
    input.Ipv6Addresses?.length ||
    input.Ipv6AddressCount
  )
    throw invalidParameterCombination(
      'Network interfaces and an instance-level subnet ID, private IP address or security groups may not be specified on the same request',
    );
  const { interfacesMax } = interfaceLimits(type);
  if (given.length > interfacesMax)
    throw refusal('AttachmentLimitExceeded')(`Interface count ${given.length} exceeds the limit for ${type.name}`);
  const planned: PlannedInterface[] = [];
  for (const one of given) planned.push(await planGiven(tx, request, input, one, draw[0]!.start));
  planned.sort((a, b) => a.deviceIndex - b.deviceIndex);
  const [primary] = planned;
  if (primary?.deviceIndex !== 0) throw invalidParameterValue('When specifying network interfaces, you must include a device at index 0.');
  if (new Set(planned.map(({ deviceIndex }) => deviceIndex)).size < planned.length)
    throw invalidParameterCombination('Each network interface requires a unique device index.');
  if (planned.some(({ subnet }) => subnet.vpc !== primary.subnet.vpc || subnet.zone !== primary.subnet.zone))
    throw invalidParameterCombination('Network interfaces must be in the same VPC and Availability Zone');
  const asked = given.find((one) => (one.DeviceIndex ?? 0) === 0)?.AssociatePublicIpAddress;
  if (asked !== undefined && given.length > 1)
    throw invalidParameterCombination(
      'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
    );
  const lendPublic = primary.existing === undefined && given.length === 1 && (asked ?? primary.subnet.mapPublicIp);
  return { subnet: primary.subnet, lendPublic, interfaces: planned };
}

async function planOne(tx: WriteTransaction, request: ServiceRequest, input: LaunchInput, start: number): Promise<NetworkPlan> {
  const subnet = await subnetFor(tx, request, input, start);
  const groups = await groupsFor(tx, request, input, subnet.vpc);
  const one: PlannedInterface = {
    ...{ deviceIndex: 0, subnet, description: '', deleteOnTermination: true },
    ...(groups && { groups }),
    ...(input.PrivateIpAddress !== undefined && { addresses: [input.PrivateIpAddress] }),
    ipv6: asked6(input),
  };
  return { subnet, lendPublic: subnet.mapPublicIp, interfaces: [one] };
}

const asked6 = ({ Ipv6Addresses: given, Ipv6AddressCount: count }: Pick<InterfaceInput, 'Ipv6Addresses' | 'Ipv6AddressCount'>): Wanted6 =>
  wanted6(
    given?.map(({ Ipv6Address }) => Ipv6Address),
    count,
  );

const interfaceBuilt = new Set<string>([
  ...['AssociatePublicIpAddress', 'DeleteOnTermination', 'Description', 'DeviceIndex', 'Groups', 'NetworkInterfaceId'],
  ...['PrivateIpAddress', 'PrivateIpAddresses', 'SecondaryPrivateIpAddressCount', 'SubnetId', 'InterfaceType', 'NetworkCardIndex'],
  ...['Ipv6AddressCount', 'Ipv6Addresses'],
]);

async function planGiven(
  tx: WriteTransaction,
  request: ServiceRequest,
  input: LaunchInput,
  one: InterfaceInput,
  start: number,
): Promise<PlannedInterface> {
  const unbuilt = Object.entries(one).find(
    ([name, value]) => value !== undefined && !interfaceBuilt.has(name) && !(Array.isArray(value) && value.length === 0) && value !== 0,
  );
  if (unbuilt) throw notBuilt('RunInstances', `NetworkInterfaces.${unbuilt[0]}`);
  if (one.InterfaceType !== undefined && one.InterfaceType !== 'interface')
    throw notBuilt('RunInstances', `InterfaceType ${one.InterfaceType}`);
  const alike = { deviceIndex: one.DeviceIndex ?? 0, description: one.Description ?? '' };
  if (one.NetworkInterfaceId !== undefined) {
    const row = await requireResource(tx, request, networkInterfaceType, one.NetworkInterfaceId);
    if (row.attachment) throw refusal('InvalidNetworkInterface.InUse')(`Interface: [${row.id}] in use.`);
    const subnet = await requireResource(tx, request, subnetType, row.subnet);
    return { ...alike, existing: row.id, subnet, deleteOnTermination: one.DeleteOnTermination ?? false };
  }
  const listed = one.PrivateIpAddresses?.toSorted((a, b) => Number(b.Primary ?? false) - Number(a.Primary ?? false));
  const addresses =
    listed?.map(({ PrivateIpAddress: address }) => address!) ?? (one.PrivateIpAddress === undefined ? undefined : [one.PrivateIpAddress]);
  return {
    ...alike,
    subnet: await subnetFor(tx, request, { ...input, SubnetId: one.SubnetId }, start),
    ...(one.Groups?.length && { groups: one.Groups }),
    ...(addresses && { addresses }),
    ipv6: asked6(one),
    ...(one.SecondaryPrivateIpAddressCount !== undefined && { secondary: one.SecondaryPrivateIpAddressCount }),
    deleteOnTermination: one.DeleteOnTermination ?? true,
  };
}

/** The subnet of the call, or the default one of its zone, or of any zone, rather of one that is up. */
async function subnetFor(
  tx: WriteTransaction,
  request: ServiceRequest,
  input: Pick<LaunchInput, 'SubnetId' | 'Placement'>,
  start: number,
): Promise<Subnet> {
  // Terraform sends an empty name where it means any zone, and AWS takes it so.
  const zone = input.Placement?.AvailabilityZone || undefined;
  if (input.SubnetId !== undefined) {
    const subnet = await requireResource(tx, request, subnetType, input.SubnetId);
    if (zone !== undefined && subnet.zone !== zone)
      throw invalidParameterValue(`The subnet '${subnet.id}' is in the Availability Zone '${subnet.zone}', not '${zone}'.`);
    return subnet;
  }
  const all = (await subnets.scan(tx, [request.account, request.region])).map(({ row }) => row);
  const defaults = all.filter((subnet) => subnet.defaultForZone && (zone === undefined || subnet.zone === zone));
  const down = await downZones(tx);
  const up = defaults.filter((subnet) => !down.has(subnet.zone));
  const among = up.length > 0 ? up : defaults;
  const picked = among[Math.floor(start * among.length)];
  if (picked) return picked;
  if (zone !== undefined && all.some((subnet) => subnet.defaultForZone))
    throw refusal('MissingInput')(`No subnets found for the default VPC in the Availability Zone '${zone}'. Please specify a subnet.`);
  throw refusal('VPCIdNotSpecified')('No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.');
}

/** Groups by id, or by name within the VPC. */
async function groupsFor(tx: WriteTransaction, request: ServiceRequest, input: LaunchInput, vpc: string): Promise<string[] | undefined> {
  const ids = [...(input.SecurityGroupIds ?? [])];
  if (input.SecurityGroups?.length) {
    const inVpc = await resourcesBy(tx, request, securityGroupType, 'vpc', vpc);
    for (const name of input.SecurityGroups) {
      const found = inVpc.find((group) => group.name === name);
      if (!found) throw refusal('InvalidGroup.NotFound')(`The security group '${name}' does not exist in VPC '${vpc}'`);
      ids.push(found.id);
    }
  }
  return ids.length > 0 ? ids : undefined;
}

/** Writes the interfaces of one instance. Resolves to its primary private address. */
export async function putInterfaces(
  tx: WriteTransaction,
  request: ServiceRequest,
  plan: NetworkPlan,
  draw: NetworkDraw,
  instance: string,
  index: number,
  tags: Tag[],
): Promise<{ address: string }> {
  let address = '';
  for (const [at, one] of plan.interfaces.entries()) {
    const drawn = draw[at]!;
    if (index > 0 && (one.existing !== undefined || one.addresses || one.ipv6?.given))
      throw invalidParameterCombination(
        'Network interfaces and private IP addresses cannot be given when more than one instance is launched',
      );
    const attachment: Attachment = {
      ...{ id: drawn.attachment, instance, owner: request.account, deviceIndex: one.deviceIndex, status: 'attaching' },
      ...{ attachedAt: request.now, deleteOnTermination: one.deleteOnTermination },
    };
    const row =
      one.existing === undefined
        ? await makeOne(tx, request, one, drawn, attachment, tags)
        : await takeOne(tx, request, one.existing, attachment);
    if (one.deviceIndex !== 0) continue;
    address = primaryAddress(row);
    if (plan.lendPublic) await lendPublicAddress(tx, request.host.networks.publicRange, row, drawn.start);
  }
  return { address };
}

function makeOne(
  tx: WriteTransaction,
  request: ServiceRequest,
  one: PlannedInterface,
  drawn: NetworkDraw[number],
  attachment: Attachment,
  tags: Tag[],
) {
  return makeInterface(tx, request, one.subnet, {
    ...{ id: drawn.id, start: drawn.start, description: one.description, type: 'interface', attachment },
    ...(one.addresses && { addresses: one.addresses }),
    ...(one.secondary !== undefined && { secondary: one.secondary }),
    ...(one.ipv6 && { ipv6: one.ipv6 }),
    ...(one.groups && { groups: one.groups }),
    ...kept(tags),
  });
}

async function takeOne(tx: WriteTransaction, request: ServiceRequest, id: string, attachment: Attachment): Promise<NetworkInterface> {
  const row = { ...(await requireResource(tx, request, networkInterfaceType, id)), attachment };
  await networkInterfaces.put(tx, row);
  return row;
}

/** A public address for the time that the instance runs. */
export async function lendPublicAddress(tx: WriteTransaction, range: string, row: NetworkInterface, start: number): Promise<void> {
  const [primary, ...others] = row.addresses;
  if (primary!.public) return;
  const { account, region } = row;
  const address = await takePublicAddress(tx, range, { account, region, networkInterface: row.id }, start);
  await networkInterfaces.put(tx, { ...row, addresses: [{ ...primary!, public: { address } }, ...others] });
}
