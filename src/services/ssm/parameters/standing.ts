/** Advanced parameters cost as long as they stand: https://aws.amazon.com/systems-manager/pricing/ */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { parameters, type Parameter } from '../tables.ts';
import { parameterArn } from './names.ts';

export const standing: Reconciler = standingMeter('ssm', [parameters], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for await (const row of parameters.eachIndexed(store, 'advanced')) yield standingOf(row);
}

function standingOf(row: Parameter): Standing {
  const { account, region, name } = row;
  const resource = parameterArn(row, name);
  const use = { usageType: 'PS-Advanced-Param-Tier1', operation: 'PutParameter', unit: 'Seconds' as const, count: 1 };
  return { id: resource, account, region, resource, ...use };
}
