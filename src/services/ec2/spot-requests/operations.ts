/** Spot instance requests: make and cancel. The broker fulfils them. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import { once } from '../idempotency.ts';
import { builtInImages, requireLaunchable } from '../images/image.ts';
import { launchedType } from '../instance-types/instance-type.ts';
import { userData } from '../instances/instance.ts';
import { checkSettings } from '../instances/launch-settings.ts';
import { findProfile } from '../instances/profile.ts';
import { requireKeyPair } from '../key-pairs/key-pair.ts';
import { newId, requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { completeRequest, spotRequestOf } from './describe.ts';
import { cancelled } from './follow.ts';
import { termsOf } from './launch.ts';
import { spotRequests, spotRequestType, statusOf, type SpotLaunch, type SpotRequest } from './spot-request.ts';

type RequestInput = Input<'RequestSpotInstances'>;

const requestsPerCallMax = 1000;
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestSpotInstances.html: a one-time request is good for seven days. */
const validMilliseconds = 7 * 86_400_000;

/** Answers are about all requests of a call; with a client token, about those that its first call made. */
export const RequestSpotInstances: Operation<'RequestSpotInstances'> = async (request, input) => {
  for (const name of ['BlockDurationMinutes', 'LaunchGroup', 'AvailabilityZoneGroup'] as const)
    if (input[name]) throw notBuilt('RequestSpotInstances', name);
  const count = input.InstanceCount ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > requestsPerCallMax)
    throw invalidParameterValue(`Value (${count}) for parameter instanceCount is invalid. It must be between 1 and ${requestsPerCallMax}.`);
  const terms = termsOf({
    ...{ type: input.Type, behavior: input.InstanceInterruptionBehavior, maxPrice: input.SpotPrice, validUntil: input.ValidUntil },
  });
  const { launch, data } = await checkedLaunch(request, input, terms.behavior === 'hibernate');
  const { account, region, now } = request;
  const validFrom = timeOf('validFrom', input.ValidFrom);
  const validUntil = terms.validUntil ?? (terms.type === 'one-time' ? (validFrom ?? now) + validMilliseconds : undefined);
  if (validFrom !== undefined && validFrom <= now)
    throw invalidParameterValue('The start date of the request must be after the current date.');
  if (validUntil !== undefined && validUntil <= (validFrom ?? now))
    throw invalidParameterValue('The end date of the request must be after its start date and the current date.');
  const tags = tagsFor(input.TagSpecifications, 'spot-instances-request');
  const drawn = Array.from({ length: count }, () => newId(request.random, 'sir'));
  const rows = await request.store.write(async (tx) => {
    const made: SpotRequest[] = [];
    for (const [at, id] of drawn.entries()) {
      const row: SpotRequest = {
        ...{ account, region, id, created: now, ...terms, state: 'open', status: statusOf('pending-evaluation', now), launch, launches: 0 },
        ...(validFrom !== undefined && { validFrom }),
        ...(validUntil !== undefined && { validUntil }),
        ...kept(tags),
      };
      const token = input.ClientToken && { ...input, ClientToken: at === 0 ? input.ClientToken : `${input.ClientToken} ${at}` };
      made.push(
        await once(tx, request, token || {}, spotRequests, async () => {
          await spotRequests.put(tx, row);
          if (data !== undefined) await userData.put(tx, { instance: id, data });
          return row;
        }),
      );
    }
    return made;
  });
  return request.store.read(async (tx) => {
    const shown = [];
    for (const row of rows) shown.push(spotRequestOf(await completeRequest(tx, row)));
    return { SpotInstanceRequests: shown };
  });
};

function timeOf(name: string, date: Date | undefined): number | undefined {
  const time = date?.getTime();
  if (time !== undefined && Number.isNaN(time)) throw invalidParameterValue(`Invalid value for parameter ${name}.`);
  return time;
}

const alike = [
  ...['SecurityGroupIds', 'SecurityGroups', 'BlockDeviceMappings', 'EbsOptimized', 'IamInstanceProfile', 'ImageId', 'KeyName'],
  ...['Monitoring', 'NetworkInterfaces', 'SubnetId'],
] as const;
const converted = ['InstanceType', 'Placement', 'UserData'];

/** A launch as RunInstances takes it. What can be found wrong at once is; the rest fails the request when it is fulfilled. */
async function checkedLaunch(
  request: ServiceRequest,
  input: RequestInput,
  hibernates: boolean,
): Promise<{ launch: SpotLaunch; data: string | undefined }> {
  const given = input.LaunchSpecification;
  if (!given) throw missingParameter('LaunchSpecification');
  const unbuilt = Object.entries(given).find(
    ([name, value]) => value !== undefined && !(alike as readonly string[]).includes(name) && !converted.includes(name),
  );
  if (unbuilt) throw notBuilt('RequestSpotInstances', `LaunchSpecification.${unbuilt[0]}`);
  if (given.ImageId === undefined) throw missingParameter('ImageId');
  const type = launchedType(given.InstanceType ?? 'm1.small');
  const launch = {
    ...Object.fromEntries(alike.map((name) => [name, given[name]]).filter(([, value]) => value !== undefined)),
    InstanceType: type.name,
    ...(given.Placement && { Placement: definite(given.Placement) }),
    // A launch specification has no word for it: the interruption behavior asks for it.
    ...(hibernates && { HibernationOptions: { Configured: true } }),
  } as SpotLaunch;
  if (launch.Placement?.Tenancy === 'host') throw invalidParameterCombination('Spot Instances cannot be launched with the tenancy host.');
  checkSettings(
    { ...launch, ...(given.UserData !== undefined && { UserData: given.UserData }), MinCount: 1, MaxCount: 1 } as never,
    'RequestSpotInstances',
  );
  await findProfile(request, given.IamInstanceProfile);
  const builtIn = await builtInImages(request.host, request.region);
  await request.store.read(async (tx) => {
    const image = await requireLaunchable(tx, request, given.ImageId!, builtIn);
    if (!type.architectures.includes(image.architecture))
      throw invalidParameterValue(
        `The architecture of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
      );
    if (given.KeyName !== undefined) await requireKeyPair(tx, request, given.KeyName);
  });
  return { launch, data: given.UserData };
}

const definite = <Given extends object>(given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given;

/** Running instances go on. */
export const CancelSpotInstanceRequests: Operation<'CancelSpotInstanceRequests'> = async (request, input) => {
  const ids = [...new Set(input.SpotInstanceRequestIds)];
  if (ids.length === 0) throw missingParameter('SpotInstanceRequestId');
  const rows = await request.store.write(async (tx) => {
    const found: SpotRequest[] = [];
    for (const id of ids) found.push(await requireResource(tx, request, spotRequestType, id));
    const after = found.map((row) => (['open', 'active', 'disabled'].includes(row.state) ? cancelled(row, request.now) : row));
    for (const [at, row] of after.entries()) if (row !== found[at]) await spotRequests.put(tx, row);
    return after;
  });
  return { CancelledSpotInstanceRequests: rows.map((row) => ({ SpotInstanceRequestId: row.id, State: row.state as 'cancelled' })) };
};
