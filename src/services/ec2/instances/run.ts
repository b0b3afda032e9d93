/** RunInstances: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */

import { createHash } from 'node:crypto';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, refusal } from '../errors.ts';
import { builtInImages, requireLaunchable, type Image } from '../images/image.ts';
import { launchedType, type InstanceType } from '../instance-types/instance-type.ts';
import { requireKeyPair } from '../key-pairs/key-pair.ts';
import { withTemplate, type TemplatedLaunch } from '../launch-templates/launch.ts';
import { launchedMode } from '../cpu-credits/launch.ts';
import { planGroup, type GroupPlan } from '../placement-groups/launch.ts';
import { checkStart } from '../regions/zone-faults.ts';
import { newId } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkPrice, enterMarket, spotPlan, type SpotPlan } from '../spot-requests/launch.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { roomOnHost } from './capacity.ts';
import { completeInstance, reservationOf } from './description.ts';
import { clientTokens, instances, launchedAssociation, reasons, userData, type Instance } from './instance.ts';
import type { Keys } from '../volumes/keys.ts';
import { makeDiskKeys, planDisks, putVolumes, type DiskPlan } from './launch-disks.ts';
import { drawNetwork, planNetwork, putInterfaces, type NetworkDraw, type NetworkPlan } from './launch-network.ts';
import { checkSettings, settingsOf, type LaunchSettings } from './launch-settings.ts';
import { clientTokenCharactersMax, instancesPerCallMax } from './limits.ts';
import { checkHibernation } from './hibernation.ts';
import { withImageId } from './launch-image.ts';
import { findProfile } from './profile.ts';
import { planSeats, type Seat } from './seats.ts';

const taggable = ['instance', 'volume', 'network-interface', 'spot-instances-request'];

export type LaunchInput = Input<'RunInstances'>;

export const RunInstances: Operation<'RunInstances'> = async (request, given) => {
  const { input: wished, launched } = await request.store.read((tx) => withTemplate(tx, request, given));
  const input = await withImageId(request, wished);
  checkSettings(input);
  const { min, max } = counts(input);
  const type = launchedType(input.InstanceType ?? 'm1.small');
  const spot = spotPlan(request, input);
  const settings = settingsOf(input, spot && 'terms' in spot && spot.terms.behavior === 'hibernate');
  const tags = Object.fromEntries(taggable.map((name) => [name, tagsFor(input.TagSpecifications, name, taggable)]));
  tags['instance']!.push(...templateTags(launched));
  const most = (await isRepeated(request, input)) ? max : await roomOnHost(request, { least: min, most: max, spot: spot !== undefined });
  const profile = await findProfile(request, input.IamInstanceProfile);
  const builtIn = await builtInImages(request.host, request.region);
  if (input.ImageId === undefined) throw refusal('MissingParameter')('The request must contain the parameter ImageId');
  const reservation = newId(request.random, 'r');
  const draws = Array.from({ length: max }, () => drawInstance(request, input));
  const digest = digestOf(given);
  const plans = await request.store.read(async (tx) =>
    planDisks(tx, request, input, await requireLaunchable(tx, request, input.ImageId!, builtIn), builtIn),
  );
  for (const draw of draws) draw.keys = await makeDiskKeys(request, plans, draw.volumes);
  const made = await request.store.write(async (tx) => {
    const known =
      input.ClientToken === undefined ? undefined : await clientTokens.get(tx, request.account, request.region, input.ClientToken);
    if (known) return repeated(known, digest);
    const image = await requireLaunchable(tx, request, input.ImageId!, builtIn);
    checkImage(image, type);
    const key = input.KeyName === undefined ? undefined : await requireKeyPair(tx, request, input.KeyName);
    const network = await planNetwork(tx, request, input, type, draws[0]!.network);
    await checkStart(tx, network.subnet.zone, type.name);
    const disks = await planDisks(tx, request, input, image, builtIn);
    if (settings.hibernates)
      checkHibernation(
        type,
        disks.find(({ device }) => device === image.rootDevice)!,
      );
    const place = { zone: network.subnet.zone, vpc: network.subnet.vpc };
    const credits = await launchedMode(tx, request, type, input);
    const seats = await planSeats(tx, request, input, { ...place, type, spot: spot !== undefined, least: min, most });
    if (spot) await checkPrice(tx, spot, { zone: network.subnet.zone, type: type.name }, request.now);
    const wanted = { zone: network.subnet.zone, type, least: min, most: seats.length };
    const { group, count } = await planGroup(tx, request, input.Placement ?? {}, wanted);
    const launch: Launch = {
      image,
      type,
      settings: { ...settings, ...(credits && { credits }) },
      network,
      disks,
      seats,
      reservation,
      tags,
      ...(key && { keyName: key.name }),
      ...(profile && { profile }),
      ...(group && { group }),
      ...(spot && { spot }),
    };
    for (let index = 0; index < count; index++) await putInstance(tx, request, input, launch, draws[index]!, index);
    if (input.ClientToken !== undefined)
      await clientTokens.put(tx, { account: request.account, region: request.region, token: input.ClientToken, digest, made: reservation });
    return reservation;
  });
  return request.store.read(async (tx) => {
    const rows = await instances.scanIndex(tx, 'reservation', [request.account, request.region, made]);
    const shown = [];
    for (const { row } of rows) shown.push(await completeInstance(tx, row));
    if (shown.length === 0) throw invalidParameterValue('The instances of this client token are no more');
    return reservationOf(shown);
  });
};

/** By which an instance says from what it was launched. */
const templateTags = (launched: TemplatedLaunch['launched']) =>
  launched
    ? [
        { Key: 'aws:ec2launchtemplate:id', Value: launched.template },
        { Key: 'aws:ec2launchtemplate:version', Value: String(launched.version) },
      ]
    : [];

type Launch = {
  image: Image;
  type: InstanceType;
  settings: LaunchSettings & Pick<Instance, 'credits'>;
  network: NetworkPlan;
  disks: DiskPlan[];
  /** One for each instance at least. */
  seats: Seat[];
  reservation: string;
  tags: Record<string, { Key: string; Value: string }[]>;
  keyName?: string;
  profile?: { arn: string; id: string };
  group?: GroupPlan;
  spot?: SpotPlan;
};

/** What chance gives to one instance, drawn before the transaction. */
type Draw = {
  id: string;
  network: NetworkDraw;
  volumes: string[];
  spotRequest: string;
  /** By the volume's place. */
  keys: ReadonlyMap<number, Keys>;
};

const volumesMax = 128;

function drawInstance({ random }: ServiceRequest, input: LaunchInput): Draw {
  const disks = Math.min(volumesMax, (input.BlockDeviceMappings?.length ?? 0) + 8);
  return {
    id: newId(random, 'i'),
    network: drawNetwork(random, input),
    volumes: Array.from({ length: disks }, () => newId(random, 'vol')),
    spotRequest: newId(random, 'sir'),
    keys: new Map(),
  };
}

function counts({ MinCount: min, MaxCount: max }: LaunchInput): { min: number; max: number } {
  if (!Number.isInteger(min) || min < 1)
    throw invalidParameterValue(`Value (${min}) for parameter minCount is invalid. Expecting a positive integer.`);
  if (!Number.isInteger(max) || max < min)
    throw invalidParameterCombination(`Invalid value '${max}' for maxCount: it must not be less than minCount ${min}`);
  if (max > instancesPerCallMax)
    throw refusal('InstanceLimitExceeded')(`Your requested instance count (${max}) is more than ${instancesPerCallMax} in one call.`);
  return { min, max };
}

/** What was launched by an earlier call needs no room. */
async function isRepeated({ store, account, region }: ServiceRequest, { ClientToken: token }: LaunchInput): Promise<boolean> {
  return token !== undefined && (await store.read((tx) => clientTokens.get(tx, account, region, token))) !== undefined;
}

/** Of the same call the same answer, of another one a refusal. */
function repeated(known: { digest: string; made: string }, digest: string): string {
  if (known.digest === digest) return known.made;
  throw refusal('IdempotentParameterMismatch')(
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}

function digestOf({ ClientToken: token, ...input }: LaunchInput): string {
  if (token !== undefined && token.length > clientTokenCharactersMax)
    throw invalidParameterValue(`Invalid client token: it may have up to ${clientTokenCharactersMax} characters`);
  return createHash('sha256').update(JSON.stringify(input)).digest('base64');
}

function checkImage(image: Image, type: InstanceType): void {
  if (image.state !== 'available') throw refusal('InvalidAMIID.Unavailable')(`The image ID '${image.id}' is not available`);
  if (!type.architectures.includes(image.architecture))
    throw invalidParameterValue(
      `The architecture '${type.architectures.join(',')}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
    );
}

async function putInstance(tx: WriteTransaction, request: ServiceRequest, input: LaunchInput, launch: Launch, draw: Draw, index: number) {
  const { image, type, settings, network, reservation, tags } = launch;
  const { account, region, now } = request;
  const { address } = await putInterfaces(tx, request, network, draw.network, draw.id, index, tags['network-interface']!);
  await putVolumes(tx, request, launch.disks, draw.volumes, {
    instance: draw.id,
    zone: network.subnet.zone,
    tags: tags['volume']!,
    keys: draw.keys,
  });
  const row: Instance = {
    ...{ account, region, id: draw.id, reservation, index, image: image.id, hostImage: image.hostImage, architecture: image.architecture },
    ...{ type: type.name, state: 'pending', fresh: true, reason: reasons.pending, transition: '', created: now, launched: now },
    ...{ vpc: network.subnet.vpc, subnet: network.subnet.id, zone: network.subnet.zone, privateAddress: address },
    ...{ lendPublic: network.lendPublic, rootDevice: image.rootDevice },
    ...{ ...settings, ...launch.seats[index]! },
    ...(launch.keyName !== undefined && { keyName: launch.keyName }),
    ...(launch.profile && { profile: { ...launch.profile, association: launchedAssociation(draw.id), since: now } }),
    ...(launch.group && { placementGroup: launch.group.name }),
    ...(launch.group?.partitions && { partition: launch.group.partitions[index]! }),
    ...(input.ClientToken !== undefined && { token: input.ClientToken }),
    ...kept(tags['instance']!),
  };
  const { spot: plan } = launch;
  const purchase = { input, tags: tags['spot-instances-request']! };
  await instances.put(tx, plan ? await enterMarket(tx, request, { plan, ...purchase }, row, draw.spotRequest) : row);
  if (input.UserData) await userData.put(tx, { instance: row.id, data: input.UserData });
}
