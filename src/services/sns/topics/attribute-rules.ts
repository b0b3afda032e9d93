/** Which attributes a topic takes, and which values fit them. */

import { notImplemented } from '../../../framework/aws-error.ts';
import { MalformedPolicy, parsePolicy } from '../../../framework/policy/parse.ts';
import { checkArchivePolicy } from '../archive/policy.ts';
import { checkDeliveryPolicy } from '../deliveries/delivery-policy.ts';
import { invalidParameter } from '../errors.ts';
import { FEEDBACK } from '../reports/delivery-status.ts';
import { displayNameCharactersMax, policyBytesMax } from '../limits.ts';

const ROLE = /^arn:[^:]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const isBoolean = (value: string): boolean => /^(true|false)$/i.test(value);

/** The stored form of an attribute's value; undefined takes it away. Throws InvalidParameter or NotImplemented. */
export function topicAttribute(name: string, value: string, fifo: boolean): string | undefined {
  const refuse = (): never => {
    throw invalidParameter(`Attributes Reason: ${name}: Invalid value [${value.slice(0, 100)}]`);
  };
  if (FEEDBACK.test(name)) return feedback(name, value, refuse);
  switch (name) {
    case 'DisplayName':
      if (value.length > displayNameCharactersMax || /[\0-\x1f]/.test(value)) throw invalidParameter('DisplayName');
      return value === '' ? undefined : value;
    case 'DeliveryPolicy':
      return value === '' ? undefined : checkDeliveryPolicy(value, 'topic');
    case 'SignatureVersion':
      return value === '1' || value === '2' ? value : refuse();
    case 'TracingConfig':
      if (value === 'Active') throw notImplemented('sns topics with TracingConfig Active');
      return value === 'PassThrough' ? value : refuse();
    case 'KmsMasterKeyId':
      if (value.length > 2048 || /\s/.test(value)) return refuse();
      return value === '' ? undefined : value;
    case 'ContentBasedDeduplication':
      if (!fifo) throw invalidParameter('Attributes Reason: Content-based deduplication can only be set for FIFO topics');
      return isBoolean(value) ? value.toLowerCase() : refuse();
    case 'FifoThroughputScope':
      if (!fifo) throw invalidParameter('Attributes Reason: FifoThroughputScope can only be set for FIFO topics');
      return value === 'Topic' || value === 'MessageGroup' ? value : refuse();
    case 'ArchivePolicy':
      if (!fifo) throw invalidParameter('Attributes Reason: ArchivePolicy can only be set for FIFO topics');
      return checkArchivePolicy(value);
    default:
      throw invalidParameter('AttributeName');
  }
}

function feedback(name: string, value: string, refuse: () => never): string | undefined {
  if (name.endsWith('SampleRate')) return /^(100|\d{1,2})$/.test(value) ? value : refuse();
  if (value === '') return undefined;
  return ROLE.test(value) ? value : refuse();
}

/** Throws InvalidParameter unless the text may be a topic's policy. */
export function checkTopicPolicy(text: string): void {
  if (Buffer.byteLength(text) > policyBytesMax) throw invalidParameter('Policy Reason: Policy is too long');
  try {
    const { statements } = parsePolicy(text, 'resource');
    const actions = statements.flatMap((statement) => statement.actions ?? statement.notActions ?? []);
    if (actions.some((action) => action !== '*' && !/^sns:/i.test(action)))
      throw invalidParameter('Policy statement action out of service scope!');
  } catch (error) {
    if (error instanceof MalformedPolicy) throw invalidParameter(`Policy Error: ${error.message}`);
    throw error;
  }
}
