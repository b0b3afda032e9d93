/** Key policies: the ones that KMS makes, what it accepts, and the parsed ones that were used of late. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import { limitExceeded, malformedPolicy } from '../errors.ts';
import { policyBytesMax } from '../limits.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
export function defaultPolicy(account: string): string {
  return text('key-default-1', [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ]);
}

/** Of a key that a service made: everyone in the account may use it, but through that service only. */
/** @param services through which it may be used; the policy is named by the first. */
export function managedPolicy(account: string, region: string, services: readonly [string, ...string[]]): string {
  const [service] = services;
  const through_ = services.map((name) => `${name}.${region}.amazonaws.com`);
  const through = service === 's3' ? 'S3' : service;
  return text(`auto-${service}-1`, [
    {
      Sid: `Allow access through ${through} for all principals in the account that are authorized to use ${through}`,
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:CreateGrant', 'kms:DescribeKey'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': through_.length === 1 ? through_[0] : through_ } },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
      Resource: '*',
    },
  ]);
}

function text(id: string, statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: id, Statement: statements }, undefined, 2);
}

/** Parses a policy that a caller sent. Throws MalformedPolicyDocumentException, LimitExceededException. */
export function checkedPolicy(policy: string): PolicyDocument {
  if (Buffer.byteLength(policy) > policyBytesMax) throw limitExceeded(`The policy exceeds the maximum size of ${policyBytesMax} bytes.`);
  try {
    return parse(policy);
  } catch (error) {
    if (error instanceof AwsError && error.message === 'Invalid principal in policy')
      throw malformedPolicy('Policy contains a statement with one or more invalid principals.');
    throw error;
  }
}

const parse = (policy: string): PolicyDocument => parsePolicy(policy, 'resource', { code: 'MalformedPolicyDocumentException' });

/** By revision, which the key's record names: so a policy that was replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

export function cachedPolicy(revision: string): PolicyDocument | undefined {
  return parsed.get(revision);
}

export function rememberPolicy(revision: string, policy: string): PolicyDocument {
  const document = parse(policy);
  keepNewest(parsed, parsedMax, revision, document);
  return document;
}
