/** Advanced parameters cost as long as they stand: https://aws.amazon.com/systems-manager/pricing/ */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { parameters } from '../tables.ts';
import { parameterArn } from './names.ts';

export const standing: Reconciler = standingMeter('ssm', [parameters], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for await (const row of parameters.each(store)) {
    const { account, region, name, tier } = row;
    if (tier !== 'Advanced') continue;
    const resource = parameterArn(row, name);
    yield {
      id: resource,
      account,
      region,
      usageType: 'PS-Advanced-Param-Tier1',
      operation: 'PutParameter',
      resource,
      unit: 'Seconds',
      count: 1,
    };
  }
}
