/** What a decision over ten policies costs, beside the verification of the signature that comes before it. */

import { createHash, createHmac } from 'node:crypto';
import type { NamedPolicy, PrincipalPolicies } from '../src/framework/identity.ts';
import type { IamUser } from '../src/framework/principal.ts';
import { evaluate, type DecisionQuery } from '../src/framework/policy/evaluate.ts';
import { parsePolicy, type PolicyKind } from '../src/framework/policy/parse.ts';

const ROUNDS = 9;
const CALLS_PER_ROUND = 20_000;

function named(name: string, kind: PolicyKind, ...statements: readonly Record<string, unknown>[]): NamedPolicy {
  return { name, document: parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind) };
}

/** Ten policies of a usual size: reading, writing, tags, variables, conditions, a boundary, a bucket policy. */
function tenPolicies(): { policies: PrincipalPolicies; bucket: NamedPolicy } {
  const identity = Array.from({ length: 7 }, (_, i) =>
    named(
      `arn:aws:iam::111122223333:policy/p${i}`,
      'identity',
      { Effect: 'Allow', Action: ['ec2:Describe*', 'sqs:*', 'dynamodb:GetItem', 'logs:Put*'], Resource: '*' },
      { Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: [`arn:aws:s3:::team-${i}/*`, `arn:aws:s3:::team-${i}`] },
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: 'arn:aws:s3:::home/${aws:username}/*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': `t${i}` } },
      },
      {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' }, NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } },
      },
    ),
  );
  const boundary = named('boundary', 'boundary', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
  const serviceControl = [[named('scp', 'serviceControl', { Effect: 'Allow', Action: '*', Resource: '*' })]];
  const bucket = named('bucket', 'resource', {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: 'arn:aws:s3:::team-6/*',
    Condition: { StringNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:user/*' } },
  });
  return { policies: { identity, boundary, serviceControl, tags: { team: 't9' } }, bucket };
}

const { policies, bucket } = tenPolicies();
const principal: IamUser = {
  type: 'User',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/carol',
  id: 'AIDACAROL',
  name: 'carol',
};

/** A query as the gateway builds it for every call: nothing but the policies is shared between calls. */
function decide(i: number): boolean {
  const query: DecisionQuery = {
    principal,
    policies,
    check: { action: 's3:GetObject', resource: `arn:aws:s3:::team-6/key-${i}`, resourcePolicy: bucket },
    account: '111122223333',
    facts: { now: 1_795_132_800_000 + i, region: 'eu-west-1', sourceIp: '192.0.2.7', secure: true, userAgent: 'bench' },
  };
  return evaluate(query).allowed;
}

/** The cryptography of SigV4 with the signing key cached: two SHA-256 and one HMAC over a usual request. */
function verify(i: number): boolean {
  const payload = createHash('sha256').update('').digest('hex');
  const headers = `host:localhost:4566\nx-amz-content-sha256:${payload}\nx-amz-date:20261120T000000Z\n`;
  const canonical = `GET\n/team-6/key-${i}\n\n${headers}\nhost;x-amz-content-sha256;x-amz-date\n${payload}`;
  const text = `AWS4-HMAC-SHA256\n20261120T000000Z\n20261120/eu-west-1/s3/aws4_request\n${createHash('sha256').update(canonical).digest('hex')}`;
  return createHmac('sha256', 'a key of thirty-two bytes is here').update(text).digest('hex').length === 64;
}

/** Microseconds a call. */
function timed(call: (i: number) => boolean): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < CALLS_PER_ROUND; i++) if (!call(i)) throw new Error('every call must pass');
  return Number(process.hrtime.bigint() - start) / 1000 / CALLS_PER_ROUND;
}

/** Rounds take turns, so that a busy machine slows both alike. */
const rounds = Array.from({ length: ROUNDS }, () => ({ decision: timed(decide), signature: timed(verify) }));
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
const decision = median(rounds.map((round) => round.decision));
const signature = median(rounds.map((round) => round.signature));
console.log(`decision over 10 policies  ${decision.toFixed(2)} µs`);
console.log(`SigV4 verification         ${signature.toFixed(2)} µs (its hashes only)`);
console.log(`ratio                      ${(decision / signature).toFixed(2)}`);
