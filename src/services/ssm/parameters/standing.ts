/** Advanced parameters cost as long as they stand: https://aws.amazon.com/systems-manager/pricing/ */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { parameters, type Parameter } from '../tables.ts';
import { parameterArn } from './names.ts';

const rowsPerPage = 500;

export const standing: Reconciler = standingMeter('ssm', [parameters], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for (let after: Uint8Array | undefined, more = true; more;) {
    const page = await store.read((tx) => parameters.scanIndex(tx, 'advanced', [], { limit: rowsPerPage, ...(after && { after }) }));
    for (const { row } of page) yield standingOf(row);
    after = page.at(-1)?.cursor;
    more = page.length === rowsPerPage;
  }
}

function standingOf(row: Parameter): Standing {
  const { account, region, name } = row;
  const resource = parameterArn(row, name);
  const use = { usageType: 'PS-Advanced-Param-Tier1', operation: 'PutParameter', unit: 'Seconds' as const, count: 1 };
  return { id: resource, account, region, resource, ...use };
}
