/** Stream records as the SDK's types have them, for callers in process: on the wire they go out as they lie in the store. */

import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { itemOf } from '../storage/rows.ts';
import type { Item } from '../values/attribute-value.ts';

export function readRecord(json: string): _Record {
  const record = JSON.parse(json) as _Record;
  const { dynamodb } = record;
  const revived = (item: object | undefined): Item => itemOf(JSON.stringify(item), true);
  if (dynamodb?.Keys) dynamodb.Keys = revived(dynamodb.Keys);
  if (dynamodb?.NewImage) dynamodb.NewImage = revived(dynamodb.NewImage);
  if (dynamodb?.OldImage) dynamodb.OldImage = revived(dynamodb.OldImage);
  if (dynamodb) dynamodb.ApproximateCreationDateTime = new Date((dynamodb.ApproximateCreationDateTime as unknown as number) * 1_000);
  return record;
}
