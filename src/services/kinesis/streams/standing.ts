/** Streams cost as long as they stand: by the shard, or as a whole on demand: https://aws.amazon.com/kinesis/data-streams/pricing/ */

import { arn } from '../../../framework/arn.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { streams } from '../tables.ts';

/** Included in the price of a shard. */
const includedHours = 24;

export const standing: Reconciler = standingMeter('kinesis', [streams], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for await (const { account, region, name, id, created, status, mode, openShards, retentionHours } of streams.each(store)) {
    if (status === 'CREATING' || status === 'DELETING') continue;
    const resource = arn('kinesis', region, account, `stream/${name}`);
    const place = { account, region, resource, unit: 'Seconds' as const, since: created };
    if (mode === 'ON_DEMAND') {
      yield { ...place, id, usageType: 'OnDemand-StreamHour', operation: 'OnDemandStreamHr', count: 1 };
      continue;
    }
    if (openShards === 0) continue;
    yield { ...place, id, usageType: 'Storage-ShardHour', operation: 'shardHourStorage', count: openShards };
    if (retentionHours > includedHours)
      yield { ...place, id: `${id} extended`, usageType: 'Extended-ShardHour', operation: 'shardHourStorage', count: openShards };
  }
}
