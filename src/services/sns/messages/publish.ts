/** Publishing: the message and its fan-out are one record, written in one transaction; the fan-out makes it true. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { Letter } from '../../../framework/mailbox.ts';
import { traceOfCall } from '../../../framework/call-trace.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import { archiveMessage } from '../archive/archive.ts';
import { archiveMilliseconds } from '../archive/policy.ts';
import { admit } from '../data-protection/incoming.ts';
import { batchTooLong, emptyBatch, idsNotDistinct, invalidEntryId, invalidParameter, tooManyEntries, topicNotFound } from '../errors.ts';
import { batchEntriesMax, entryIdCharactersMax, deduplicationMilliseconds, messageBytesMax } from '../limits.ts';
import { pushToEndpoint } from '../platform-applications/operations.ts';
import { endpointOfArn } from '../platform-applications/platform.ts';
import type { Input, Operation } from '../sdk.ts';
import { partDollars, sendText } from '../sms/sending.ts';
import { deduplications, notes, publications, sequences, type Note, type Publication, type Topic } from '../tables.ts';
import { isEncrypted, requireSealing } from '../topics/encryption.ts';
import { checkOn, findTopic, lookUp } from '../topics/lookup.ts';
import { readContents, stageContents, type Contents } from './contents.ts';
import { requireRate } from './throughput.ts';

type Draft = { publication: Publication; contents: Contents; staged?: Staged; audit?: Note };
type Admitted = Pick<Draft, 'contents' | 'audit'>;
type Sent = { id: string; sequence?: string };

export async function onPublish(request: ServiceRequest, input: Input<'Publish'>): Promise<Check[]> {
  if (input.PhoneNumber !== undefined) return [{ action: 'sns:Publish', resource: '*' }];
  const arn = targetOf(input);
  const endpoint = endpointOfArn(arn);
  if (endpoint) return [{ action: 'sns:Publish', resource: arn, resourceAccount: endpoint.account }];
  return [checkOn(await lookUp(request, arn), 'sns:Publish')];
}

export async function onPublishBatch(request: ServiceRequest, input: Input<'PublishBatch'>): Promise<Check[]> {
  return [checkOn(await lookUp(request, input.TopicArn), 'sns:Publish')];
}

function targetOf({ TopicArn, TargetArn, PhoneNumber }: Input<'Publish'>): string {
  const given = [TopicArn, TargetArn, PhoneNumber].filter((one) => one !== undefined);
  if (given.length === 0) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  if (given.length > 1) throw invalidParameter('TopicArn Reason: only one of TopicArn, TargetArn and PhoneNumber may be given');
  return given[0]!;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const Publish: Operation<'Publish'> = async (request, input) => {
  if (input.PhoneNumber !== undefined) return publishToPhone(request, input);
  const arn = targetOf(input);
  const endpoint = endpointOfArn(arn);
  if (endpoint) return { MessageId: await pushToEndpoint(request, endpoint, () => readContents(input, 'endpoint').contents) };
  const { topic } = await lookUp(request, arn);
  if (!topic) throw topicNotFound();
  requireRate(request, topic, [input.MessageGroupId]);
  await requireSealing(request, topic);
  const { contents } = readContents(input, topic);
  traceFrom(request, contents);
  const [sent] = await publishAll(request, topic, [await admit(request, topic, contents)]);
  return { MessageId: sent!.id, ...(sent!.sequence !== undefined && { SequenceNumber: sent!.sequence }) };
};

/** The trace of a call goes on with its messages: https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html */
function traceFrom(request: ServiceRequest, contents: Contents): void {
  const trace = traceOfCall(request);
  if (trace !== undefined) contents.trace = trace;
}

async function publishToPhone(request: ServiceRequest, input: Input<'Publish'>) {
  const phone = input.PhoneNumber!.replaceAll(/[\s().-]/g, '');
  if (!/^\+[1-9]\d{3,14}$/.test(phone)) throw invalidParameter(`PhoneNumber Reason: ${input.PhoneNumber} is not valid to publish to`);
  const { contents } = readContents(input, 'phone');
  const id = request.random.uuid();
  const letter: Letter = {
    ...{ id, at: request.now, account: request.account, region: request.region, service: 'sns', kind: 'sms' },
    ...{ to: phone, subject: '', body: contents.message },
  };
  const parts = await request.store.write((tx) => sendText(tx, request, { letter, contents, at: request.now }));
  if (parts > 0) request.use({ usageType: 'SMS-Messages', quantity: parts, unit: 'Count', rate: partDollars(phone) });
  return { MessageId: id };
}

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
export const PublishBatch: Operation<'PublishBatch'> = async (request, input) => {
  const { topic } = await lookUp(request, input.TopicArn);
  if (!topic) throw topicNotFound();
  const entries = input.PublishBatchRequestEntries ?? [];
  checkEntries(entries);
  const groups = entries.map(({ MessageGroupId }) => MessageGroupId);
  requireRate(request, topic, groups);
  await requireSealing(request, topic);
  const accepted: { id: string; admitted: Admitted }[] = [];
  const failed: { Id: string; Code: string; Message: string; SenderFault: boolean }[] = [];
  let total = 0;
  for (const entry of entries) {
    // What is wrong with one message is an answer to the whole batch.
    const { contents, bytes } = readContents(entry, topic, batchTooLong);
    total += bytes;
    traceFrom(request, contents);
    try {
      accepted.push({ id: entry.Id!, admitted: await admit(request, topic, contents) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({ Id: entry.Id!, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  if (total > messageBytesMax) throw batchTooLong();
  const all = accepted.map(({ admitted }) => admitted);
  const sent = all.length > 0 ? await publishAll(request, topic, all) : [];
  return {
    Successful: accepted.map(({ id }, i) => ({
      Id: id,
      MessageId: sent[i]!.id,
      ...(sent[i]!.sequence !== undefined && { SequenceNumber: sent[i]!.sequence }),
    })),
    Failed: failed,
  };
};

function checkEntries(entries: readonly { Id?: string | undefined }[]): void {
  if (entries.length === 0) throw emptyBatch();
  if (entries.length > batchEntriesMax) throw tooManyEntries();
  for (const { Id: id = '' } of entries) if (!/^[A-Za-z0-9_-]+$/.test(id) || id.length > entryIdCharactersMax) throw invalidEntryId(id);
  if (new Set(entries.map(({ Id }) => Id)).size !== entries.length) throw idsNotDistinct();
}

/** All messages of a call, in one transaction. Long contents are on disk before it. */
async function publishAll(request: ServiceRequest, topic: Topic, all: readonly Admitted[]): Promise<Sent[]> {
  const drafts = await Promise.all(all.map((admitted) => draft(request, topic, admitted)));
  const kept = new Set<Draft>();
  try {
    return await request.store.write(async (tx) => {
      kept.clear();
      const present = topic.fifo ? await findTopic(tx, topic) : topic;
      if (present?.id !== topic.id) throw topicNotFound();
      const sent: Sent[] = [];
      for (const one of drafts) {
        const repeated = topic.fifo ? await placeInOrder(tx, request, topic, one) : undefined;
        if (!repeated) {
          kept.add(one);
          if (one.staged) await request.blobs.adopt(tx, one.staged);
          await publications.put(tx, one.publication);
          if (one.audit) await notes.put(tx, one.audit);
          if (present.fifo && archiveMilliseconds(present) !== undefined) await archiveMessage(tx, request.blobs, one.publication);
        }
        sent.push(repeated ?? one.publication);
      }
      return sent.map(({ id, sequence }) => ({ id, ...(sequence !== undefined && { sequence }) }));
    });
  } catch (error) {
    kept.clear();
    throw error;
  } finally {
    for (const one of drafts) if (one.staged && !kept.has(one)) await request.blobs.discard(one.staged);
  }
}

async function draft(request: ServiceRequest, topic: Topic, { contents, audit }: Admitted): Promise<Draft> {
  const { stored, staged } = await stageContents(request, contents, { encrypted: isEncrypted(topic) });
  const id = request.random.uuid();
  const publication: Publication = {
    topic: topic.id,
    topicName: { account: topic.account, region: topic.region, name: topic.name },
    order: `${String(request.now).padStart(15, '0')}-${id}`,
    ...{ id, at: request.now, base: `${request.endpoint.scheme}://${request.endpoint.host}` },
    contents: stored,
  };
  return { publication, contents, ...(staged && { staged }), ...(audit && { audit }) };
}

const FIRST = 10_000_000_000_000_000_000n;

/** Gives a message of a FIFO topic its number; or, when its deduplication id was seen within five minutes, what it was then. */
async function placeInOrder(
  tx: Parameters<typeof publications.put>[0],
  { now }: ServiceRequest,
  topic: Topic,
  { publication, contents }: Draft,
): Promise<Sent | undefined> {
  const byGroup = topic.attributes.some(([name, value]) => name === 'FifoThroughputScope' && value === 'MessageGroup');
  const scope = byGroup ? contents.group! : '';
  const seen = await deduplications.get(tx, topic.id, scope, contents.deduplication!);
  if (seen && seen.until > now) return { id: seen.message, sequence: seen.sequence };
  const last = await sequences.get(tx, topic.id);
  const sequence = String(last ? BigInt(last.last) + 1n : FIRST);
  await sequences.put(tx, { topic: topic.id, last: sequence });
  await deduplications.put(tx, {
    ...{ topic: topic.id, scope, id: contents.deduplication! },
    ...{ message: publication.id, sequence, until: now + deduplicationMilliseconds },
  });
  publication.order = sequence;
  publication.sequence = sequence;
  return undefined;
}
