/** Policies of S3, of buckets and access points: what S3 accepts of them, and which it calls public. */

import { AwsError } from '../aws-error.ts';
import type { Condition, PolicyDocument, Statement } from '../policy/document.ts';
import { parsePolicy } from '../policy/parse.ts';
import { isS3Action } from './policy-actions.ts';

const bytesMax = 20 * 1024;

/** What a resource of a policy names: the bucket or access point itself, its objects, either. */
export type ResourceKind = 'itself' | 'object' | 'any';
/** Tells the kind of a resource; undefined for what is another one's. */
export type KindOf = (resource: string) => ResourceKind | undefined;

export const malformedPolicy = (message: string) => new AwsError('MalformedPolicy', message, { status: 400 });

/** Parses a policy. Throws MalformedPolicy for what S3 does not accept. */
export function checkedPolicy(text: string, kindOf: KindOf): PolicyDocument {
  if (Buffer.byteLength(text) > bytesMax) throw malformedPolicy('Policy exceeds the maximum allowed document size.');
  const document = parseStored(text);
  for (const statement of document.statements) checkStatement(statement, kindOf);
  return document;
}

/** Parses a policy that was checked when it was put. */
export function parseStored(text: string): PolicyDocument {
  return parsePolicy(text, 'resource', { code: 'MalformedPolicy' });
}

function checkStatement(statement: Statement, kindOf: KindOf): void {
  const actions = statement.actions ?? statement.notActions ?? [];
  if (!actions.every(isS3Action)) throw malformedPolicy('Policy has invalid action');
  const kinds = (statement.resources ?? statement.notResources ?? []).map(kindOf);
  if (kinds.includes(undefined)) throw malformedPolicy('Policy has invalid resource');
  if (!statement.actions || !statement.resources) return;
  const fits = (action: string) =>
    action.includes('*') || action.includes('?') || kinds.some((kind) => kind === 'any' || kind === actionKind(action));
  if (!statement.actions.every(fits)) throw malformedPolicy('Action does not apply to any resource(s) in statement');
}

/** The kind of a resource of a policy whose own resource is `itself`, with its objects below `objects`. */
export function resourceKind(itself: string, objects: string, resource: string): ResourceKind | undefined {
  if (resource === '*') return 'any';
  if (resource === itself) return 'itself';
  if (resource.startsWith(objects)) return 'object';
  const wildcard = resource.search(/[*?$]/);
  if (wildcard < 0 || !objects.startsWith(resource.slice(0, Math.min(wildcard, objects.length)))) return undefined;
  return 'any';
}

const objectActions =
  /^s3:(?!.*(Bucket(?!Owner$)|LifecycleConfiguration|ReplicationConfiguration|EncryptionConfiguration|AccelerateConfiguration|InventoryConfiguration|MetricsConfiguration|AnalyticsConfiguration))(AbortMultipartUpload|BypassGovernanceRetention|DeleteObject|GetObject|ListMultipartUploadParts|ListObjectAnnotations|ListObjectVersionAnnotations|ObjectOwnerOverrideToBucketOwner|PutObject|Replicate|RestoreObject|InitiateReplication|UpdateObjectEncryption)/i;

function actionKind(action: string): 'itself' | 'object' {
  return objectActions.test(action) ? 'object' : 'itself';
}

/** Conditions whose fixed values make a policy for everyone not public: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
const narrowing = new Set(
  [
    'aws:SourceIp',
    'aws:SourceArn',
    'aws:SourceVpc',
    'aws:SourceVpce',
    'aws:SourceOwner',
    'aws:SourceAccount',
    'aws:SourceOrgID',
    'aws:SourceOrgPaths',
    'aws:PrincipalArn',
    'aws:PrincipalAccount',
    'aws:PrincipalOrgID',
    'aws:PrincipalOrgPaths',
    'aws:userid',
    'aws:VpcSourceIp',
    's3:x-amz-server-side-encryption-aws-kms-key-id',
    's3:DataAccessPointArn',
    's3:DataAccessPointAccount',
  ].map((key) => key.toLowerCase()),
);

const publicity = new WeakMap<PolicyDocument, boolean>();

/** Whether S3 calls a policy public: whether it allows anything to everyone. */
export function isPublicPolicy(document: PolicyDocument): boolean {
  let known = publicity.get(document);
  if (known === undefined) publicity.set(document, (known = document.statements.some(isPublicStatement)));
  return known;
}

function isPublicStatement(statement: Statement): boolean {
  if (statement.effect !== 'Allow') return false;
  const everyone =
    statement.notPrincipals !== undefined || statement.principals === '*' || (statement.principals?.AWS?.includes('*') ?? false);
  return everyone && !statement.conditions.some(narrows);
}

function narrows(condition: Condition): boolean {
  if (condition.ifExists || condition.quantifier === 'ForAllValues') return false;
  if (!narrowing.has(condition.key.toLowerCase()) || !/^(StringEquals|StringLike|Arn(Equals|Like)|IpAddress)/i.test(condition.operator))
    return false;
  return condition.values.every((value) => isFixed(condition.key.toLowerCase(), value));
}

function isFixed(key: string, value: string): boolean {
  if (value.includes('${')) return false;
  if (key === 'aws:sourceip') return !/\/[0-7]$/.test(value) && value !== '::/0';
  // AWS names this one wildcard form as fixed: all sessions of one role.
  if (key === 'aws:userid') return /^[A-Z0-9]+(:\*)?$/i.test(value) && !value.startsWith('*');
  if (key === 'aws:sourcearn' || key === 'aws:principalarn') return /^arn:[^:*?]+:[^:*?]+:[^:]*:\d{12}:/.test(value);
  return !/[*?]/.test(value);
}

const denials = new WeakMap<PolicyDocument, PolicyDocument>();

/** What is left of a policy that may not allow: what it denies. Kept with the policy, because the engine compiles a document once. */
export function denialsOf(policy: PolicyDocument): PolicyDocument {
  let denying = denials.get(policy);
  if (!denying)
    denials.set(policy, (denying = { ...policy, statements: policy.statements.filter((statement) => statement.effect === 'Deny') }));
  return denying;
}
