/** Message attributes: their rules, and the MD5 by which clients check them. */

import { hash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { invalidParameter } from '../errors.ts';
import { messageAttributesMax } from '../limits.ts';
import type { Attribute } from '../tables.ts';

// Letters and digits of every script, though the documentation names those of English alone.
const NAME = /^(?!\.)(?!.*\.\.)[\p{L}\p{N}_.-]{1,256}(?<!\.)$/u;
const CONTENT_FAULT = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** True for text that a message may hold: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const isAllowedText = (text: string): boolean => !CONTENT_FAULT.test(text);

/** Checks attributes and gives them in the order of their names, which is the order of their MD5. */
export function readMessageAttributes(values: Readonly<Record<string, MessageAttributeValue>> | undefined): Attribute[] {
  if (values === undefined) return [];
  const names = Object.keys(values).sort();
  if (names.length > messageAttributesMax)
    throw invalidParameter(`Number of message attributes [${names.length}] exceeds the allowed maximum [${messageAttributesMax}].`);
  return names.map((name) => readAttribute(name, values[name]!));
}

function readAttribute(name: string, value: MessageAttributeValue): Attribute {
  if (!NAME.test(name) || /^(aws|amazon)\./i.test(name))
    throw invalidParameter(
      `Message (user) attribute name '${name}' is invalid: it may contain letters, digits, hyphens, underscores and single periods, and must not begin with AWS. or Amazon.`,
    );
  const type = value.DataType ?? '';
  if (type === '') throw invalidParameter(`The message attribute '${name}' must contain a non-empty message attribute type.`);
  const [kind] = type.split('.', 1);
  if ((kind !== 'String' && kind !== 'Number' && kind !== 'Binary') || type.length > 256)
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  if ((value.StringListValues?.length ?? 0) > 0 || (value.BinaryListValues?.length ?? 0) > 0)
    throw invalidParameter('Message attribute list values in SendMessage operation are not supported.');
  if (kind === 'Binary') {
    if (!value.BinaryValue?.length) throw emptyValue(name, kind);
    return [name, type, Buffer.from(value.BinaryValue).toString('base64')];
  }
  const text = value.StringValue ?? '';
  if (text === '') throw emptyValue(name, kind);
  if (!isAllowedText(text))
    throw invalidParameter(`Invalid non-printable or control character in the value of message attribute '${name}'.`);
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  return [name, type, text];
}

const emptyValue = (name: string, kind: string) =>
  invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);

const isBinary = (type: string): boolean => type.startsWith('Binary');

export function attributeBytes([name, type, value]: Attribute): number {
  const bytes = isBinary(type) ? Buffer.byteLength(value, 'base64') : Buffer.byteLength(value);
  return Buffer.byteLength(name) + Buffer.byteLength(type) + bytes;
}

/** The bytes of an attribute as it was given, valid or not. */
export function givenBytes(
  name: string,
  { DataType: type = '', StringValue: text = '', BinaryValue: bytes }: MessageAttributeValue,
): number {
  return Buffer.byteLength(name) + Buffer.byteLength(type) + (bytes?.byteLength ?? Buffer.byteLength(text));
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation */
export function attributesMd5(attributes: readonly Attribute[]): string {
  const parts: Buffer[] = [];
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  };
  for (const [name, type, value] of attributes) {
    add(Buffer.from(name));
    add(Buffer.from(type));
    parts.push(Buffer.of(isBinary(type) ? 2 : 1));
    add(Buffer.from(value, isBinary(type) ? 'base64' : 'utf8'));
  }
  return hash('md5', Buffer.concat(parts));
}

/** Attributes as a caller reads them. */
export function wireAttributes(attributes: readonly Attribute[]): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    attributes.map(([name, type, value]) => [
      name,
      isBinary(type) ? { BinaryValue: Buffer.from(value, 'base64'), DataType: type } : { StringValue: value, DataType: type },
    ]),
  );
}

/** The attributes that a receive asks for: `All`, `.*` or `*`, a name, or the beginning of names as `foo.*`. */
export function chosenAttributes(attributes: readonly Attribute[], names: readonly string[]): readonly Attribute[] {
  if (names.some((name) => name === 'All' || name === '.*' || name === '*')) return attributes;
  const fits = (name: string): boolean =>
    names.some((wanted) => wanted === name || (wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2))));
  return attributes.filter(([name]) => fits(name));
}
