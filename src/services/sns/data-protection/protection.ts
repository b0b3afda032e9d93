/** Data protection policies: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { Store } from '../../../store/store.ts';
import { invalidParameter } from '../errors.ts';
import { isObject, parseObject } from '../json.ts';
import { policyBytesMax } from '../limits.ts';
import type { Contents } from '../messages/contents.ts';
import { principalOf } from '../subscriptions/subscription.ts';
import { topicDocuments, type Subscription, type Topic } from '../tables.ts';
import { findSensitive, isIdentifier, type Finding } from './identifiers.ts';

export type Destination = { logGroup?: string; deliveryStream?: string; bucket?: string };
export type Audit = { kind: 'audit'; ratePercent: number; found: Destination; notFound: Destination };
type Operation = { kind: 'deny' } | { kind: 'mask'; character: string } | { kind: 'redact' } | Audit;
export type Statement = {
  direction: 'Inbound' | 'Outbound';
  /** ARNs of callers, or of the owners of subscriptions; `*` for all. */
  principals: string[];
  identifiers: string[];
  operation: Operation;
};
export type Protection = readonly Statement[];

const refuse = (reason: string) => invalidParameter(`DataProtectionPolicy Reason: ${reason}`);
const IDENTIFIER = /^arn:aws:dataprotection:[a-z0-9-]*:(?:aws)?:data-identifier\/([A-Za-z0-9-]{1,100})$/;

/** The statements of a policy. Throws InvalidParameter, or NotImplemented for identifiers that no pattern tells. */
export function readProtection(text: string): Protection {
  if (Buffer.byteLength(text) > policyBytesMax) throw refuse('The policy is too long');
  const policy = parseObject(text);
  if (!policy) throw refuse('Invalid JSON');
  if (policy['Version'] !== undefined && policy['Version'] !== '2021-06-01') throw refuse('Version must be 2021-06-01');
  if (policy['Configuration'] !== undefined) throw notImplemented('sns data protection policies with custom data identifiers');
  if (!Array.isArray(policy['Statement'])) throw refuse('Statement is missing');
  const statements = policy['Statement'].map(readStatement);
  if (statements.filter(({ operation }) => operation.kind === 'audit').length > 1) throw refuse('Only one audit statement is allowed');
  return statements;
}

function readStatement(given: unknown): Statement {
  if (!isObject(given)) throw refuse('A statement must be an object');
  const { DataDirection: direction, Principal, DataIdentifier } = given;
  if (direction !== 'Inbound' && direction !== 'Outbound') throw refuse('DataDirection must be Inbound or Outbound');
  const principals = texts(Principal);
  if (principals.length === 0) throw refuse('Principal must name principals, or *');
  const identifiers = texts(DataIdentifier).map((one) => {
    const name = IDENTIFIER.exec(one)?.[1];
    if (name === undefined) throw refuse(`${one.slice(0, 100)} is not a data identifier`);
    if (!isIdentifier(name)) throw notImplemented(`sns data protection with the identifier ${name}`);
    return name;
  });
  if (identifiers.length === 0) throw refuse('DataIdentifier must name data identifiers');
  const operation = readOperation(given['Operation']);
  if (operation.kind === 'audit' && direction === 'Outbound') throw refuse('Audit is for inbound messages');
  return { direction, principals, identifiers, operation };
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter((one): one is string => typeof one === 'string');

function readOperation(given: unknown): Operation {
  const entries = isObject(given) ? Object.entries(given) : [];
  const [name, value] = entries[0] ?? [];
  if (entries.length !== 1 || !isObject(value)) throw refuse('Operation must be one of Audit, Deidentify and Deny');
  if (name === 'Deny') return { kind: 'deny' };
  if (name === 'Deidentify') {
    if (isObject(value['RedactConfig'])) return { kind: 'redact' };
    if (!isObject(value['MaskConfig'])) throw refuse('Deidentify takes MaskConfig or RedactConfig');
    const character = value['MaskConfig']['MaskWithCharacter'] ?? '#';
    if (typeof character !== 'string' || !/^[\x20-\x7e]$/.test(character)) throw refuse('MaskWithCharacter must be one character');
    return { kind: 'mask', character };
  }
  if (name !== 'Audit') throw refuse(`Operation ${String(name).slice(0, 100)} is not known`);
  const ratePercent = Number(value['SampleRate']);
  if (!Number.isInteger(ratePercent) || ratePercent < 0 || ratePercent > 99) throw refuse('SampleRate must be an integer from 0 to 99');
  return {
    ...{ kind: 'audit', ratePercent },
    ...{ found: readDestination(value['FindingsDestination']), notFound: readDestination(value['NoFindingsDestination']) },
  };
}

function readDestination(given: unknown): Destination {
  if (given === undefined) return {};
  if (!isObject(given)) throw refuse('A destination must be an object');
  const of = (service: string, member: string): string | undefined => {
    const value = isObject(given[service]) ? given[service][member] : undefined;
    if (given[service] !== undefined && typeof value !== 'string') throw refuse(`${service} must name a ${member}`);
    return value as string | undefined;
  };
  const [logGroup, deliveryStream, bucket] = [of('CloudWatchLogs', 'LogGroup'), of('Firehose', 'DeliveryStream'), of('S3', 'Bucket')];
  if (logGroup !== undefined && !logGroup.startsWith('/aws/vendedlogs/')) throw refuse('LogGroup must begin with /aws/vendedlogs/');
  return {
    ...(logGroup !== undefined && { logGroup }),
    ...(deliveryStream !== undefined && { deliveryStream }),
    ...(bucket !== undefined && { bucket }),
  };
}

/** By revision, which the topic's record names. */
const read = new Map<string, Protection>();
const readMax = 1000;

/** The policy of a topic; undefined for most. */
export async function protectionOf(store: Store, { id, dataProtection }: Topic): Promise<Protection | undefined> {
  if (dataProtection === undefined) return undefined;
  const known = read.get(dataProtection);
  if (known) return known;
  const document = await store.read((tx) => topicDocuments.get(tx, id, 'dataProtection'));
  if (!document) throw new Error(`the data protection policy of topic ${id} is missing`);
  const protection = readProtection(document.text);
  keepNewest(read, readMax, document.revision, protection);
  return protection;
}

const concerns = ({ direction, principals }: Statement, way: Statement['direction'], names: readonly string[]): boolean =>
  direction === way && principals.some((one) => one === '*' || names.includes(one));

/** What becomes of a text on its way in or out; undefined: it may not pass. `names` are the ARNs of whom it comes from or goes to. */
export function guarded(protection: Protection, way: Statement['direction'], names: readonly string[], text: string): string | undefined {
  let passed = text;
  for (const statement of protection.filter((one) => concerns(one, way, names))) {
    const { operation, identifiers } = statement;
    if (operation.kind === 'audit') continue;
    if (operation.kind === 'deny') {
      if (findSensitive(text, identifiers).length > 0) return undefined;
      continue;
    }
    passed = without(passed, findSensitive(passed, identifiers), operation.kind === 'mask' ? operation.character : '');
  }
  return passed;
}

/** Findings may overlap: each character is replaced once. */
function without(text: string, findings: readonly Finding[], character: string): string {
  let result = '';
  let at = 0;
  for (const { start, end } of findings) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    result += text.slice(at, from) + character.repeat(end - from);
    at = end;
  }
  return result + text.slice(at);
}

/** The audit that an incoming message falls under, and what it finds. */
export function audited(protection: Protection, names: readonly string[], text: string): { audit: Audit; findings: Finding[] } | undefined {
  for (const statement of protection) {
    if (statement.operation.kind !== 'audit' || !concerns(statement, 'Inbound', names)) continue;
    return { audit: statement.operation, findings: findSensitive(text, statement.identifiers) };
  }
  return undefined;
}

/** A message as one subscriber may get it; undefined: not at all. */
export function outgoing(protection: Protection, subscription: Subscription, contents: Contents): Contents | undefined {
  const names = [principalOf(subscription), `arn:aws:iam::${subscription.owner}:root`, subscription.owner];
  const message = guarded(protection, 'Outbound', names, contents.message);
  if (message === undefined) return undefined;
  return message === contents.message ? contents : { ...contents, message };
}
