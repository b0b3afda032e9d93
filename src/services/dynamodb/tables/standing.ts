/** What of a table costs as long as it stands: its items, and the capacity that is provisioned for it, used or not. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { tables } from '../tables.ts';
import { allIndexes, classPrefix, globalIndexes, indexArn, tableArn, type TableRecord } from './table.ts';

/** What DynamoDB counts for each item besides its bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const itemOverheadBytes = 100;

export const standing: Reconciler = standingMeter('dynamodb', [tables], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for await (const table of tables.each(store)) yield* tableUse(table);
}

function* tableUse(table: TableRecord): Generator<Standing> {
  const { account, region, id, created, recovery } = table;
  const prefix = classPrefix(table);
  const place = { account, region, resource: tableArn(table), since: created };
  const indexes = globalIndexes(table);
  const stored = [table, ...allIndexes(table)].reduce((sum, { bytes = 0, items = 0 }) => sum + bytes + items * itemOverheadBytes, 0);
  const storage = { ...place, operation: 'StandardStorage', unit: 'ByteHours' as const };
  if (stored > 0) yield { ...storage, id: `${id} storage`, usageType: `${prefix}TimedStorage-ByteHrs`, count: stored };
  if (recovery && stored > 0)
    yield { ...storage, id: `${id} recovery`, usageType: 'TimedPITRStorage-ByteHrs', count: stored, since: recovery.since };
  if (table.billing !== 'PROVISIONED') return;
  const capacity = { ...place, operation: 'CommittedThroughput', unit: 'Seconds' as const };
  const parts = [
    { resource: tableArn(table), name: '', throughput: table.throughput },
    ...indexes.map((index) => ({ resource: indexArn(table, index.name), name: index.name, throughput: index.throughput })),
  ];
  for (const { resource, name, throughput } of parts) {
    const { read = 0, write = 0 } = throughput ?? {};
    if (read > 0) yield { ...capacity, resource, id: `${id} ${name} read`, usageType: `${prefix}ReadCapacityUnit-Hrs`, count: read };
    if (write > 0) yield { ...capacity, resource, id: `${id} ${name} write`, usageType: `${prefix}WriteCapacityUnit-Hrs`, count: write };
  }
}
