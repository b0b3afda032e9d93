/** What a message says: checked when it is published, kept as JSON in the record or in a blob. */

import { createHash } from 'node:crypto';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { Random } from '../../../framework/random.ts';
import { openBytes, sealBytes } from '../../../framework/sealed-bytes.ts';
import type { BlobStore, Staged } from '../../../store/blob-store.ts';
import type { Store } from '../../../store/store.ts';
import type { AwsError } from '../../../framework/aws-error.ts';
import { invalidParameter, invalidValue } from '../errors.ts';
import { parseObject } from '../json.ts';
import { inlineCharactersMax, messageBytesMax, smsCharactersMax, subjectCharactersMax } from '../limits.ts';
import type { Stored, Topic } from '../tables.ts';

const service = 'sns';

export type Attribute = { type: string; /** Base64 where the type is Binary. */ value: string };

export type Contents = {
  message: string;
  subject?: string;
  /** The message is JSON with a text for each protocol. */
  byProtocol?: true;
  attributes?: [name: string, attribute: Attribute][];
  group?: string;
  deduplication?: string;
  /** Of the call that published it, for AWS X-Ray. */
  trace?: string;
  /** Of a confirmation. */
  token?: string;
};

type Published = {
  Message?: string | undefined;
  Subject?: string | undefined;
  MessageStructure?: string | undefined;
  MessageAttributes?:
    | Record<string, { DataType?: string | undefined; StringValue?: string | undefined; BinaryValue?: Uint8Array | undefined }>
    | undefined;
  MessageGroupId?: string | undefined;
  MessageDeduplicationId?: string | undefined;
};

/** Bytes that count against the limit come along. Throws InvalidParameter. */
export function readContents(
  input: Published,
  to: Pick<Topic, 'fifo' | 'attributes'> | 'phone' | 'endpoint',
  tooLong: () => AwsError = () => invalidParameter('Message too long'),
): { contents: Contents; bytes: number } {
  const message = input.Message ?? '';
  if (message === '') throw invalidParameter('Empty message');
  const contents: Contents = { message };
  if (input.Subject !== undefined) contents.subject = checkSubject(input.Subject);
  if (input.MessageStructure !== undefined) {
    if (input.MessageStructure !== 'json') throw invalidParameter('Message Structure');
    checkByProtocol(message);
    contents.byProtocol = true;
  }
  const attributes = readAttributes(input.MessageAttributes);
  if (attributes.length > 0) contents.attributes = attributes;
  let bytes = Buffer.byteLength(message);
  for (const [name, { type, value }] of attributes) bytes += Buffer.byteLength(name) + type.length + Buffer.byteLength(value);
  if (bytes > messageBytesMax) throw tooLong();
  if (typeof to === 'string') {
    if (to === 'phone' && message.length > smsCharactersMax) throw invalidParameter('Message too long');
    return { contents, bytes };
  }
  readGroup(input, to, contents);
  return { contents, bytes };
}

function checkSubject(subject: string): string {
  const printable = subject.length > 0 && subject.length <= subjectCharactersMax && !/[\0-\x1f\x7f]/.test(subject);
  if (!printable || /^\s/.test(subject)) throw invalidParameter('Subject');
  return subject;
}

function checkByProtocol(message: string): void {
  const texts = parseObject(message);
  if (!texts) throw invalidParameter('Message Structure - JSON message body failed to parse');
  if (typeof texts['default'] !== 'string') throw invalidParameter('Message Structure - No default entry in JSON message body');
}

const ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

function readGroup(input: Published, { fifo, attributes }: Pick<Topic, 'fifo' | 'attributes'>, contents: Contents): void {
  const { MessageGroupId: group, MessageDeduplicationId: deduplication } = input;
  if (group !== undefined && !ID.test(group)) throw invalidParameter('MessageGroupId');
  if (deduplication !== undefined && !ID.test(deduplication)) throw invalidParameter('MessageDeduplicationId');
  if (group !== undefined) contents.group = group;
  if (!fifo) {
    if (deduplication === undefined) return;
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (group === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  const byContent = attributes.some(([name, value]) => name === 'ContentBasedDeduplication' && value === 'true');
  if (deduplication === undefined && !byContent)
    throw invalidParameter('The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
  contents.deduplication = deduplication ?? createHash('sha256').update(contents.message).digest('hex');
}

/** AWS's own names are for senders of text messages and pushes: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html */
const isReserved = (name: string): boolean =>
  /^(aws|amazon)\./i.test(name) && !/^AWS\.(SNS\.(SMS|MOBILE)|MM\.SMS)\.[A-Za-z0-9_.]+$/.test(name);

function readAttributes(given: Published['MessageAttributes']): [string, Attribute][] {
  return Object.entries(given ?? {}).map(([name, { DataType: type = '', StringValue: text, BinaryValue: bytes }]) => {
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^\.|\.$|\.\./.test(name) || isReserved(name))
      throw invalidValue(`Invalid message attribute name '${name.slice(0, 100)}'.`);
    if (type === '') throw invalidValue(`The message attribute '${name}' must contain non-empty message attribute type.`);
    if (!/^(String|Number|Binary)(\.[^\0-\x1f]{1,249})?$/.test(type))
      throw invalidValue(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    const value = type.startsWith('Binary') ? bytes && Buffer.from(bytes).toString('base64') : text;
    if (value === undefined || value === '')
      throw invalidValue(
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
      );
    if (type.startsWith('Number') && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value))
      throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
    return [name, { type, value }];
  });
}

/** The text that subscribers of one protocol get. */
export function textFor({ message, byProtocol }: Contents, protocol: string): string {
  if (!byProtocol) return message;
  const texts = parseObject(message) ?? {};
  const own = Object.hasOwn(texts, protocol) ? texts[protocol] : undefined;
  return typeof own === 'string' ? own : String(texts['default']);
}

type Means = { blobs: BlobStore; store: Store; random: Random };

/**
 * Contents as they are kept: under the cloud's own key where the topic has one of KMS, since they are carried out by the cloud and not by
 * one whom KMS could ask. In a blob where they are long, which nobody owns yet.
 */
export async function stageContents(
  means: Means,
  contents: Contents,
  { encrypted }: { encrypted: boolean },
): Promise<{ stored: Stored; staged?: Staged }> {
  const text = JSON.stringify(contents);
  const sealed = encrypted ? sealBytes(await cloudKey(means, service), text, means.random) : undefined;
  const mark = sealed && ({ sealed: true } as const);
  if (text.length <= inlineCharactersMax) return { stored: { text: sealed?.toString('base64') ?? text, ...mark } };
  const staged = await means.blobs.stage(sealed ?? Buffer.from(text));
  return { stored: { blob: staged.ref, ...mark }, staged };
}

export async function loadContents(means: Means, stored: Stored): Promise<Contents> {
  const bytes = 'text' in stored ? Buffer.from(stored.text, stored.sealed ? 'base64' : 'utf8') : await means.blobs.bytes(stored.blob);
  return JSON.parse((stored.sealed ? openBytes(await cloudKey(means, service), bytes) : bytes).toString('utf8')) as Contents;
}
