/**
 * Warm throughput: what a table or a global index takes at once, without growing first. It is never less than what is provisioned or than
 * what every table takes on demand, and never falls.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
 */

import type { WarmThroughput } from '@aws-sdk/client-dynamodb';
import { invalidParameters, limitExceeded } from '../errors.ts';
import { onDemandInitialReads, onDemandInitialWrites, tableThroughputUnitsMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import { globalIndexes, type TableIndex, type TableRecord, type Warm } from './table.ts';

type Part = Pick<TableIndex, 'throughput' | 'warm'>;
type Billing = TableRecord['billing'];
type Asked = WarmThroughput | undefined;

const initialPage =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial';

/** What a part of this billing mode takes where nothing has been asked for, units a second. */
const leastOf = (billing: Billing, { throughput }: Pick<Part, 'throughput'>): Warm =>
  billing === 'PAY_PER_REQUEST'
    ? { read: onDemandInitialReads, write: onDemandInitialWrites }
    : { read: throughput?.read ?? 0, write: throughput?.write ?? 0 };

/** What a table or an index takes at once, units a second. */
export function warmOf(billing: Billing, part: Part): Warm {
  const least = leastOf(billing, part);
  return { read: Math.max(least.read, part.warm?.read ?? 0), write: Math.max(least.write, part.warm?.write ?? 0) };
}

/** For messages. */
const whereOf = (index: string | undefined): string => (index === undefined ? 'table' : `index ${index}`);

/** A new table's or index's. Throws ValidationException for less than it begins with, LimitExceededException beyond the account's quota. */
export function newWarm(
  request: { region: string },
  billing: Billing,
  part: Pick<Part, 'throughput'>,
  asked: Asked,
  index?: string,
): Warm | undefined {
  if (!asked) return undefined;
  const least = leastOf(billing, part);
  const less = (kind: 'Read' | 'Write'): Error =>
    invalidParameters(
      `Requested ${kind}UnitsPerSecond for WarmThroughput for ${whereOf(index)} is lower than ` +
        (billing === 'PAY_PER_REQUEST'
          ? `initial throughput for OnDemand. See: ${initialPage}`
          : `${kind}CapacityUnits of ProvisionedThroughput`),
    );
  return raised(request, least, asked, index, less);
}

/** Of one that is there. Throws ValidationException for less than it has. */
export function changedWarm(request: { region: string }, billing: Billing, part: Part, asked: WarmThroughput, index?: string): Warm {
  const less = (kind: 'Read' | 'Write'): Error =>
    invalidParameters(
      `Requested ${kind}UnitsPerSecond for WarmThroughput for ${whereOf(index)} is lower than current WarmThroughput, ` +
        'decreasing WarmThroughput is not supported',
    );
  return raised(request, warmOf(billing, part), asked, index, less);
}

function raised(
  { region }: { region: string },
  from: Warm,
  asked: WarmThroughput,
  index: string | undefined,
  less: (kind: 'Read' | 'Write') => Error,
): Warm {
  const { ReadUnitsPerSecond: read = from.read, WriteUnitsPerSecond: write = from.write } = asked;
  for (const [kind, units, before] of [
    ['Read', read, from.read],
    ['Write', write, from.write],
  ] as const) {
    if (units < before) throw less(kind);
    if (units > Math.max(before, tableThroughputUnitsMax))
      throw limitExceeded(
        `Subscriber limit exceeded: Requested ${kind}UnitsPerSecond for WarmThroughput for ${whereOf(index)} exceeds ` +
          `TableMax${kind}CapacityUnits of the account in region ${region}`,
      );
  }
  return { read, write };
}

/** What UpdateTable asks of the table and its indexes, after billing and capacity have changed. Changes the table that it is given. */
export function changeWarm(request: { region: string }, table: TableRecord, before: TableRecord, input: Input<'UpdateTable'>): void {
  keepWarm(table, before);
  if (input.WarmThroughput) table.warm = changedWarm(request, table.billing, table, input.WarmThroughput);
  for (const { Update: update } of input.GlobalSecondaryIndexUpdates ?? []) {
    const index = globalIndexes(table).find(({ name }) => name === update?.IndexName);
    if (index && update?.WarmThroughput) index.warm = changedWarm(request, table.billing, index, update.WarmThroughput, index.name);
  }
}

/** A part that is given less capacity, or another billing mode, goes on taking what it took. */
function keepWarm(table: TableRecord, before: TableRecord): void {
  keepPart(table.billing, table, before.billing, before);
  for (const index of globalIndexes(table)) {
    const was = before.indexes.find(({ space }) => space === index.space);
    if (was) keepPart(table.billing, index, before.billing, was);
  }
}

function keepPart(billing: Billing, part: Part, billingBefore: Billing, before: Part): void {
  const was = warmOf(billingBefore, before);
  const is = warmOf(billing, part);
  if (was.read > is.read || was.write > is.write) part.warm = { read: Math.max(was.read, is.read), write: Math.max(was.write, is.write) };
}

/** As DescribeTable tells it. */
export function describeWarm(billing: Billing, part: Part): { ReadUnitsPerSecond: number; WriteUnitsPerSecond: number; Status: 'ACTIVE' } {
  const { read, write } = warmOf(billing, part);
  return { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write, Status: 'ACTIVE' };
}
