/** The attributes of a topic: get and set; permissions as statements of its policy. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { endArchive, keepArchive } from '../archive/archive.ts';
import { archiveMilliseconds } from '../archive/policy.ts';
import { readProtection } from '../data-protection/protection.ts';
import { effectiveDeliveryPolicy } from '../deliveries/delivery-policy.ts';
import { invalidParameter, resourceNotFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { archives, topicDocuments, topics, type Topic } from '../tables.ts';
import { checkTopicPolicy, topicAttribute } from './attribute-rules.ts';
import { deleteDocument, putDocument } from './documents.ts';
import { lookUp, requireFound, requireTopic } from './lookup.ts';
import { defaultPolicy, topicArn } from './topic.ts';

export const GetTopicAttributes: Operation<'GetTopicAttributes'> = async (request, input) => {
  const topic = await requireFound(request, input.TopicArn);
  const stored = new Map(topic.attributes);
  return {
    Attributes: {
      Policy: await policyText(request, topic),
      Owner: topic.account,
      SubscriptionsPending: String(topic.pending),
      TopicArn: topicArn(topic),
      EffectiveDeliveryPolicy: effectiveDeliveryPolicy(stored.get('DeliveryPolicy')),
      SubscriptionsConfirmed: String(topic.confirmed),
      DisplayName: '',
      SubscriptionsDeleted: String(topic.deleted),
      ...(topic.fifo && { FifoTopic: 'true', ContentBasedDeduplication: 'false' }),
      ...(await beginningOfArchive(request, topic)),
      ...Object.fromEntries(stored),
    },
  };
};

/** The moment from which on a replay finds everything. */
async function beginningOfArchive({ store, now }: ServiceRequest, topic: Topic): Promise<{ BeginningArchiveTime?: string }> {
  const kept = archiveMilliseconds(topic);
  const archive = kept === undefined ? undefined : await store.read((tx) => archives.get(tx, topic.id));
  return archive ? { BeginningArchiveTime: new Date(Math.max(archive.since, now - kept!)).toISOString() } : {};
}

async function policyText({ store }: ServiceRequest, topic: Topic): Promise<string> {
  if (topic.policy === undefined) return defaultPolicy(topic);
  const document = await store.read((tx) => topicDocuments.get(tx, topic.id, 'policy'));
  return document?.text ?? defaultPolicy(topic);
}

export const SetTopicAttributes: Operation<'SetTopicAttributes'> = async (request, input) => {
  const { AttributeName: name, AttributeValue: value = '' } = input;
  const topic = await requireFound(request, input.TopicArn);
  if (name === 'FifoTopic') throw invalidParameter('AttributeName');
  if (name === 'Policy') {
    if (value !== '') checkTopicPolicy(value);
    await setPolicy(request, topic, () => value);
    return {};
  }
  const stored = topicAttribute(name, value, topic.fifo);
  await request.store.write(async (tx) => {
    const present = await requireTopic(tx, topic);
    const others = present.attributes.filter(([other]) => other !== name);
    await topics.put(tx, { ...present, attributes: stored === undefined ? others : [...others, [name, stored]] });
    if (name !== 'ArchivePolicy') return;
    if (stored === undefined) await endArchive(tx, present.id);
    else await keepArchive(tx, present, request.now);
  });
  return {};
};

/** Replaces the policy by what `change` makes of it; an empty text brings the default back. */
async function setPolicy(request: ServiceRequest, name: Topic, change: (text: string) => string): Promise<void> {
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const topic = { ...(await requireTopic(tx, name)) };
    const present = topic.policy === undefined ? undefined : (await topicDocuments.get(tx, topic.id, 'policy'))?.text;
    const text = change(present ?? defaultPolicy(topic));
    if (text === '') await deleteDocument(tx, topic, 'policy');
    else await putDocument(tx, topic, 'policy', revision, text);
    await topics.put(tx, topic);
  });
}

type PolicyJson = { Statement: { Sid?: string }[] | { Sid?: string } };
const statementsOf = ({ Statement }: PolicyJson): { Sid?: string }[] => (Array.isArray(Statement) ? Statement : [Statement]);

/** What a topic's owner may grant others: https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
const grantable: ReadonlySet<string> = new Set([
  ...['*', 'Publish', 'Subscribe', 'Receive', 'AddPermission', 'RemovePermission', 'DeleteTopic'],
  ...['GetTopicAttributes', 'SetTopicAttributes', 'ListSubscriptionsByTopic'],
]);

const oneOrMany = (list: readonly string[]): string | readonly string[] => (list.length === 1 ? list[0]! : list);

/** https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
export const AddPermission: Operation<'AddPermission'> = async (request, input) => {
  const topic = await requireFound(request, input.TopicArn);
  if (input.Label === '' || input.Label.length > 80) throw invalidParameter('Label');
  for (const account of input.AWSAccountId) if (!/^\d{12}$/.test(account)) throw invalidParameter('AWSAccountId');
  for (const action of input.ActionName)
    if (!grantable.has(action)) throw invalidParameter('Policy statement action out of service scope!');
  const statement = {
    Sid: input.Label,
    Effect: 'Allow',
    Principal: { AWS: oneOrMany(input.AWSAccountId.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrMany(input.ActionName.map((action) => `SNS:${action}`)),
    Resource: topicArn(topic),
  };
  await setPolicy(request, topic, (text) => {
    const policy = JSON.parse(text) as PolicyJson;
    const statements = statementsOf(policy);
    if (statements.some(({ Sid }) => Sid === input.Label)) throw invalidParameter('Statement already exists');
    const changed = JSON.stringify({ ...policy, Statement: [...statements, statement] });
    checkTopicPolicy(changed);
    return changed;
  });
  return {};
};

export const RemovePermission: Operation<'RemovePermission'> = async (request, input) => {
  const topic = await requireFound(request, input.TopicArn);
  await setPolicy(request, topic, (text) => {
    const policy = JSON.parse(text) as PolicyJson;
    const left = statementsOf(policy).filter(({ Sid }) => Sid !== input.Label);
    return left.length === 0 ? '' : JSON.stringify({ ...policy, Statement: left });
  });
  return {};
};

export const PutDataProtectionPolicy: Operation<'PutDataProtectionPolicy'> = async (request, input) => {
  const { topic: found } = await lookUp(request, input.ResourceArn, 'ResourceArn');
  if (!found) throw resourceNotFound();
  if (found.fifo) throw invalidParameter('DataProtectionPolicy Reason: FIFO topics take no data protection policy');
  if (input.DataProtectionPolicy !== '') readProtection(input.DataProtectionPolicy);
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const topic = { ...(await requireTopic(tx, found)) };
    if (input.DataProtectionPolicy === '') await deleteDocument(tx, topic, 'dataProtection');
    else await putDocument(tx, topic, 'dataProtection', revision, input.DataProtectionPolicy);
    await topics.put(tx, topic);
  });
  return {};
};

export const GetDataProtectionPolicy: Operation<'GetDataProtectionPolicy'> = async (request, input) => {
  const { topic } = await lookUp(request, input.ResourceArn, 'ResourceArn');
  if (!topic) throw resourceNotFound();
  const document = await request.store.read((tx) => topicDocuments.get(tx, topic.id, 'dataProtection'));
  return { DataProtectionPolicy: document?.text ?? '' };
};
