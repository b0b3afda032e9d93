/** Spot fleets: fleets whose ids begin with sfr, in the words of their own operations. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { refusal } from '../errors.ts';
import { fleets, type Fleet, type FleetState, type SpotFleetTerms } from '../fleets/fleet.ts';
import { resourceType, type Place } from '../resource.ts';
import type { Output } from '../sdk.ts';

export type SpotFleet = Fleet & { spotFleet: SpotFleetTerms };

export const spotFleetType = resourceType('spot-fleet-request', 'sfr', fleets, [
  'InvalidSpotFleetRequestId.NotFound',
  (id: string) => `The spot fleet request ID '${id}' does not exist`,
]);

const idPattern = /^sfr-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isSpotFleetId = (id: string): boolean => idPattern.test(id);
export const malformedWords = (id: string): string => `The spot fleet request ID '${id}' is malformed`;

/** Undefined for one that is not there. */
export async function findSpotFleet(tx: ReadTransaction, { account, region }: Place, id: string): Promise<SpotFleet | undefined> {
  return isSpotFleetId(id) ? ((await fleets.get(tx, account, region, id)) as SpotFleet | undefined) : undefined;
}

/** Throws InvalidSpotFleetRequestId.NotFound or InvalidSpotFleetRequestId.Malformed. */
export async function requireSpotFleet(tx: ReadTransaction, place: Place, id: string): Promise<SpotFleet> {
  if (!isSpotFleetId(id)) throw refusal('InvalidSpotFleetRequestId.Malformed')(malformedWords(id));
  const row = await findSpotFleet(tx, place, id);
  if (!row) throw spotFleetType.notFound(id);
  return row;
}

type BatchState = NonNullable<NonNullable<Output<'DescribeSpotFleetRequests'>['SpotFleetRequestConfigs']>[number]['SpotFleetRequestState']>;

/** What is deleted of a fleet is cancelled of a spot fleet. */
export const batchState = (state: FleetState): BatchState => state.replace('deleted', 'cancelled') as BatchState;

/** Of the request: throws InvalidSpotFleetRequestConfig for a member of it. */
export const configInvalid = (member: string) =>
  refusal('InvalidSpotFleetRequestConfig')(`Parameter: SpotFleetRequestConfig.${member} is invalid.`);
