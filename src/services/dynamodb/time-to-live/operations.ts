/** DescribeTimeToLive and UpdateTimeToLive. */

import { validationException } from '../errors.ts';
import { isSharing } from '../global-tables/global-table.ts';
import { synchronise } from '../global-tables/settings.ts';
import type { Operation } from '../sdk.ts';
import { placeOf, requireNamedTable } from '../tables/lookup.ts';
import { tables } from '../tables.ts';

const hourMilliseconds = 3_600_000;

export const DescribeTimeToLive: Operation<'DescribeTimeToLive'> = async (request, input) => {
  const { timeToLive } = await request.store.read((tx) => requireNamedTable(tx, placeOf(request, input.TableName!)));
  return {
    TimeToLiveDescription:
      timeToLive === undefined ? { TimeToLiveStatus: 'DISABLED' } : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive },
  };
};

export const UpdateTimeToLive: Operation<'UpdateTimeToLive'> = async (request, input) => {
  const { Enabled: enabled, AttributeName: attribute } = input.TimeToLiveSpecification!;
  const seed = request.random.uuid();
  await request.store.write(async (tx) => {
    const table = await requireNamedTable(tx, placeOf(request, input.TableName!));
    if (enabled && table.timeToLive === attribute) throw validationException('TimeToLive is already enabled');
    if (!enabled && table.timeToLive === undefined) throw validationException('TimeToLive is already disabled');
    if (enabled && table.timeToLive !== undefined)
      throw validationException(`TimeToLive is active on a different AttributeName: current AttributeName is ${table.timeToLive}`);
    if (!enabled && table.timeToLive !== attribute)
      throw validationException(`TimeToLive is active on a different AttributeName: current AttributeName is ${table.timeToLive}`);
    if (table.timeToLiveChanged !== undefined && request.now - table.timeToLiveChanged < hourMilliseconds)
      throw validationException('Time to live has been modified multiple times within a fixed interval');
    if (enabled) table.timeToLive = attribute!;
    else delete table.timeToLive;
    table.timeToLiveChanged = request.now;
    await tables.put(tx, table);
    if (isSharing(table)) await synchronise(tx, table, ['timeToLive'], { seed, now: request.now });
  });
  return { TimeToLiveSpecification: { Enabled: enabled!, AttributeName: attribute! } };
};
