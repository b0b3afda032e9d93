/** The decisions that AWS documents, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedPolicy, PrincipalPolicies } from '../identity.ts';
import type { Check } from '../authorization.ts';
import { anonymous, rootUser, type AssumedRole, type IamUser, type ServicePrincipal } from '../principal.ts';
import { denialMessage } from './denial.ts';
import { evaluate, type DecisionQuery } from './evaluate.ts';
import { explain } from './explain.ts';
import { parsePolicy, type PolicyKind } from './parse.ts';
import { canonicalUserId, type Actor } from './principals.ts';

const home = '111122223333';
const abroad = '444455556666';
const object = 'arn:aws:s3:::examples/notes.txt';
const carol: IamUser = { type: 'User', account: home, arn: `arn:aws:iam::${home}:user/carol`, id: 'AIDACAROL0000000', name: 'carol' };
const session: AssumedRole = {
  type: 'AssumedRole',
  account: home,
  arn: `arn:aws:sts::${home}:assumed-role/reader/today`,
  id: 'AROAREADER000000:today',
  roleArn: `arn:aws:iam::${home}:role/reader`,
  roleName: 'reader',
  sessionName: 'today',
  session: { issuedAt: 0, expiresAt: 3_600_000 },
};
const service: ServicePrincipal = {
  type: 'Service',
  account: home,
  arn: '',
  id: 'events.amazonaws.com',
  name: 'events.amazonaws.com',
  sourceArn: `arn:aws:events:eu-west-1:${home}:rule/r`,
  sourceAccount: home,
};

function policy(statement: Record<string, unknown>, kind: PolicyKind = 'identity', name = kind as string): NamedPolicy {
  return { name, document: parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }), kind) };
}

const allow = policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::examples/*' });
const deny = policy({ Effect: 'Deny', Action: 's3:*', Resource: '*' });
const other = policy({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' });
const granting = (principal: unknown, effect = 'Allow') =>
  policy({ Effect: effect, Principal: principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::examples/*' }, 'resource');

type Case = { principal?: Actor; policies?: Partial<PrincipalPolicies>; check?: Partial<Check>; bucket?: NamedPolicy; owner?: string };

function query({ principal = carol, policies = {}, check = {}, bucket, owner = home }: Case): DecisionQuery {
  return {
    principal,
    policies: { identity: [], tags: {}, ...policies },
    check: { action: 's3:GetObject', resource: object, resourceAccount: owner, ...(bucket && { resourcePolicy: bucket }), ...check },
    account: home,
    facts: { now: Date.UTC(2026, 10, 20), region: 'eu-west-1', sourceIp: '203.0.113.9', secure: true },
  };
}

const decisions: readonly (readonly [string, Case, string])[] = [
  ['nothing said', {}, 'implicitDeny identity'],
  ['an identity policy allows', { policies: { identity: [allow] } }, 'allow identity'],
  ['a deny beats an allow', { policies: { identity: [allow, deny] } }, 'explicitDeny identity'],
  ['the bucket alone allows the user', { bucket: granting({ AWS: carol.arn }) }, 'allow resource'],
  ['the bucket alone allows everyone', { bucket: granting('*') }, 'allow resource'],
  ['the bucket names the account: its own policies decide', { bucket: granting({ AWS: home }) }, 'implicitDeny identity'],
  ['the bucket denies', { bucket: granting('*', 'Deny'), policies: { identity: [allow] } }, 'explicitDeny resource'],
  ['root needs no policy', { principal: rootUser(home) }, 'allow undefined'],
  ['root is bound by the bucket’s deny', { principal: rootUser(home), bucket: granting('*', 'Deny') }, 'explicitDeny resource'],
  ['root is bound by SCPs', { principal: rootUser(home), policies: { serviceControl: [[other]] } }, 'implicitDeny serviceControl'],
  ['a boundary that allows', { policies: { identity: [allow], boundary: allow } }, 'allow identity'],
  ['a boundary that is silent', { policies: { identity: [allow], boundary: other } }, 'implicitDeny boundary'],
  ['a boundary grants nothing', { policies: { boundary: allow } }, 'implicitDeny identity'],
  [
    'a boundary does not bind a grant to the user',
    { bucket: granting({ AWS: carol.arn }), policies: { boundary: other } },
    'allow resource',
  ],
  ['a boundary’s deny binds it', { bucket: granting({ AWS: carol.arn }), policies: { boundary: deny } }, 'explicitDeny boundary'],
  [
    'a boundary binds a grant to the role',
    { principal: session, bucket: granting({ AWS: session.roleArn }), policies: { boundary: other } },
    'implicitDeny boundary',
  ],
  ['a grant to the role', { principal: session, bucket: granting({ AWS: session.roleArn }) }, 'allow resource'],
  [
    'a boundary does not bind a grant to the session',
    { principal: session, bucket: granting({ AWS: session.arn }), policies: { boundary: other, session: [other] } },
    'allow resource',
  ],
  ['a session policy narrows', { principal: session, policies: { identity: [allow], session: [other] } }, 'implicitDeny session'],
  ['a session policy lets through', { principal: session, policies: { identity: [allow], session: [other, allow] } }, 'allow identity'],
  ['an empty session layer allows nothing', { principal: session, policies: { identity: [allow], session: [] } }, 'implicitDeny session'],
  [
    'every level of SCPs must allow',
    { policies: { identity: [allow], serviceControl: [[allow], [other]] } },
    'implicitDeny serviceControl',
  ],
  ['all levels do', { policies: { identity: [allow], serviceControl: [[allow], [other, allow]] } }, 'allow identity'],
  ['an SCP denies', { policies: { identity: [allow], serviceControl: [[allow], [deny]] } }, 'explicitDeny serviceControl'],
  ['abroad, the identity policy alone', { owner: abroad, policies: { identity: [allow] } }, 'implicitDeny resource'],
  ['abroad, the bucket alone', { owner: abroad, bucket: granting({ AWS: carol.arn }) }, 'implicitDeny identity'],
  ['abroad, both', { owner: abroad, bucket: granting({ AWS: carol.arn }), policies: { identity: [allow] } }, 'allow resource'],
  [
    'abroad, both, the bucket naming the account',
    { owner: abroad, bucket: granting({ AWS: `arn:aws:iam::${home}:root` }), policies: { identity: [allow] } },
    'allow resource',
  ],
  [
    'abroad, the wrong account',
    { owner: abroad, bucket: granting({ AWS: abroad }), policies: { identity: [allow] } },
    'implicitDeny resource',
  ],
  ['abroad, root', { owner: abroad, principal: rootUser(home), bucket: granting({ AWS: home }) }, 'allow resource'],
  ['anonymous', { principal: anonymous }, 'implicitDeny resource'],
  ['anonymous, the bucket is public', { principal: anonymous, bucket: granting('*') }, 'allow resource'],
  ['anonymous, AWS: * is public too', { principal: anonymous, bucket: granting({ AWS: '*' }) }, 'allow resource'],
  ['anonymous, the bucket is an account’s', { principal: anonymous, bucket: granting({ AWS: home }) }, 'implicitDeny resource'],
  ['a service that is named', { principal: service, bucket: granting({ Service: 'events.amazonaws.com' }) }, 'allow resource'],
  [
    'a canonical user is the account, whose policies decide',
    { bucket: granting({ CanonicalUser: canonicalUserId(home) }) },
    'implicitDeny identity',
  ],
  [
    'a canonical user is the account, whose policies allow',
    { bucket: granting({ CanonicalUser: canonicalUserId(home) }), policies: { identity: [allow] } },
    'allow identity',
  ],
  [
    'a canonical user is the account’s root',
    { principal: rootUser(home), bucket: granting({ CanonicalUser: canonicalUserId(home) }), check: { resourcePolicyRequired: true } },
    'allow resource',
  ],
  ['a service that is not named', { principal: service, bucket: granting({ Service: 'sns.amazonaws.com' }) }, 'implicitDeny resource'],
  ['a deleted role’s session', { principal: session, policies: { identity: [allow], gone: true } }, 'implicitDeny identity'],
  ['a required policy is missing', { policies: { identity: [allow] }, check: { resourcePolicyRequired: true } }, 'implicitDeny resource'],
  [
    'a required policy names the account',
    { policies: { identity: [allow] }, bucket: granting({ AWS: home }), check: { resourcePolicyRequired: true } },
    'allow identity',
  ],
  [
    'a required policy names the account, the identity policy is silent',
    { bucket: granting({ AWS: home }), check: { resourcePolicyRequired: true } },
    'implicitDeny identity',
  ],
  ['a required policy binds root as well', { principal: rootUser(home), check: { resourcePolicyRequired: true } }, 'implicitDeny resource'],
  [
    'NotPrincipal spares who is listed',
    {
      bucket: policy({ Effect: 'Deny', NotPrincipal: { AWS: [carol.arn, home] }, Action: 's3:*', Resource: '*' }, 'resource'),
      policies: { identity: [allow] },
    },
    'allow identity',
  ],
  [
    'NotPrincipal hits who is not',
    {
      bucket: policy({ Effect: 'Deny', NotPrincipal: { AWS: [carol.arn, home] }, Action: 's3:*', Resource: '*' }, 'resource'),
      principal: session,
      policies: { identity: [allow] },
    },
    'explicitDeny resource',
  ],
];

for (const [what, given, expected] of decisions) {
  test(`decision: ${what}`, () => {
    const decision = evaluate(query(given));
    assert.equal(`${decision.effect} ${decision.layer}`, expected);
    assert.deepEqual(explain(query(given)).decision, decision);
  });
}

const conditions: readonly (readonly [string, Record<string, unknown>, boolean])[] = [
  ['StringEquals', { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } }, true],
  ['key names in any case', { StringEquals: { 'AWS:requestedregion': 'eu-west-1' } }, true],
  ['StringEquals is exact in case', { StringEquals: { 'aws:RequestedRegion': 'EU-WEST-1' } }, false],
  ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 'aws:RequestedRegion': 'EU-WEST-1' } }, true],
  ['StringEquals takes * as it is', { StringEquals: { 'aws:RequestedRegion': 'eu-*' } }, false],
  ['StringLike', { StringLike: { 'aws:RequestedRegion': 'eu-????-*' } }, true],
  ['StringNotLike', { StringNotLike: { 'aws:RequestedRegion': ['us-*', 'eu-*'] } }, false],
  ['a Not… operator on an absent key', { StringNotEquals: { 'aws:PrincipalTag/none': 'x' } }, true],
  ['a plain operator on an absent key', { StringLike: { 'aws:PrincipalTag/none': '*' } }, false],
  ['IfExists on an absent key', { StringLikeIfExists: { 'aws:PrincipalTag/none': 'x' } }, true],
  ['IfExists on a present key', { StringEqualsIfExists: { 'aws:RequestedRegion': 'x' } }, false],
  ['Null true on an absent key', { Null: { 'aws:TokenIssueTime': 'true' } }, true],
  ['Null false on a present key', { Null: { 'aws:SourceIp': false } }, true],
  ['IpAddress', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, true],
  ['NotIpAddress', { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '203.0.113.9'] } }, false],
  ['IPv6 ranges do not hold IPv4 addresses', { IpAddress: { 'aws:SourceIp': '::/0' } }, false],
  ['Bool', { Bool: { 'aws:SecureTransport': 'TRUE' } }, true],
  ['BoolIfExists without MFA', { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }, true],
  ['DateGreaterThan', { DateGreaterThan: { 'aws:CurrentTime': '2026-11-19T23:59:59Z' } }, true],
  ['DateLessThan by epoch', { DateLessThan: { 'aws:CurrentTime': '1500000000' } }, false],
  ['NumericLessThanEquals', { NumericLessThanEquals: { 's3:max-keys': '10' } }, true],
  ['NumericGreaterThan', { NumericGreaterThan: { 's3:max-keys': 10 } }, false],
  ['ArnLike by field', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/c*' } }, true],
  ['a wildcard of an ARN stays in its field', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam:*:user/carol' } }, false],
  ['ArnNotEquals', { ArnNotEquals: { 'aws:PrincipalArn': carol.arn } }, false],
  ['ForAllValues holds for a subset', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost', 'x'] } }, true],
  ['ForAllValues fails for another value', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }, false],
  ['ForAllValues holds for no value', { 'ForAllValues:StringEquals': { 'aws:Nothing': ['team'] } }, true],
  ['ForAnyValue holds for one', { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['t*'] } }, true],
  ['ForAnyValue fails for none', { 'ForAnyValue:StringEquals': { 'aws:Nothing': ['team'] } }, false],
  ['ForAnyValue:…Not… on an absent key', { 'ForAnyValue:StringNotEquals': { 'aws:Nothing': ['team'] } }, false],
  ['BinaryEquals', { BinaryEquals: { 'x:blob': 'aGk=' } }, true],
  ['a variable', { StringEquals: { 's3:prefix': '${aws:username}' } }, true],
  ['a variable’s default', { StringEquals: { 'aws:RequestedRegion': "${aws:PrincipalTag/none, 'eu-west-1'}" } }, true],
  ['a variable without value matches nothing', { StringLike: { 'aws:RequestedRegion': '${aws:PrincipalTag/none}*' } }, false],
  ['${*} is a star', { StringLike: { 's3:prefix': '${*}' } }, false],
  ['a variable’s stars are literal', { StringLike: { 's3:prefix': '${aws:PrincipalTag/star}' } }, false],
  ['tags of the principal', { StringEquals: { 'aws:PrincipalTag/team': 'blue' } }, true],
  ['every condition must hold', { StringEquals: { 'aws:PrincipalTag/team': 'blue' }, Bool: { 'aws:SecureTransport': 'false' } }, false],
];

for (const [what, condition, met] of conditions) {
  test(`condition: ${what}`, () => {
    const conditional = policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Condition: condition });
    const context = { 's3:max-keys': '10', 's3:prefix': 'carol', 'aws:TagKeys': ['team', 'cost'], 'x:blob': 'aGk' };
    assert.equal(
      evaluate(query({ policies: { identity: [conditional], tags: { Team: 'blue', star: '*' } }, check: { context } })).allowed,
      met,
    );
  });
}

const resources: readonly (readonly [pattern: string, resource: string, covered: boolean])[] = [
  ['*', '*', true],
  ['arn:aws:s3:::examples/*', 'arn:aws:s3:::examples/a/b:c', true],
  ['arn:aws:s3:::examples', 'arn:aws:s3:::examples/a', false],
  ['arn:aws:s3:::examples/*', 'arn:aws:s3:::Examples/a', false],
  ['arn:aws:sqs:*:*:orders', `arn:aws:sqs:eu-west-1:${home}:orders`, true],
  ['arn:aws:sqs:*orders', `arn:aws:sqs:eu-west-1:${home}:orders`, false],
  ['arn:aws:sqs', `arn:aws:sqs:eu-west-1:${home}:orders`, true],
  ['arn:aws:sns:eu-*', `arn:aws:sns:us-east-1:${home}:topic`, false],
  ['arn:aws:iam::*:user/${aws:username}', `arn:aws:iam::${home}:user/carol`, true],
  ['arn:aws:iam::*:user/${aws:username}', `arn:aws:iam::${home}:user/carolx`, false],
  ['arn:aws:s3:::*', '*', false],
  ['arn:aws:s3:::b/?.txt', 'arn:aws:s3:::b/a.txt', true],
];

for (const [pattern, resource, covered] of resources) {
  test(`resource: ${pattern} ${covered ? 'covers' : 'does not cover'} ${resource}`, () => {
    const identity = [policy({ Effect: 'Allow', Action: '*', Resource: pattern })];
    assert.equal(evaluate(query({ policies: { identity }, check: { resource } })).allowed, covered);
  });
}

test('version 2008-10-17 knows no variables', () => {
  const text = (version: string) =>
    JSON.stringify({
      Version: version,
      Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: 'arn:aws:s3:::examples/${aws:username}' },
    });
  const answer = (version: string, key: string) =>
    evaluate(
      query({
        principal: carol,
        bucket: { name: 'b', document: parsePolicy(text(version), 'resource') },
        check: { resource: `arn:aws:s3:::examples/${key}` },
      }),
    ).allowed;
  assert.equal(answer('2012-10-17', 'carol'), true);
  assert.equal(answer('2008-10-17', 'carol'), false);
  assert.equal(answer('2008-10-17', '${aws:username}'), true);
});

test('actions match in any case, with wildcards, and by exclusion', () => {
  const answer = (statement: Record<string, unknown>) =>
    evaluate(query({ policies: { identity: [policy({ Effect: 'Allow', Resource: '*', ...statement })] } })).allowed;
  assert.equal(answer({ Action: 'S3:getobject' }), true);
  assert.equal(answer({ Action: 's3:Get*' }), true);
  assert.equal(answer({ Action: 's3:Put*' }), false);
  assert.equal(answer({ NotAction: 's3:Put*' }), true);
  assert.equal(answer({ NotAction: ['iam:*', 's3:G?tObject'] }), false);
});

test('a denial is told in AWS’s sentences', () => {
  const told = (given: Case) => denialMessage(given.principal ?? carol, query(given).check, evaluate(query(given)));
  const start = `User: ${carol.arn} is not authorized to perform: s3:GetObject on resource: "${object}"`;
  assert.equal(told({}), `${start} because no identity-based policy allows the s3:GetObject action`);
  assert.equal(told({ policies: { identity: [deny] } }), `${start} with an explicit deny in an identity-based policy`);
  assert.equal(
    told({ policies: { identity: [allow], boundary: other } }),
    `${start} because no permissions boundary allows the s3:GetObject action`,
  );
  assert.equal(told({ policies: { boundary: deny } }), `${start} with an explicit deny in a permissions boundary`);
  assert.equal(told({ policies: { serviceControl: [[deny]] } }), `${start} with an explicit deny in a service control policy`);
  assert.equal(
    told({ policies: { identity: [allow] }, owner: abroad }),
    `${start} because no resource-based policy allows the s3:GetObject action`,
  );
  assert.equal(told({ bucket: granting('*', 'Deny') }), `${start} with an explicit deny in a resource-based policy`);
  const managed = { ...deny, name: `arn:aws:iam::${home}:policy/NoBuckets` };
  assert.equal(told({ policies: { identity: [managed] } }), `${start} with an explicit deny in an identity-based policy: ${managed.name}`);
  assert.equal(told({ policies: { identity: [managed] }, owner: abroad }), `${start} with an explicit deny in an identity-based policy`);
  const role = { action: 'sts:AssumeRole', resource: session.roleArn, resourcePolicyRequired: true };
  assert.equal(
    told({ check: role }),
    `User: ${carol.arn} is not authorized to perform: sts:AssumeRole on resource: ${session.roleArn} because no role trust policy allows the sts:AssumeRole action`,
  );
  assert.match(
    told({ principal: session, policies: { identity: [allow], session: [other] } }),
    /^User: arn:aws:sts::\d+:assumed-role\/reader\/today .* because no session policy allows the s3:GetObject action$/,
  );
});

test('an explanation says which element of each statement failed, and what would help', () => {
  const conditional = policy(
    { Sid: 'Far', Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } },
    'identity',
    'arn:aws:iam::aws:policy/Far',
  );
  const explained = explain(
    query({ owner: abroad, policies: { identity: [other, conditional], boundary: allow }, bucket: granting({ AWS: abroad }) }),
  );
  assert.deepEqual(explained.layers, [
    {
      layer: 'resource',
      policies: [{ policy: 'resource', statements: [{ index: 0, effect: 'Allow', matched: false, failed: 'principal' }] }],
    },
    {
      layer: 'identity',
      policies: [
        { policy: 'identity', statements: [{ index: 0, effect: 'Allow', matched: false, failed: 'action' }] },
        {
          policy: 'arn:aws:iam::aws:policy/Far',
          statements: [
            {
              index: 0,
              sid: 'Far',
              effect: 'Allow',
              matched: false,
              failed: 'condition',
              conditions: [{ operator: 'StringEquals', key: 'aws:RequestedRegion', wanted: ['us-east-1'], actual: 'eu-west-1' }],
            },
          ],
        },
      ],
    },
    { layer: 'boundary', policies: [{ policy: 'identity', statements: [{ index: 0, effect: 'Allow', matched: true }] }] },
  ]);
  assert.deepEqual(explained.suggestions, [
    { layer: 'identity', policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: object }] } },
    {
      layer: 'resource',
      policy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: carol.arn }, Action: 's3:GetObject', Resource: object }],
      },
    },
  ]);
});

test('hostile texts come to an end', () => {
  const texts = [
    '${'.repeat(20_000),
    `\${${' '.repeat(20_000)}x}`,
    `\${a${' '.repeat(20_000)},`,
    `\${a,${' '.repeat(20_000)}'b}`,
    '*a'.repeat(2_000),
  ];
  for (const text of texts) {
    const condition = { StringLike: { 's3:prefix': text }, StringEqualsIgnoreCase: { 's3:prefix': text } };
    const identity = [policy({ Effect: 'Allow', Action: '*', Resource: '*', Condition: condition })];
    const context = { 's3:prefix': 'a'.repeat(10_000) };
    assert.equal(evaluate(query({ policies: { identity }, check: { context } })).allowed, false);
  }
});
