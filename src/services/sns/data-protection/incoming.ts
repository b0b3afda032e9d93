/** What a data protection policy does to a message that is published. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { authorizationError } from '../errors.ts';
import type { Contents } from '../messages/contents.ts';
import { notes, type Note, type Topic } from '../tables.ts';
import { topicArn } from '../topics/topic.ts';
import type { Finding } from './identifiers.ts';
import { audited, guarded, protectionOf } from './protection.ts';

/** Whom a statement may mean by its principals. */
function namesOf({ principal }: ServiceRequest): string[] {
  const role = principal.type === 'AssumedRole' ? [principal.roleArn] : [];
  return [principal.arn, ...role, `arn:aws:iam::${principal.account}:root`, principal.account];
}

/** The contents as they go on, and the notes of an audit, to be written with them. Throws AuthorizationError. */
export async function admit(request: ServiceRequest, topic: Topic, contents: Contents): Promise<{ contents: Contents; audit?: Note }> {
  const protection = await protectionOf(request.store, topic);
  if (!protection) return { contents };
  const names = namesOf(request);
  const audit = noteOf(request, topic, audited(protection, names, contents.message));
  const message = guarded(protection, 'Inbound', names, contents.message);
  if (message === undefined) {
    if (audit) await request.store.write((tx) => notes.put(tx, audit));
    throw authorizationError(`The data protection policy of ${topicArn(topic)} denies the message: it contains sensitive data`);
  }
  return { contents: { ...contents, message }, ...(audit && { audit }) };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-operations.html */
function noteOf(request: ServiceRequest, topic: Topic, result: ReturnType<typeof audited>): Note | undefined {
  if (!result || request.random.float() * 100 >= result.audit.ratePercent) return undefined;
  const { audit, findings } = result;
  const destination = findings.length > 0 ? audit.found : audit.notFound;
  if (Object.keys(destination).length === 0) return undefined;
  const record = {
    messageId: request.requestId,
    auditTimestamp: new Date(request.now).toISOString(),
    callerPrincipal: request.principal.arn,
    resourceArn: topicArn(topic),
    dataIdentifiers: [...Map.groupBy(findings, ({ name }) => name)].map(([name, found]) => ({
      ...{ name, count: found.length },
      detections: found.slice(0, 10).map(({ start, end }: Finding) => ({ start, end })),
    })),
  };
  const { account, region } = topic;
  return { id: request.random.uuid(), at: request.now, account, region, topic: topic.name, destination, text: JSON.stringify(record) };
}
