/** Instances: records and the states they go through. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */

import type { AwsError } from '../../../framework/aws-error.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { requireResource, resourceType, type Place } from '../resource.ts';

export const stateCodes = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 } as const;
export type InstanceState = keyof typeof stateCodes;
type WorkState = Exclude<InstanceState, 'stopped' | 'terminated'>;

export type StateReason = { code: string; message: string };

export type MetadataOptions = {
  tokens: 'optional' | 'required';
  hopLimit: number;
  endpoint: 'enabled' | 'disabled';
  tags: 'enabled' | 'disabled';
};

export type Instance = {
  account: string;
  region: string;
  id: string;
  reservation: string;
  /** Its place among those that one call launched. */
  index: number;
  image: string;
  /** How it is booted: the image of the host from which its image descends. */
  hostImage: string;
  architecture: 'x86_64' | 'arm64';
  type: string;
  state: InstanceState;
  /** Why it is in its state, where that is worth saying. */
  reason?: StateReason;
  /** `User initiated (2026-11-28 15:58:05 GMT)` */
  transition: string;
  created: number;
  /** The last start. */
  launched: number;
  /** When it was terminated: it is forgotten an hour later. */
  ended?: number;
  vpc: string;
  subnet: string;
  zone: string;
  /** The primary interface's own, kept while it is terminated. */
  privateAddress: string;
  /** True when it is lent a public address at each start. */
  lendPublic: boolean;
  rootDevice: string;
  keyName?: string;
  /** Which profile it has, by which association, since when. */
  profile?: { arn: string; id: string; association: string; since: number };
  monitored: boolean;
  shutdownBehavior: 'stop' | 'terminate';
  terminationProtection: boolean;
  stopProtection: boolean;
  ebsOptimized: boolean;
  /** It is not started elsewhere when its host fails; bookkeeping, since there is one host. */
  autoRecovery?: 'disabled';
  metadata: MetadataOptions;
  tenancy: 'default' | 'dedicated' | 'host';
  placementGroup?: string;
  /** Of a partition placement group, counted from one. */
  partition?: number;
  /** Of the t families, where the call said it. */
  credits?: 'standard' | 'unlimited';
  token?: string;
  /** It has never run: AWS terminates what cannot be started the first time. */
  fresh?: boolean;
  /** It may be hibernated. */
  hibernates?: true;
  /** It is being stopped, and its memory is to be kept. */
  hibernating?: true;
  /** Asked to reboot; the machine is started again in place. */
  reboot?: boolean;
  /** Snapshots that are to be cut of its volumes while its machine stands still, for images. */
  imaging?: string[];
  /** Of a spot instance. */
  spot?: SpotState;
  /** What it wants of capacity reservations, and the one in which it sits. */
  capacity?: CapacityState;
  /** Where the tenancy is host. */
  host?: HostPlace;
  /** The account whose service launched it, for itself. */
  requester?: string;
  tags?: Tag[];
};

export type SpotState = {
  /** The request that it fulfils. */
  request: string;
  /** When it was told that it may be interrupted. */
  rebalance?: number;
  /** It will be interrupted, at this moment of cloud time. */
  notice?: { action: 'terminate' | 'stop' | 'hibernate'; cause: 'price' | 'no-capacity'; at: number };
};

export type CapacityState = { preference?: string; target?: string; reservation?: string };

/** A dedicated host: the one that was asked for, and the one on which the instance is or was. */
export type HostPlace = { affinity: 'default' | 'host'; wanted?: string; on?: string };

/** User data, apart: Describe calls do not show them. Base64. */
export type UserData = { instance: string; data: string };

/** What a call with a client token made. */
export type ClientToken = {
  account: string;
  region: string;
  token: string;
  digest: string;
  /** The id of a reservation or a volume. */ made: string;
};

const isEnded = (row: Instance): boolean => row.state === 'terminated';
/** Its machine is to be looked after: it runs, or is to, or is still being stopped. */
const isAtWork = (row: Instance): boolean => row.state !== 'stopped' && !isEnded(row);
const runsOrIsTo = (row: Instance): boolean => row.state === 'pending' || row.state === 'running';

/** The association that a launch makes is named as its instance is. */
export const launchedAssociation = (instance: string): string => `iip-assoc-${instance.slice('i-'.length)}`;

/** Rows of version 1 knew the profile alone. */
function withAssociation(old: Record<string, unknown>): Record<string, unknown> {
  const { id, created, profile } = old as Pick<Instance, 'id' | 'created' | 'profile'>;
  return profile ? { ...old, profile: { ...profile, association: launchedAssociation(id), since: created } } : old;
}

export const instances = table<Instance, 'work' | 'ended' | 'reservation' | 'vpc' | 'id' | 'capacity' | 'host' | 'association'>(
  'ec2/instances',
  {
    key: (row) => [row.account, row.region, row.id],
    indexes: {
      work: (row) => (isAtWork(row) ? [row.state, row.account, row.region, row.id] : undefined),
      ended: (row) => (row.ended === undefined ? undefined : [row.ended]),
      reservation: (row) => [row.account, row.region, row.reservation, row.index],
      vpc: (row) => (isEnded(row) ? undefined : [row.account, row.region, row.vpc]),
      id: (row) => [row.id],
      /** By the capacity reservation in which it sits. */
      capacity: (row) => (row.capacity?.reservation && runsOrIsTo(row) ? [row.account, row.region, row.capacity.reservation] : undefined),
      /** By the dedicated host on which it holds a place. */
      host: (row) => (row.host?.on !== undefined && isAtWork(row) ? [row.account, row.region, row.host.on] : undefined),
      /** By the association with its instance profile. */
      association: (row) => (row.profile && !isEnded(row) ? [row.account, row.region, row.profile.association] : undefined),
    },
    version: 2,
    upgrade: { 2: withAssociation },
  },
);
export const userData = table<UserData>('ec2/user-data', { key: (row) => [row.instance] });
export const clientTokens = table<ClientToken>('ec2/client-tokens', { key: (row) => [row.account, row.region, row.token] });

export const instanceType = resourceType('instance', 'i', instances, [
  'InvalidInstanceID.NotFound',
  (id: string) => `The instance ID '${id}' does not exist`,
]);

/** Those in one of some states, of a place or of the whole cloud. */
export async function instancesIn(tx: ReadTransaction, states: readonly WorkState[], place?: Place): Promise<Instance[]> {
  const rows: Instance[] = [];
  for (const state of states)
    for (const { row } of await instances.scanIndex(tx, 'work', place ? [state, place.account, place.region] : [state])) rows.push(row);
  return rows;
}

/** The instances of a call, in its order. Throws InvalidInstanceID.NotFound with all that are missing, or Malformed. */
export async function requireInstances(tx: ReadTransaction, place: Place, ids: readonly string[]): Promise<Instance[]> {
  const unique = [...new Set(ids)];
  const rows = await instances.getMany(
    tx,
    unique.map((id) => [place.account, place.region, id]),
  );
  const missing = unique.filter((_, at) => !rows[at]);
  if (missing.length > 1 && missing.every((id) => /^i-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id)))
    throw refusal('InvalidInstanceID.NotFound')(`The instance IDs '${missing.join(', ')}' do not exist`);
  for (const id of missing) await requireResource(tx, place, instanceType, id);
  return rows.map((row) => row!);
}

export type Associated = Instance & { profile: NonNullable<Instance['profile']> };

/** The instance that has an association with its profile, or undefined. */
export async function associatedWith(tx: ReadTransaction, { account, region }: Place, id: string): Promise<Associated | undefined> {
  const row = await instances.find(tx, 'association', account, region, id);
  return row?.profile && { ...row, profile: row.profile };
}

export const incorrectInstanceState = (message: string): AwsError => refusal('IncorrectInstanceState')(message);

const initiatedBy =
  (who: 'User' | 'Service') =>
  (now: number): string =>
    `${who} initiated (${new Date(now).toISOString().slice(0, 19).replace('T', ' ')} GMT)`;
/** `User initiated (2026-11-28 15:58:05 GMT)` */
export const userInitiated = initiatedBy('User');
/** `Service initiated (2026-11-28 15:58:05 GMT)` */
export const serviceInitiated = initiatedBy('Service');

export const reasons = {
  pending: { code: 'pending', message: 'pending' },
  userShutdown: { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown: User initiated shutdown' },
  userHibernate: { code: 'Client.UserInitiatedHibernate', message: 'Client.UserInitiatedHibernate: User initiated hibernate' },
  ownShutdown: { code: 'Client.InstanceInitiatedShutdown', message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown' },
  internalError: (why: string): StateReason => ({ code: 'Server.InternalError', message: `Server.InternalError: ${why}` }),
} as const;
