/** Topics with a KMS key: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */

import { askKms, makeDataKey, openDataKey } from '../../../framework/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { fromKms } from '../errors.ts';
import { dataKeyMilliseconds } from '../limits.ts';
import type { Topic } from '../tables.ts';
import { topicArn } from './topic.ts';

const keyOf = (topic: Topic): string | undefined => topic.attributes.find(([name]) => name === 'KmsMasterKeyId')?.[1];

export const isEncrypted = (topic: Topic): boolean => keyOf(topic) !== undefined;

/** Who publishes to such a topic needs its key to make data keys with, and to open them. Throws what KMS refuses, as SNS words it. */
export async function requireSealing(request: ServiceRequest, topic: Topic): Promise<void> {
  const keyId = keyOf(topic);
  if (keyId === undefined) return;
  const use = { keyId, owner: topic, context: { 'aws:sns:topicArn': topicArn(topic) }, reuseMilliseconds: dataKeyMilliseconds };
  const { sealed } = await askKms(makeDataKey(request, use), fromKms);
  await askKms(openDataKey(request, use, sealed), fromKms);
}
