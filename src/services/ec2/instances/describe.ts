/** DescribeInstances and DescribeInstanceStatus. */

import { invalidParameterCombination } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { pageOf, readPage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { downZones } from '../regions/zone-faults.ts';
import { completeInstance, instanceCompleter, instanceFilters, reservationOf, type ShownInstance } from './description.ts';
import { instances, requireInstances, stateCodes, type Instance } from './instance.ts';
import { pageSizes } from './limits.ts';
import type { ServiceRequest } from '../../../framework/request.ts';

/** From pages of this size on, what all instances have is read at once: less than the rows of each. */
const readWhole = 100;

type ListInput = { InstanceIds?: string[] | undefined; MaxResults?: number | undefined; NextToken?: string | undefined };

/** Instances in the order of their reservations, a page of whole instances. */
async function list(
  request: ServiceRequest,
  name: string,
  input: ListInput,
  fits: (row: ShownInstance) => boolean,
): Promise<{ rows: ShownInstance[]; next: { NextToken?: string } }> {
  if (input.InstanceIds?.length && input.MaxResults !== undefined)
    throw invalidParameterCombination('The parameter instancesSet cannot be used with the parameter maxResults');
  const page = pageOf(name, input, pageSizes);
  const { account, region } = request;
  return request.store.read(async (tx) => {
    const taking =
      (complete: (row: Readonly<Instance>) => Promise<ShownInstance>) =>
      async (row: Readonly<Instance>): Promise<ShownInstance | undefined> => {
        const shown = await complete(row);
        return fits(shown) ? shown : undefined;
      };
    if (input.InstanceIds?.length) {
      const found: ShownInstance[] = [];
      const take = taking((row) => completeInstance(tx, row));
      for (const row of await requireInstances(tx, request, input.InstanceIds)) {
        const shown = await take(row);
        if (shown) found.push(shown);
      }
      return { rows: found, next: {} };
    }
    const few = (input.MaxResults ?? pageSizes.max) < readWhole;
    const take = taking(few ? (row) => completeInstance(tx, row) : await instanceCompleter(tx, { account, region }));
    return readPage(name, page, (range) => instances.peekIndex(tx, 'reservation', [account, region], range), take);
  });
}

export const DescribeInstances: Operation<'DescribeInstances'> = async (request, input) => {
  const { rows, next } = await list(request, 'instances', input, compileFilters(input.Filters, instanceFilters));
  const reservations = Map.groupBy(rows, (row) => row.reservation);
  return { Reservations: [...reservations.values()].map(reservationOf), ...next };
};

/** Since when its zone is down, where it is. */
type Watched = Instance & { downSince?: number | undefined };

/** A machine that runs has passed; one that is still starting is looked at; none in a zone that is down answers. */
function checkOf({ state, downSince }: Watched) {
  if (state !== 'running') return 'initializing';
  return downSince === undefined ? 'passed' : 'failed';
}

function summaryOf({ state, downSince }: Watched) {
  if (state === 'pending') return 'initializing';
  if (state !== 'running') return 'not-applicable';
  return downSince === undefined ? 'ok' : 'impaired';
}

function detailsOf(row: Watched) {
  if (row.state !== 'running' && row.state !== 'pending') return [];
  const since = row.downSince !== undefined &&
    row.state === 'running' && { ImpairedSince: new Date(Math.max(row.downSince, row.launched)) };
  return [{ Name: 'reachability' as const, Status: checkOf(row) as 'passed', ...since }];
}

const statusFilters = (watched: (row: Instance) => Watched): Filters<ShownInstance> => ({
  'availability-zone': (row) => row.zone,
  'instance-state-code': (row) => stateCodes[row.state],
  'instance-state-name': (row) => row.state,
  'instance-status.reachability': (row) => checkOf(watched(row)),
  'instance-status.status': (row) => summaryOf(watched(row)),
  'system-status.reachability': (row) => checkOf(watched(row)),
  'system-status.status': (row) => summaryOf(watched(row)),
});

export const DescribeInstanceStatus: Operation<'DescribeInstanceStatus'> = async (request, input) => {
  const down = await request.store.read(downZones);
  const watched = (row: Instance): Watched => ({ ...row, downSince: down.get(row.zone) });
  const filtered = compileFilters(input.Filters, statusFilters(watched));
  const all = input.IncludeAllInstances === true;
  const { rows, next } = await list(request, 'instance-status', input, (row) => (all || row.state === 'running') && filtered(row));
  const summary = (row: Watched) => ({ Status: summaryOf(row) as 'ok', Details: detailsOf(row) });
  return {
    InstanceStatuses: rows.map(watched).map((row) => ({
      ...{ InstanceId: row.id, AvailabilityZone: row.zone, InstanceState: { Code: stateCodes[row.state], Name: row.state } },
      ...{ InstanceStatus: summary(row), SystemStatus: summary(row), AttachedEbsStatus: summary(row) },
    })),
    ...next,
  };
};
