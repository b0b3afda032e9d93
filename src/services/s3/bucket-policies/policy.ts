/** Bucket policies: what S3 accepts, which it calls public, and the parsed ones that were used of late. */

import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { Condition, PolicyDocument, Statement } from '../../../framework/policy/document.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { malformedPolicy } from '../errors.ts';
import { bucketPolicyBytesMax } from '../limits.ts';
import type { BucketPolicy } from '../tables.ts';
import { isS3Action } from './actions.ts';

/** By revision, which the bucket's record names: so a policy that another process replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

export function cachedPolicy(revision: string): PolicyDocument | undefined {
  return parsed.get(revision);
}

export function rememberPolicy(policy: BucketPolicy): PolicyDocument {
  const document = parsePolicy(policy.text, 'resource', { code: 'MalformedPolicy' });
  if (parsed.size >= parsedMax) parsed.delete(parsed.keys().next().value!);
  parsed.set(policy.revision, document);
  return document;
}

/** Parses a policy for a bucket. Throws MalformedPolicy. */
export function checkedPolicy(bucket: string, text: string): PolicyDocument {
  if (Buffer.byteLength(text) > bucketPolicyBytesMax) throw malformedPolicy('Policy exceeds the maximum allowed document size.');
  const document = parsePolicy(text, 'resource', { code: 'MalformedPolicy' });
  for (const statement of document.statements) checkStatement(bucket, statement);
  return document;
}

function checkStatement(bucket: string, statement: Statement): void {
  const actions = statement.actions ?? statement.notActions ?? [];
  if (!actions.every(isS3Action)) throw malformedPolicy('Policy has invalid action');
  const resources = statement.resources ?? statement.notResources ?? [];
  const kinds = resources.map((resource) => resourceKind(bucket, resource));
  if (kinds.includes(undefined)) throw malformedPolicy('Policy has invalid resource');
  if (!statement.actions || !statement.resources) return;
  const fits = (action: string) =>
    action.includes('*') || action.includes('?') || kinds.some((kind) => kind === 'any' || kind === actionKind(action));
  if (!statement.actions.every(fits)) throw malformedPolicy('Action does not apply to any resource(s) in statement');
}

/** What a resource of a policy may name: the bucket, its objects, either; undefined for what is neither. */
function resourceKind(bucket: string, resource: string): 'bucket' | 'object' | 'any' | undefined {
  const own = bucketArn(bucket);
  if (resource === '*') return 'any';
  if (resource === own) return 'bucket';
  if (resource.startsWith(`${own}/`)) return 'object';
  const wildcard = resource.search(/[*?$]/);
  if (wildcard < 0 || !own.startsWith(resource.slice(0, Math.min(wildcard, own.length)))) return undefined;
  return 'any';
}

const objectActions =
  /^s3:(?!.*(Bucket|LifecycleConfiguration|ReplicationConfiguration|EncryptionConfiguration|AccelerateConfiguration|InventoryConfiguration|MetricsConfiguration|AnalyticsConfiguration))(AbortMultipartUpload|BypassGovernanceRetention|DeleteObject|GetObject|ListMultipartUploadParts|ObjectOwnerOverrideToBucketOwner|PutObject|Replicate|RestoreObject|InitiateReplication|UpdateObjectEncryption)/i;

function actionKind(action: string): 'bucket' | 'object' {
  return objectActions.test(action) ? 'object' : 'bucket';
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
