/** Malformed policies and the sentences in which AWS refuses them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedPolicy, parsePolicy, policyLength, type PolicyKind } from './parse.ts';

const bucket = 'arn:aws:s3:::example_bucket';

function refusal(policy: unknown, kind: PolicyKind = 'identity'): string | undefined {
  try {
    parsePolicy(typeof policy === 'string' ? policy : JSON.stringify(policy), kind);
    return undefined;
  } catch (error) {
    if (error instanceof MalformedPolicy) return error.message;
    throw error;
  }
}

function statement(changes: Record<string, unknown>, without: readonly string[] = []): unknown {
  const whole: Record<string, unknown> = { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket, ...changes };
  for (const name of without) delete whole[name];
  return { Version: '2012-10-17', Statement: whole };
}

const syntax = 'Syntax errors in policy.';
const version = 'Policy document must be version 2012-10-17 or greater.';
const legacy = 'The policy failed legacy parsing';
const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
const oneColon = 'Actions/Condition can contain only one colon.';
const noActions = 'Policy statement must contain actions.';
const noResources = 'Policy statement must contain resources.';

const refused: readonly (readonly [string, unknown, string])[] = [
  ['no JSON', 'This is not a json document', 'This policy contains invalid Json'],
  ['a key that comes twice', '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', syntax],
  ['no version', { Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket } }, version],
  ['the old version', { Version: '2008-10-17', Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket } }, version],
  ['an unknown version', { Version: '2013-10-17', Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket } }, syntax],
  ['no statement', { Version: '2012-10-17' }, syntax],
  ['an empty list of statements', { Version: '2012-10-17', Statement: [] }, syntax],
  ['a statement that is text', { Version: '2012-10-17', Statement: ['afd'] }, syntax],
  [
    'an unknown element of the document',
    { Version: '2012-10-17', Extra: 'x', Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket } },
    syntax,
  ],
  ['an unknown element of the statement', statement({ Extra: 'x' }), syntax],
  ['__proto__ as an element', '{"Version":"2012-10-17","__proto__":{},"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}', syntax],
  ['no effect', statement({}, ['Effect']), syntax],
  ['an unknown effect', statement({ Effect: 'invalid' }), syntax],
  ['an effect in the wrong case', statement({ Effect: 'denY' }), legacy],
  ['an action without a service', statement({ Action: 'invalid' }), vendor],
  ['an action without a service, and no resource', statement({ Action: 'invalid' }, ['Resource']), vendor],
  ['an empty NotAction', statement({ NotAction: '' }, ['Action']), vendor],
  ['a service with a space', statement({ Action: 'a a:ListBucket' }), 'Vendor a a is not valid'],
  ['an action with two colons', statement({ Action: 's3:List:Bucket' }), oneColon],
  [
    'two colons, and a resource that is none',
    statement({ Action: 's:3:ListBucket', Resource: 'sdfsadf' }),
    'Resource sdfsadf must be in ARN format or "*".',
  ],
  ['a resource that is no ARN', statement({ Resource: 'invalid resource' }), 'Resource invalid resource must be in ARN format or "*".'],
  ['an empty resource', statement({ Resource: '' }), 'Resource  must be in ARN format or "*".'],
  [
    'an unknown partition',
    statement({ Resource: 'arn:error:s3:::example_bucket' }),
    'Partition "error" is not valid for resource "arn:error:s3:::example_bucket".',
  ],
  ['a short ARN', statement({ Resource: 'a:bsdfdsafsad' }), 'Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".'],
  [
    'an ARN without arn',
    statement({ Resource: 'aws:s3:::example_bucket' }),
    'Partition "s3" is not valid for resource "arn:s3:::example_bucket:*".',
  ],
  ['an ARN with five fields', statement({ Resource: 'arn:aws:s3::example_bucket' }), legacy],
  ['an ARN with no service', statement({ Resource: 'arn:aws::fdsasf' }), legacy],
  [
    'an ARN of nothing but a partition',
    statement({ Resource: 'arn:aws' }),
    'Resource vendor must be fully qualified and cannot contain regexes.',
  ],
  [
    'a bucket in a region',
    statement({ Resource: 'arn:aws:s3:us-east-1::example_bucket' }),
    'Resource arn:aws:s3:us-east-1::example_bucket can not contain region information.',
  ],
  [
    'a user in a region',
    statement({ Resource: 'arn:aws:iam:us-east-1::user/x' }),
    'IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.',
  ],
  [
    'an IAM resource of no kind',
    statement({ Resource: 'arn:aws:iam:::example_bucket' }),
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.',
  ],
  ['no resource', statement({}, ['Resource']), noResources],
  ['no resources in the list', statement({ Resource: [] }), noResources],
  ['no action', statement({}, ['Action']), noActions],
  ['no actions in the list', statement({ Action: [] }), noActions],
  ['both Action and NotAction', statement({ NotAction: 'iam:x' }), syntax],
  ['both Resource and NotResource', statement({ NotResource: '*' }), syntax],
  ['a Condition that is a list', statement({ Condition: [] }), syntax],
  ['an unknown operator', statement({ Condition: { x: { a: '1' } } }), syntax],
  ['an operator with two colons', statement({ Condition: { 'ForAnyValue::StringEquals': { a: 'b' } } }), syntax],
  ['a date that is none', statement({ Condition: { DateGreaterThan: { a: 'sdfdsf' } } }), legacy],
  ['a time zone that is none', statement({ Condition: { DateLessThanEquals: { a: '2016-12-13t2:00:00.593194+1' } } }), legacy],
  ['a date beyond all numbers', statement({ Condition: { DateLessThan: { a: '9223372036854775808' } } }), legacy],
  ['a principal', statement({ Principal: '*' }), 'Policy document should not specify a principal.'],
  [
    'a Sid with a space',
    statement({ Sid: 'a b' }),
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
  ],
  [
    'a Sid that comes twice, before what is missing',
    {
      Version: '2012-10-17',
      Statement: [
        { Sid: 's', Effect: 'Allow', Action: 's3:x', Resource: '*' },
        { Sid: 's', Effect: 'Allow' },
      ],
    },
    'Statement IDs (SID) in a single policy must be unique.',
  ],
];

for (const [what, policy, sentence] of refused) test(`IAM refuses ${what}`, () => assert.equal(refusal(policy), sentence));

const accepted: readonly (readonly [string, unknown])[] = [
  ['one statement without a list', statement({})],
  ['every action', statement({ Action: '*' })],
  ['an incomplete ARN', statement({ Resource: 'arn:aws:fdsasf' })],
  ['an operator without keys, even an unknown one', statement({ Condition: { a: {} } })],
  ['a key without values', statement({ Condition: { DateGreaterThan: { a: [] } } })],
  ['a date with a zone of hours only', statement({ Condition: { DateLessThanEquals: { a: '2016-12-13t2:00:00.593194+23' } } })],
  ['quantifier and IfExists', statement({ Condition: { 'ForAnyValue:StringEqualsIfExists': { a: ['b', 1, true] } } })],
  ['NotAction and NotResource', statement({ NotAction: 's3:x', NotResource: '*' }, ['Action', 'Resource'])],
  ['variables in a resource', statement({ Resource: 'arn:aws:iam::*:user/${aws:username}' })],
];

for (const [what, policy] of accepted) test(`IAM accepts ${what}`, () => assert.equal(refusal(policy), undefined));

const trust = (changes: Record<string, unknown>) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole', ...changes }],
});

test('a trust policy names principals and STS actions, and no resource', () => {
  assert.equal(refusal(trust({}), 'trust'), undefined);
  assert.equal(refusal(trust({ Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } }), 'trust'), undefined);
  assert.equal(
    refusal(
      trust({
        Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/id.example.com/pool' },
        Action: 'sts:AssumeRoleWithWebIdentity',
      }),
      'trust',
    ),
    undefined,
  );
  assert.equal(refusal(trust({ Resource: '*' }), 'trust'), 'Has prohibited field Resource');
  assert.equal(refusal(trust({ Action: 's3:GetObject' }), 'trust'), 'AssumeRole policy may only specify STS AssumeRole actions.');
  assert.equal(
    refusal(trust({ Principal: { AWS: 'arn:aws:iam::1:user/x' } }), 'trust'),
    'Invalid principal in policy: "AWS":"arn:aws:iam::1:user/x"',
  );
  assert.equal(
    refusal({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'sts:AssumeRole' } }, 'trust'),
    'Missing required field Principal',
  );
});

test('a resource policy is refused in the words of S3', () => {
  const policy = (changes: Record<string, unknown>, without: readonly string[] = []) => ({
    Version: '2012-10-17',
    Statement: [(statement({ Principal: '*', ...changes }, without) as { Statement: unknown }).Statement],
  });
  assert.equal(refusal(policy({}), 'resource'), undefined);
  assert.equal(refusal('<xml/>', 'resource'), "Policies must be valid JSON and the first byte must be '{'");
  assert.equal(refusal(policy({}, ['Principal']), 'resource'), 'Missing required field Principal');
  assert.equal(refusal(policy({ Principal: { AWS: 'nobody' } }), 'resource'), 'Invalid principal in policy');
  assert.equal(refusal(policy({ Action: 'nothing' }), 'resource'), 'Policy has invalid action');
  assert.equal(refusal(policy({ Resource: 'bucket' }), 'resource'), 'Policy has invalid resource');
  assert.equal(
    refusal(policy({ Principal: { AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E15MNIMTCFKK4C' } }), 'resource'),
    undefined,
  );
  assert.equal(refusal(policy({}, ['Resource']), 'resource'), 'Missing required field Resource');
  assert.equal(
    parsePolicy(JSON.stringify(policy({}, ['Resource'])), 'resource', { resourceOptional: true }).statements[0]?.resources,
    undefined,
  );
  assert.equal(refusal({ Version: '2012-10-17', Statement: [] }, 'resource'), 'Could not parse the policy: Statement is empty!');
});

test('the error carries the code of the service', () => {
  assert.throws(() => parsePolicy('{', 'resource', { code: 'MalformedPolicy' }), { code: 'MalformedPolicy', status: 400 });
  assert.throws(() => parsePolicy('{', 'identity'), { code: 'MalformedPolicyDocument' });
});

test('deep nesting is refused without a deep stack', () => {
  assert.equal(refusal('['.repeat(100_000)), 'This policy contains invalid Json');
});

test('white space does not count towards a policy’s length', () => {
  assert.equal(policyLength('{ "a" :\n\t"b" }'), 9);
});

test('only buckets and objects of S3 have no region: access points, jobs and dashboards do', () => {
  for (const resource of [
    'arn:aws:s3:us-west-2:123456789012:accesspoint/reports',
    'arn:aws:s3:us-west-2:123456789012:accesspoint/reports/object/2026/*',
    'arn:aws:s3:us-west-2:123456789012:job/*',
    'arn:aws:s3:us-west-2:123456789012:storage-lens/all',
    'arn:aws:s3:us-west-2:123456789012:*',
    'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap',
  ])
    assert.equal(refusal(statement({ Resource: resource })), undefined, resource);
});
