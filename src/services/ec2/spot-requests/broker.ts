/** The reconciler of spot requests: fulfils them when the market allows it, follows their instances, and takes these back. */

import { AwsError } from '../../../framework/aws-error.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { setSpotPrices, spotReclaims, spotSeeds } from '../../../framework/spot-faults.ts';
import { zoneFaults } from '../../../framework/zone-faults.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { forgetEnded } from '../forgetting.ts';
import { instances, userData } from '../instances/instance.ts';
import { nextStep } from '../spot-market/market.ts';
import { recordLoads } from '../spot-market/pools.ts';
import { followInstance } from './follow.ts';
import { giveNotice } from './interruption.ts';
import { launchToken, spotService } from './launch.ts';
import { cheapestZone } from './offer.ts';
import { forgottenMilliseconds, instanceOfRequest, maximumOf, spotRequests, statusOf, tooLow, type SpotRequest } from './spot-request.ts';

const rowsPerPage = 200;
/** How soon a launch that found no capacity is tried again. */
const retryMilliseconds = 60_000;

export const broker: Reconciler = {
  name: 'ec2/spot',
  watches: [spotRequests, instances, spotReclaims, setSpotPrices, spotSeeds, zoneFaults],
  async run(context) {
    await context.store.write((tx) => recordLoads(tx, context.clock.now()));
    await takeReclaims(context);
    const times: (number | undefined)[] = [];
    for (const row of await liveRequests(context)) {
      context.signal.throwIfAborted();
      times.push(await settle(context, row));
    }
    times.push(await forgetOver(context));
    const known = times.filter((time) => time !== undefined);
    return known.length > 0 ? { nextAt: Math.min(...known) } : undefined;
  },
};

async function liveRequests({ store }: ReconcilerContext): Promise<SpotRequest[]> {
  const rows: SpotRequest[] = [];
  for (let after: Uint8Array | undefined; ;) {
    const page = await store.read((tx) => spotRequests.scanIndex(tx, 'live', [], { limit: rowsPerPage, ...(after && { after }) }));
    rows.push(...page.map(({ row }) => row));
    if (page.length < rowsPerPage) return rows;
    after = page.at(-1)!.cursor;
  }
}

/** Resolves to when it is to be looked at next, in cloud time. */
async function settle(context: ReconcilerContext, row: SpotRequest): Promise<number | undefined> {
  const now = context.clock.now();
  if (row.state !== 'open') return followInstance(context, row, now);
  if (row.validUntil !== undefined && row.validUntil <= now) {
    await change(context, row, (present) => ({ ...present, state: 'cancelled', status: statusOf('schedule-expired', now), ended: now }));
    return undefined;
  }
  const soonest = (time: number): number => Math.min(time, row.validUntil ?? Infinity);
  if (row.validFrom !== undefined && row.validFrom > now) {
    await say(context, row, statusOf('not-scheduled-yet', now));
    return soonest(row.validFrom);
  }
  if (row.notBefore !== undefined && row.notBefore > now) return soonest(row.notBefore);
  const offer = await context.store.read((tx) => cheapestZone(tx, row, now));
  if (offer && offer.price > maximumOf(row)) {
    await say(context, row, tooLow(row, offer.price, now));
    return soonest(Math.min(...offer.zones.map((zone) => nextStep({ zone, type: row.launch.InstanceType }, now))));
  }
  return fulfil(context, row, offer?.zone, now);
}

/** Changes a request that is still in the state and at the instance at which it was seen. */
async function change({ store }: ReconcilerContext, seen: SpotRequest, make: (present: SpotRequest) => SpotRequest): Promise<void> {
  await store.write(async (tx) => {
    const present = await spotRequests.get(tx, seen.account, seen.region, seen.id);
    if (present?.state === seen.state && present.instance === seen.instance) await spotRequests.put(tx, make(present));
  });
}

/** A status is written when it says something new. */
async function say(context: ReconcilerContext, row: SpotRequest, status: SpotRequest['status']): Promise<void> {
  if (row.status.code !== status.code || row.status.message !== status.message)
    await change(context, row, (present) => ({ ...present, status }));
}

/** The launch is the call of a customer, in the account's name; its token makes it the same one after a crash. */
async function fulfil(context: ReconcilerContext, row: SpotRequest, zone: string | undefined, now: number): Promise<number | undefined> {
  const { account, region, launch } = row;
  const { awsAs, store } = context;
  const data = await store.read((tx) => userData.get(tx, row.id));
  try {
    await awsAs(rootUser(account), { account, region, via: [spotService] }).ec2('RunInstances', {
      ...launch,
      ...{ MinCount: 1, MaxCount: 1, ClientToken: launchToken(row) },
      ...(data && { UserData: data.data }),
      ...(zone !== undefined && { Placement: { ...launch.Placement, AvailabilityZone: zone } }),
    } as Parameters<ReturnType<typeof awsAs>['ec2']>[1] & { MinCount: 1; MaxCount: 1 });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const scarce = error.code === 'InsufficientInstanceCapacity' || error.code === 'MaxSpotInstanceCountExceeded';
    const after: Partial<SpotRequest> = scarce
      ? { status: statusOf('capacity-not-available', now), notBefore: now + retryMilliseconds }
      : {
          ...{ state: 'failed', ended: now, fault: { code: error.code, message: error.message } },
          status: { code: 'bad-parameters', message: error.message, at: now },
        };
    await change(context, row, (present) => ({ ...present, ...after }));
    return scarce ? now + retryMilliseconds : undefined;
  }
}

/** Instances that the owner of the cloud wants to see interrupted. */
async function takeReclaims({ store, clock }: ReconcilerContext): Promise<void> {
  const rows = (await store.read((tx) => spotReclaims.scan(tx))).filter(({ row }) => row.refused === undefined);
  for (const { row } of rows)
    await store.write(async (tx) => {
      const refused = await reclaim(tx, row.instance, clock.now());
      if (refused === undefined) await spotReclaims.delete(tx, row.instance);
      else await spotReclaims.put(tx, { ...row, refused });
    });
}

/** Resolves to why it cannot be taken back, or to nothing. */
async function reclaim(tx: WriteTransaction, id: string, now: number): Promise<string | undefined> {
  const instance = await instances.find(tx, 'id', id);
  if (!instance) return `there is no instance ${id}`;
  if (!instance.spot) return `${id} is not a spot instance`;
  if (instance.state !== 'running' && instance.state !== 'pending') return `${id} is ${instance.state}`;
  const request = await spotRequests.get(tx, instance.account, instance.region, instance.spot.request);
  if (!request || (await instanceOfRequest(tx, request))?.id !== id) return `${id} has no spot request`;
  await giveNotice(tx, request, instance, 'no-capacity', now);
  return undefined;
}

const forgetOver = (context: ReconcilerContext): Promise<number | undefined> =>
  forgetEnded(context, spotRequests, {
    index: 'ended',
    until: (row) => row.ended! + forgottenMilliseconds,
    forget: async (tx, row) => {
      await spotRequests.delete(tx, row.account, row.region, row.id);
      await userData.delete(tx, row.id);
    },
  });
