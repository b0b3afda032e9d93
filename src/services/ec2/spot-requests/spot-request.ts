/** Spot instance requests: records, states and the words of AWS for them. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { instances, type Instance, type StateReason } from '../instances/instance.ts';
import { resourceType } from '../resource.ts';
import type { Input } from '../sdk.ts';

/** What is launched, as RunInstances takes it; user data lies apart. */
export type SpotLaunch = Omit<Partial<Input<'RunInstances'>>, 'UserData' | 'InstanceType'> & { InstanceType: string };

/** What becomes of an instance that EC2 takes back. */
export type InterruptionBehavior = 'terminate' | 'stop' | 'hibernate';

export type SpotRequest = {
  account: string;
  region: string;
  id: string;
  created: number;
  type: 'one-time' | 'persistent';
  /** Dollars an hour, as the call wrote it; absent for the on-demand price. */
  maxPrice?: string;
  behavior: InterruptionBehavior;
  state: 'open' | 'active' | 'closed' | 'cancelled' | 'disabled' | 'failed';
  status: { code: string; message: string; at: number };
  launch: SpotLaunch;
  validFrom?: number;
  validUntil?: number;
  /** Its instance, as long as it is not terminated, and afterwards for what is over. */
  instance?: string;
  zone?: string;
  fault?: { code: string; message: string };
  /** How many instances were launched for it. */
  launches: number;
  /** While it is open: it is not looked at before. */
  notBefore?: number;
  /** Nothing more will come of it, and its instance is gone: it is forgotten four hours later. */
  ended?: number;
  tags?: Tag[];
};

/** Those of which something may come yet. */
const isLive = (row: SpotRequest): boolean => row.ended === undefined;

export const spotRequests = table<SpotRequest, 'live' | 'ended'>('ec2/spot-requests', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    live: (row) => (isLive(row) ? [row.account, row.region, row.id] : undefined),
    ended: (row) => (isLive(row) ? undefined : [row.ended!]),
  },
});

export const spotRequestType = resourceType('spot-instances-request', 'sir', spotRequests, [
  'InvalidSpotInstanceRequestID.NotFound',
  (id: string) => `The spot instance request ID '${id}' does not exist`,
]);

/** Why EC2 takes an instance back. */
export type InterruptionCause = 'price' | 'no-capacity';

export const noticeMilliseconds = 120_000;
export const forgottenMilliseconds = 4 * 3_600_000;

const messages = {
  'pending-evaluation': 'Your Spot request has been submitted for review, and is pending evaluation.',
  'not-scheduled-yet': 'Your Spot request will not be evaluated until its scheduled start date.',
  'schedule-expired': 'Your Spot request expired before it was fulfilled.',
  'capacity-not-available': 'There is no Spot capacity available that matches your request.',
  fulfilled: 'Your Spot request is fulfilled.',
  'canceled-before-fulfillment': 'Your Spot request is canceled before it was fulfilled.',
  'request-canceled-and-instance-running': 'Your Spot request is canceled, but your Spot Instance is still running.',
  'marked-for-stop': 'Your Spot Instance is marked for stopping.',
  'marked-for-termination': 'Your Spot Instance is marked for termination.',
  'instance-stopped-by-price': 'Your Spot Instance was stopped because the Spot price was above your maximum price.',
  'instance-stopped-no-capacity': 'Your Spot Instance was stopped because there was no Spot capacity available that matches your request.',
  'instance-stopped-by-user': 'Your Spot Instance was stopped by the user.',
  'instance-terminated-by-price': 'Your Spot Instance was terminated because the Spot price was above your maximum price.',
  'instance-terminated-no-capacity':
    'Your Spot Instance was terminated because there is no Spot capacity available that matches your request.',
  'instance-terminated-by-user': 'Spot Instance terminated due to user-initiated termination.',
  'instance-terminated-by-service': 'Your Spot Instance was terminated from a stopped state.',
  'system-error': 'There was an unexpected system error.',
} as const;
type StatusCode = keyof typeof messages;

export const statusOf = (code: StatusCode, at: number): SpotRequest['status'] => ({ code, message: messages[code], at });

export const tooLowMessage = (maximum: string, price: number): string =>
  `Your Spot request price of ${maximum} is lower than the minimum required Spot request fulfillment price of ${price}.`;

export const tooLow = (row: SpotRequest, price: number, at: number): SpotRequest['status'] => ({
  ...{ code: 'price-too-low', message: tooLowMessage(row.maxPrice ?? String(maximumOf(row)), price), at },
});

/** What is paid at most, in dollars an hour. */
export function maximumOf({ maxPrice, launch }: Pick<SpotRequest, 'maxPrice' | 'launch'>): number {
  return maxPrice === undefined ? instanceTypes.get(launch.InstanceType)!.dollarsPerHour : Number(maxPrice);
}

/** Why an instance was taken back, as its own record says it. */
export const interruptionReasons: Readonly<Record<SpotRequest['behavior'], StateReason>> = {
  terminate: { code: 'Server.SpotInstanceTermination', message: 'Server.SpotInstanceTermination: Spot instance termination' },
  stop: { code: 'Server.SpotInstanceShutdown', message: 'Server.SpotInstanceShutdown: Spot instance shutdown' },
  hibernate: { code: 'Server.SpotInstanceShutdown', message: 'Server.SpotInstanceShutdown: Spot instance shutdown' },
};

export async function instanceOfRequest(tx: ReadTransaction, row: SpotRequest): Promise<Instance | undefined> {
  return row.instance === undefined ? undefined : instances.get(tx, row.account, row.region, row.instance);
}
