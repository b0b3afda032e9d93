/** Topics: create, delete, list. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import { requestTagContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import { keepArchive } from '../archive/archive.ts';
import { archiveMilliseconds } from '../archive/policy.ts';
import { readProtection } from '../data-protection/protection.ts';
import { invalidParameter, invalidState } from '../errors.ts';
import { pageRows } from '../limits.ts';
import { cursorOf, tokenOf } from '../pagination.ts';
import type { Input, Operation } from '../sdk.ts';
import { deletedTopics, topicDocuments, topics, type Topic } from '../tables.ts';
import { checkTopicPolicy, topicAttribute } from './attribute-rules.ts';
import { checkOn, findTopic, lookUp } from './lookup.ts';
import { putDocument } from './documents.ts';
import { checkTags } from './tags.ts';
import { checkTopicName, defaultPolicy, requireTopicName, topicArn } from './topic.ts';

/** Who names a role that SNS is to write logs as must be allowed to pass it. */
const onFeedback = (name: string, value = ''): Check[] =>
  name.endsWith('FeedbackRoleArn') && value.startsWith('arn:') ? [passRole(value, 'sns.amazonaws.com')] : [];

type Wanted = { fifo: boolean; attributes: [string, string][]; policy?: string; dataProtection?: string; tags: Tag[] };

export async function onCreateTopic(request: ServiceRequest, input: Input<'CreateTopic'>): Promise<Check[]> {
  const resource = topicArn({ account: request.account, region: request.region, name: input.Name });
  const context = requestTagContext(tagsOf(input.Tags));
  const check = { action: 'sns:CreateTopic', resource, context };
  const roles = Object.entries(input.Attributes ?? {}).flatMap(([name, value]) => onFeedback(name, value));
  return [check, ...(input.Tags && input.Tags.length > 0 ? [{ ...check, action: 'sns:TagResource' }] : []), ...roles];
}

export async function onSetTopicAttributes(request: ServiceRequest, input: Input<'SetTopicAttributes'>): Promise<Check[]> {
  const check = checkOn(await lookUp(request, input.TopicArn), 'sns:SetTopicAttributes');
  return [check, ...onFeedback(input.AttributeName, input.AttributeValue)];
}

/** Creating a topic that is there answers its ARN, if it would be the same: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const CreateTopic: Operation<'CreateTopic'> = async (request, input) => {
  const { account, region, random } = request;
  const wanted = wantedTopic(input);
  const name = { account, region, name: input.Name };
  const ids = { id: random.uuid(), policy: random.uuid(), dataProtection: random.uuid(), subscriptionsRevision: random.uuid() };
  await request.store.write(async (tx) => {
    const present = await findTopic(tx, name);
    if (present) {
      const policy = wanted.policy === undefined ? undefined : (await topicDocuments.get(tx, present.id, 'policy'))?.text;
      return requireSame(present, wanted, policy);
    }
    const topic: Topic = {
      ...name,
      ...{ id: ids.id, fifo: wanted.fifo, attributes: wanted.attributes, subscriptionsRevision: ids.subscriptionsRevision },
      tags: wanted.tags.map(({ Key, Value }) => [Key, Value]),
      ...{ confirmed: 0, pending: 0, deleted: 0, filterPolicies: 0 },
    };
    if (wanted.policy !== undefined) await putDocument(tx, topic, 'policy', ids.policy, wanted.policy);
    if (wanted.dataProtection !== undefined) await putDocument(tx, topic, 'dataProtection', ids.dataProtection, wanted.dataProtection);
    await topics.put(tx, topic);
    if (archiveMilliseconds(topic) !== undefined) await keepArchive(tx, topic, request.now);
  });
  return { TopicArn: topicArn(name) };
};

function wantedTopic(input: Input<'CreateTopic'>): Wanted {
  const given = new Map(Object.entries(input.Attributes ?? {}));
  const fifoText = given.get('FifoTopic') ?? 'false';
  if (!/^(true|false)$/i.test(fifoText)) throw invalidParameter(`Attributes Reason: FifoTopic: Invalid value [${fifoText}]`);
  const fifo = fifoText.toLowerCase() === 'true';
  checkTopicName(input.Name, fifo);
  const wanted: Wanted = { fifo, attributes: [], tags: checkTags(tagsOf(input.Tags)) };
  const dataProtection = input.DataProtectionPolicy ?? given.get('DataProtectionPolicy');
  if (dataProtection !== undefined && dataProtection !== '') {
    readProtection(dataProtection);
    if (fifo) throw invalidParameter('DataProtectionPolicy Reason: FIFO topics take no data protection policy');
    wanted.dataProtection = dataProtection;
  }
  for (const [name, value] of given) {
    if (name === 'FifoTopic' || name === 'DataProtectionPolicy') continue;
    if (name === 'Policy') {
      if (value === '') continue;
      checkTopicPolicy(value);
      wanted.policy = value;
      continue;
    }
    const stored = topicAttribute(name, value, fifo);
    if (stored !== undefined) wanted.attributes.push([name, stored]);
  }
  return wanted;
}

function requireSame(present: Topic, wanted: Wanted, policy: string | undefined): void {
  const has = new Map(present.attributes);
  const differs = wanted.attributes.some(([name, value]) => (has.get(name) ?? defaults.get(name)) !== value);
  const otherPolicy = wanted.policy !== undefined && wanted.policy !== (policy ?? defaultPolicy(present));
  if (differs || otherPolicy || present.fifo !== wanted.fifo)
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  const tags = new Map(present.tags);
  if (!wanted.tags.every(({ Key, Value }) => tags.get(Key!) === Value))
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
}

const defaults = new Map([
  ['ContentBasedDeduplication', 'false'],
  ['DisplayName', ''],
  ['FifoThroughputScope', 'Topic'],
]);

/** Deleting a topic that is not there is no error. Its subscriptions go later. */
export const DeleteTopic: Operation<'DeleteTopic'> = async (request, input) => {
  const name = requireTopicName(input.TopicArn, request.region);
  await request.store.write(async (tx) => {
    const topic = await findTopic(tx, name);
    if (!topic) return;
    if (archiveMilliseconds(topic) !== undefined) throw invalidState('Cannot delete a topic with an ArchivePolicy');
    await topics.delete(tx, name.account, name.region, name.name);
    await topicDocuments.delete(tx, topic.id, 'policy');
    await topicDocuments.delete(tx, topic.id, 'dataProtection');
    await deletedTopics.put(tx, { topic: topic.id });
  });
  return {};
};

export const ListTopics: Operation<'ListTopics'> = async ({ store, account, region }, input) => {
  const page = await store.read((tx) => topics.scan(tx, [account, region], { limit: pageRows, ...cursorOf(input.NextToken) }));
  return { Topics: page.map(({ row }) => ({ TopicArn: topicArn(row) })), ...tokenOf(page) };
};
