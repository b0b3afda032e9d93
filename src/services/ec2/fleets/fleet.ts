/** EC2 fleets: records, and what of their target is there. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { instances } from '../instances/instance.ts';
import { resourceType, type Place } from '../resource.ts';
import type { Input } from '../sdk.ts';

type FleetInput = Input<'CreateFleet'>;
export type TemplateSpecification = { LaunchTemplateId?: string; LaunchTemplateName?: string; Version: string };
export type Override = NonNullable<NonNullable<FleetInput['LaunchTemplateConfigs']>[number]['Overrides']>[number];
export type LaunchSpecification = NonNullable<Input<'RequestSpotFleet'>['SpotFleetRequestConfig']['LaunchSpecifications']>[number];
/** Either a launch template, or, of a spot fleet, a launch specification. */
export type FleetConfig = { template?: TemplateSpecification; launch?: LaunchSpecification; overrides: Override[] };

export type Lifecycle = 'spot' | 'on-demand';
/** In units: instances, or what overrides weigh them with. */
export type Targets = { total: number; onDemand: number; spot: number; kind: Lifecycle };

export type SpotStrategy =
  | 'lowest-price'
  | 'diversified'
  | 'capacity-optimized'
  | 'capacity-optimized-prioritized'
  | 'price-capacity-optimized';
export type PurchaseRules = {
  singleType?: boolean;
  singleZone?: boolean;
  least?: number;
  /** Dollars an hour for all. */ dollarsMax?: string;
};
export type SpotRules = PurchaseRules & { strategy: SpotStrategy; /** Over how many of the cheapest pools. */ pools: number };
export type OnDemandRules = PurchaseRules & { strategy: 'lowest-price' | 'prioritized' };

export type FleetState = 'submitted' | 'active' | 'modifying' | 'deleted_running' | 'deleted_terminating' | 'deleted' | 'failed';

/** Of a spot fleet: the role as which it launches and terminates, and the maximum price of what has none of its own. */
export type SpotFleetTerms = { role: string; maxPrice?: string };

export type Fleet = {
  account: string;
  region: string;
  id: string;
  created: number;
  type: 'instant' | 'request' | 'maintain';
  state: FleetState;
  configs: FleetConfig[];
  targets: Targets;
  spot: SpotRules;
  onDemand: OnDemandRules;
  excess: 'termination' | 'no-termination';
  validFrom?: number;
  validUntil?: number;
  terminatesAtEnd: boolean;
  clientToken?: string;
  /** A spot fleet request, whose id begins with sfr. */
  spotFleet?: SpotFleetTerms;
  /** Units that were ever launched: a `request` launches no more than its target. */
  launched: Record<Lifecycle, number>;
  /** How many launches were tried: their client tokens are numbered. */
  launches: number;
  /** One that is under way, so that a crash does not make it twice. */
  launching?: Launching;
  /** Nothing is launched before, since nothing could be. */
  notBefore?: number;
  /** What went wrong at the last attempt. */
  faults?: Fault[];
  /** What was last wrong with the role of a spot fleet. */
  roleFault?: string;
  /** It was deleted, and nothing of it is left: it is forgotten two days later. */
  ended?: number;
  tags?: Tag[];
};

export type Launching = { token: string; config: number; override: Override; lifecycle: Lifecycle; count: number; weight: number };
export type Fault = Pick<Launching, 'config' | 'override' | 'lifecycle'> & { code: string; message: string };

const isWatched = (row: Fleet): boolean => row.ended === undefined && (row.type !== 'instant' || row.state.startsWith('deleted'));

export const fleets = table<Fleet, 'live' | 'ended'>('ec2/fleets', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    live: (row) => (isWatched(row) ? [row.account, row.region, row.id] : undefined),
    ended: (row) => (row.ended === undefined ? undefined : [row.ended]),
  },
});

export const fleetType = resourceType('fleet', 'fleet', fleets, [
  'InvalidFleetId.NotFound',
  (id: string) => `The fleet ID '${id}' does not exist`,
]);
const idPattern = /^fleet-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isFleetId = (id: string): boolean => idPattern.test(id);

/** Throws InvalidFleetId.NotFound or InvalidFleetId.Malformed. */
export async function requireFleet(tx: ReadTransaction, { account, region }: Place, id: string): Promise<Fleet> {
  if (!isFleetId(id)) throw refusal('InvalidFleetId.Malformed')(`The fleet ID '${id}' is malformed`);
  const row = await fleets.get(tx, account, region, id);
  if (!row) throw fleetType.notFound(id);
  return row;
}

/** An instance of a fleet, as it was launched. */
export type FleetInstance = Place &
  Pick<Launching, 'config' | 'override' | 'lifecycle' | 'weight'> & { fleet: string; instance: string; type: string; at: number };

export const fleetInstances = table<FleetInstance>('ec2/fleet-instances', {
  key: (row) => [row.account, row.region, row.fleet, row.instance],
});

export type FleetEvent = Place & {
  fleet: string;
  at: number;
  /** Of its fleet, so that events of one moment keep their order. */
  number: number;
  type: 'instance-change' | 'fleet-change' | 'service-error';
  what: string;
  instance?: string;
  description?: string;
};

export const fleetEvents = table<FleetEvent>('ec2/fleet-events', {
  key: (row) => [row.account, row.region, row.fleet, row.at, row.number],
});

/** Those that were launched and are not terminated, with whether they run or are to. */
export async function membersOf(tx: ReadTransaction, row: Fleet): Promise<(FleetInstance & { runs: boolean; isThere: boolean })[]> {
  const found = (await fleetInstances.scan(tx, [row.account, row.region, row.id])).map((one) => one.row);
  const rows = await instances.getMany(
    tx,
    found.map((one) => [one.account, one.region, one.instance]),
  );
  return found.map((one, at) => {
    const state = rows[at]?.state;
    return { ...one, runs: state === 'pending' || state === 'running', isThere: state !== undefined && state !== 'terminated' };
  });
}

/** Units of a lifecycle among members that run. */
export const unitsOf = (members: readonly { lifecycle: Lifecycle; weight: number; runs: boolean }[], lifecycle?: Lifecycle): number =>
  members.filter((one) => one.runs && (lifecycle === undefined || one.lifecycle === lifecycle)).reduce((sum, one) => sum + one.weight, 0);
