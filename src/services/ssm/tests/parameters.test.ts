/** Parameters of one's own through the SDK: written, read, listed, labelled, tagged, sealed, and gone when they expire. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Kms from '@aws-sdk/client-kms';
import * as Iam from '@aws-sdk/client-iam';
import * as S from '@aws-sdk/client-ssm';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { parameterVersions } from '../tables.ts';

const day = 86_400_000;
let cloud: LiveCloud;
let ssm: S.SSMClient;

before(async () => {
  cloud = await startCloud({ host: simulatedHost() });
  ssm = cloud.client(S.SSMClient);
});
after(() => cloud.close());

const put = (Name: string, Value: string, more: Partial<S.PutParameterCommandInput> = {}) =>
  ssm.send(new S.PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const again = (Name: string, Value: string, more: Partial<S.PutParameterCommandInput> = {}) =>
  ssm.send(new S.PutParameterCommand({ Name, Value, Overwrite: true, ...more }));
const get = async (Name: string, WithDecryption = false) =>
  (await ssm.send(new S.GetParameterCommand({ Name, WithDecryption }))).Parameter!;
const rows = async (name: string) => {
  const found = await cloud.cloud.store.read((tx) => parameterVersions.scan(tx, ['000000000000', 'us-east-1', name]));
  return found.map(({ row }) => row);
};

test('a parameter is written in versions, and read by name, version, label and ARN', async () => {
  assert.deepEqual(await put('/app/db/url', 'one').then(({ Version, Tier }) => [Version, Tier]), [1, 'Standard']);
  await refused(put('/app/db/url', 'two'), {
    code: 'ParameterAlreadyExists',
    message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  });
  assert.equal((await again('/app/db/url', 'two')).Version, 2);
  await ssm.send(new S.LabelParameterVersionCommand({ Name: '/app/db/url', ParameterVersion: 1, Labels: ['first'] }));
  const newest = await get('/app/db/url');
  assert.deepEqual([newest.Value, newest.Version, newest.Type, newest.DataType], ['two', 2, 'String', 'text']);
  assert.equal(newest.ARN, 'arn:aws:ssm:us-east-1:000000000000:parameter/app/db/url');
  assert.deepEqual(await get('/app/db/url:1').then(({ Value, Selector }) => [Value, Selector]), ['one', ':1']);
  assert.equal((await get('/app/db/url:first')).Value, 'one');
  assert.equal((await get(`${newest.ARN}:2`)).Value, 'two');
  await put('plain', 'x');
  assert.equal((await get('arn:aws:ssm:us-east-1:000000000000:parameter/plain')).Name, 'plain');
  await refused(get('/app/db/url:3'), {
    code: 'ParameterVersionNotFound',
    message: 'Systems Manager could not find version 3 of /app/db/url. Verify the version and try again.',
  });
  await refused(get('arn:aws:ssm:us-east-1:999999999999:parameter/app/db/url'), 'ParameterNotFound');
  const { Parameters, InvalidParameters } = await ssm.send(
    new S.GetParametersCommand({ Names: ['plain', '/none', '/app/db/url:first', '/app/db/url:9'] }),
  );
  assert.deepEqual(
    [Parameters!.map(({ Value }) => Value), InvalidParameters],
    [
      ['one', 'x'],
      ['/none', '/app/db/url:9'],
    ],
  );
});

test('names, types, values and patterns are held to AWS’s rules, in its words', async () => {
  await refused(put('aws-thing', 'x'), {
    code: 'ValidationException',
    message: 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
  });
  await refused(put('/ssm/thing', 'x'), { code: 'ValidationException', message: /can't be prefixed with "ssm"/ });
  await refused(put('/aws/thing', 'x'), { code: 'AccessDeniedException', message: 'No access to reserved parameter name: /aws/thing.' });
  for (const name of ['a b', '/a//b', '/a/', 'smpt/support@x', 'a:b', '']) await refused(put(name, 'x'), 'ValidationException');
  await refused(put('a/b', 'x'), { code: 'ValidationException', message: 'Parameter name must be a fully qualified name.' });
  await refused(put(`/${Array(16).fill('a').join('/')}`, 'x'), {
    code: 'HierarchyLevelLimitExceededException',
    message: 'A parameter hierarchy can have a maximum of 15 levels.',
  });
  await put(`/${Array(15).fill('a').join('/')}`, 'x');
  await refused(put(`/${'a'.repeat(1000)}`, 'x'), 'ValidationException');
  await refused(ssm.send(new S.PutParameterCommand({ Name: 'untyped', Value: 'x' })), {
    code: 'ValidationException',
    message: 'A parameter type is required when you create a parameter.',
  });
  await refused(put('typed', 'x', { Type: 'Number' as never }), 'ValidationException');
  await refused(put('empty', ''), 'ValidationException');
  await refused(put('nested', '{{ssm:other}}'), { code: 'ValidationException', message: /can't nest another parameter/ });
  await put('trimmed', 'x', { AllowedPattern: String.raw`^\d+$`.replace('d', 'w') });
  await refused(again('trimmed', 'a b'), {
    code: 'ParameterPatternMismatchException',
    message: String.raw`Parameter value, cannot be validated against allowedPattern: ^\w+$`,
  });
  await refused(put('bad', 'x', { AllowedPattern: '(' }), 'InvalidAllowedPatternException');
  await refused(put('slow', `${'a'.repeat(4000)}!`, { AllowedPattern: '^(a+)+$' }), 'ParameterPatternMismatchException');
  await refused(again('trimmed', 'x', { Type: 'SecureString' }), 'HierarchyTypeMismatchException');
  await refused(again('trimmed', 'x', { Tags: [{ Key: 'a', Value: 'b' }] }), { message: /tags and overwrite can't be used together/ });
  await refused(put('image', 'x', { DataType: 'aws:ec2:picture' }), { message: /data type is not supported: aws:ec2:picture/ });
  await refused(put('integration', 'x', { DataType: 'aws:ssm:integration' }), 'NotImplemented');
  await refused(ssm.send(new S.DeleteParameterCommand({ Name: 'nothing' })), 'ParameterNotFound');
});

test('tiers hold values of 4 and 8 KB; there is no way back from the advanced one', async () => {
  const large = 'x'.repeat(4097);
  await refused(put('/tier/a', large), { code: 'ValidationException', message: /maximum parameter value of 4096 characters/ });
  assert.equal((await put('/tier/a', large, { Tier: 'Intelligent-Tiering' })).Tier, 'Advanced');
  assert.equal((await put('/tier/b', 'x', { Tier: 'Intelligent-Tiering' })).Tier, 'Standard');
  assert.equal((await again('/tier/a', 'x')).Tier, 'Advanced');
  await refused(again('/tier/a', 'x', { Tier: 'Standard' }), { message: /You can't downgrade/ });
  await refused(again('/tier/a', 'x'.repeat(8193)), { message: /8192 characters/ });
  assert.equal((await again('/tier/b', 'x'.repeat(8192), { Tier: 'Advanced' })).Tier, 'Advanced');
  const before = cloud.cloud.clock.now();
  // What stands is noticed by a reconciler: before the clock moves, not after.
  await cloud.cloud.settled();
  await cloud.advance(3 * 3_600_000);
  const used = await cloud.cloud.meter.query('000000000000', before - 3_600_000, cloud.cloud.clock.now() + 1);
  const advanced = used.filter(({ usageType }) => usageType === 'PS-Advanced-Param-Tier1');
  assert.deepEqual(new Set(advanced.map(({ resource }) => resource.split('parameter')[1])), new Set(['/tier/a', '/tier/b']));
});

test('a SecureString lies sealed under its key, and is opened for those whom the key lets', async () => {
  const kms = cloud.client(Kms.KMSClient);
  const { KeyMetadata } = await kms.send(new Kms.CreateKeyCommand({}));
  const KeyId = KeyMetadata!.KeyId!;
  await put('/secret/default', 'hidden words', { Type: 'SecureString' });
  await put('/secret/own', 'hidden words', { Type: 'SecureString', KeyId });
  await put('/secret/large', `hidden words${'.'.repeat(5000)}`, { Type: 'SecureString', KeyId, Tier: 'Advanced' });
  for (const name of ['/secret/default', '/secret/own', '/secret/large']) {
    const [row] = await rows(name);
    assert.ok(!Buffer.from(row!.value, 'base64').includes('hidden') && !JSON.stringify(row).includes('hidden'));
    assert.match((await get(name, true)).Value!, /^hidden words/);
    assert.equal((await get(name)).Value, row!.value);
  }
  const { CiphertextBlob: blob } = { CiphertextBlob: Buffer.from((await get('/secret/own')).Value!, 'base64') };
  const EncryptionContext = { PARAMETER_ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/secret/own' };
  const { Plaintext } = await kms.send(new Kms.DecryptCommand({ CiphertextBlob: blob, EncryptionContext }));
  assert.equal(Buffer.from(Plaintext!).toString(), 'hidden words', 'KMS itself opens a standard one');
  const described = await ssm.send(new S.DescribeParametersCommand({ ParameterFilters: [{ Key: 'KeyId', Values: ['alias/aws/ssm'] }] }));
  assert.deepEqual(
    described.Parameters!.map(({ Name }) => Name),
    ['/secret/default'],
  );
  await refused(put('/secret/lost', 'x', { Type: 'SecureString', KeyId: 'alias/none' }), 'InvalidKeyId');
  await refused(put('/secret/text', 'x', { KeyId }), 'ValidationException');
  await kms.send(new Kms.DisableKeyCommand({ KeyId }));
  await refused(get('/secret/own', true), 'InvalidKeyId');
  await kms.send(new Kms.EnableKeyCommand({ KeyId }));
  const reader = await userWith('reader', { Effect: 'Allow', Action: 'ssm:*', Resource: '*' });
  await refused(reader.send(new S.GetParameterCommand({ Name: '/secret/own', WithDecryption: true })), 'AccessDeniedException');
  assert.ok((await reader.send(new S.GetParameterCommand({ Name: '/secret/own' }))).Parameter);
  await cloud.cloud.audit.flush();
  const { events } = await cloud.cloud.audit.lookup({ account: '000000000000', region: 'us-east-1', limit: 50 });
  assert.ok(events.length > 0 && !JSON.stringify(events).includes('hidden words'));
});

async function userWith(name: string, ...Statement: object[]): Promise<S.SSMClient> {
  const iam = cloud.client(Iam.IAMClient);
  await iam.send(new Iam.CreateUserCommand({ UserName: name }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new Iam.PutUserPolicyCommand({ UserName: name, PolicyName: 'one', PolicyDocument }));
  const { AccessKey } = await iam.send(new Iam.CreateAccessKeyCommand({ UserName: name }));
  return cloud.client(S.SSMClient, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
}

test('policies see paths, recursion, overwriting and tags', async () => {
  await put('/team/a/key', '1', { Tags: [{ Key: 'team', Value: 'a' }] });
  await put('/team/b/key', '2');
  const on = (path: string): string => `arn:aws:ssm:us-east-1:000000000000:parameter${path}`;
  const member = await userWith(
    'member',
    { Effect: 'Allow', Action: 'ssm:GetParametersByPath', Resource: on('/team/a') },
    { Effect: 'Deny', Action: 'ssm:GetParametersByPath', Resource: '*', Condition: { StringEquals: { 'ssm:Recursive': 'true' } } },
    { Effect: 'Allow', Action: 'ssm:GetParameter*', Resource: '*', Condition: { StringEquals: { 'ssm:resourceTag/team': 'a' } } },
    { Effect: 'Allow', Action: 'ssm:PutParameter', Resource: on('/team/*'), Condition: { StringEquals: { 'ssm:Overwrite': 'false' } } },
  );
  const byPath = (Recursive: boolean) => member.send(new S.GetParametersByPathCommand({ Path: '/team/a/', Recursive }));
  assert.equal((await byPath(false)).Parameters!.length, 1);
  await refused(byPath(true), 'AccessDeniedException');
  assert.equal((await member.send(new S.GetParameterCommand({ Name: '/team/a/key:1' }))).Parameter!.Value, '1');
  await refused(member.send(new S.GetParametersCommand({ Names: ['/team/a/key', '/team/b/key'] })), 'AccessDeniedException');
  await member.send(new S.PutParameterCommand({ Name: '/team/c', Value: 'x', Type: 'String' }));
  const overwritten = new S.PutParameterCommand({ Name: '/team/c', Value: 'y', Overwrite: true });
  await refused(member.send(overwritten), 'AccessDeniedException');
  const tagged = new S.PutParameterCommand({ Name: '/team/d', Value: 'y', Type: 'String', Tags: [{ Key: 'a', Value: 'b' }] });
  await refused(member.send(tagged), 'AccessDeniedException');
  await refused(member.send(new S.DescribeParametersCommand({})), 'AccessDeniedException');
});

test('a path is listed by level or with all below it, in pages and by filters', async () => {
  const names = ['/list/a', '/list/b/1', '/list/b/2', '/list/b/c/d', '/list/e', '/listing'];
  for (const name of names) await put(name, 'x', name === '/list/e' ? { Type: 'StringList', Value: 'a,b' } : {});
  const listed = async (input: Omit<S.GetParametersByPathCommandInput, 'Path'>, Path = '/list') => {
    const found: string[] = [];
    for await (const { Parameters } of S.paginateGetParametersByPath({ client: ssm, pageSize: 1 }, { Path, ...input }))
      found.push(...Parameters!.map(({ Name }) => Name!));
    return found;
  };
  assert.deepEqual(await listed({}), ['/list/a', '/list/e']);
  assert.deepEqual(await listed({ Recursive: true }), names.slice(0, 5));
  assert.deepEqual(await listed({}, '/list/b/'), ['/list/b/1', '/list/b/2']);
  assert.ok((await listed({}, '/')).includes('/listing'));
  assert.deepEqual(await listed({ ParameterFilters: [{ Key: 'Type', Option: 'BeginsWith', Values: ['StringList'] }] }), ['/list/e']);
  await ssm.send(new S.LabelParameterVersionCommand({ Name: '/list/b/1', Labels: ['live'] }));
  assert.deepEqual(await listed({ Recursive: true, ParameterFilters: [{ Key: 'Label', Values: ['live'] }] }), ['/list/b/1']);
  const by = (input: Partial<S.GetParametersByPathCommandInput>) => ssm.send(new S.GetParametersByPathCommand({ Path: '/list', ...input }));
  await refused(by({ ParameterFilters: [{ Key: 'Name', Values: ['x'] }] }), {
    code: 'InvalidFilterKey',
    message: 'The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId, Label].',
  });
  await refused(by({ ParameterFilters: [{ Key: 'Type', Values: ['Text'] }] }), 'InvalidFilterValue');
  await refused(by({ ParameterFilters: [{ Key: 'Label', Option: 'BeginsWith', Values: ['l'] }] }), 'InvalidFilterOption');
  await refused(by({ MaxResults: 11 }), 'ValidationException');
  await refused(by({ NextToken: '???' }), 'InvalidNextToken');
  const described = async (...ParameterFilters: S.ParameterStringFilter[]) => {
    const found: string[] = [];
    for await (const { Parameters } of S.paginateDescribeParameters({ client: ssm, pageSize: 2 }, { ParameterFilters }))
      found.push(...Parameters!.map(({ Name }) => Name!));
    return found;
  };
  assert.deepEqual(await described({ Key: 'Path', Option: 'Recursive', Values: ['/list'] }), names.slice(0, 5));
  assert.deepEqual(await described({ Key: 'Path', Values: ['/list'] }), ['/list/a', '/list/e']);
  assert.deepEqual(await described({ Key: 'Name', Option: 'Contains', Values: ['st/b/'] }), names.slice(1, 4));
  assert.deepEqual(await described({ Key: 'tag:team', Values: ['a'] }), ['/team/a/key']);
  const old = await ssm.send(new S.DescribeParametersCommand({ Filters: [{ Key: 'Name', Values: ['/listing'] }] }));
  assert.deepEqual(
    old.Parameters!.map(({ Name, Tier, LastModifiedUser }) => [Name, Tier, LastModifiedUser]),
    [['/listing', 'Standard', 'arn:aws:iam::000000000000:root']],
  );
});

test('a hundred versions stay, and one with a label is not dropped; labels move', async () => {
  await put('/many', '1', { Description: 'counted' });
  for (let value = 2; value <= 100; value++) await again('/many', String(value));
  const label = (ParameterVersion: number, ...Labels: string[]) =>
    ssm.send(new S.LabelParameterVersionCommand({ Name: '/many', ParameterVersion, Labels }));
  assert.deepEqual((await label(1, 'kept', '1st', 'aws-x')).InvalidLabels, ['1st', 'aws-x']);
  await refused(again('/many', '101'), { code: 'ParameterMaxVersionLimitExceeded', message: /Version 1, the oldest version/ });
  assert.equal((await get('/many')).Value, '100');
  await label(2, 'kept');
  assert.equal((await get('/many:kept')).Value, '2');
  await again('/many', '101');
  await refused(get('/many:1'), 'ParameterVersionNotFound');
  await label(50, ...Array.from({ length: 10 }, (_, at) => `l${at}`));
  await refused(label(50, 'more'), 'ParameterVersionLabelLimitExceeded');
  await refused(label(500, 'more'), 'ParameterVersionNotFound');
  const taken = new S.UnlabelParameterVersionCommand({ Name: '/many', ParameterVersion: 50, Labels: ['l0', 'kept'] });
  const { RemovedLabels, InvalidLabels } = await ssm.send(taken);
  assert.deepEqual([RemovedLabels, InvalidLabels], [['l0'], ['kept']]);
  const history: S.ParameterHistory[] = [];
  for await (const { Parameters } of S.paginateGetParameterHistory({ client: ssm, pageSize: 30 }, { Name: '/many' }))
    history.push(...Parameters!);
  assert.deepEqual(
    history.map(({ Version }) => Version),
    Array.from({ length: 100 }, (_, at) => at + 2),
  );
  assert.deepEqual([history[0]!.Labels, history[0]!.Description, history[48]!.Labels!.length], [['kept'], 'counted', 9]);
  const { DeletedParameters, InvalidParameters } = await ssm.send(new S.DeleteParametersCommand({ Names: ['/many', '/lost'] }));
  assert.deepEqual([DeletedParameters, InvalidParameters], [['/many'], ['/lost']]);
  assert.deepEqual(await rows('/many'), []);
  await put('/many', 'anew');
  await refused(get('/many:kept'), 'ParameterVersionNotFound');
  await ssm.send(new S.DeleteParameterCommand({ Name: '/many' }));
});

test('policies are due by the clock: a notice is marked, an expired parameter is gone', async () => {
  const policy = (Type: string, Attributes: object) => ({ Type, Version: '1.0', Attributes });
  const Timestamp = new Date(cloud.cloud.clock.now() + 10 * day).toISOString();
  const all = [
    policy('Expiration', { Timestamp }),
    policy('ExpirationNotification', { Before: '5', Unit: 'Days' }),
    policy('NoChangeNotification', { After: '48', Unit: 'Hours' }),
  ];
  const Policies = JSON.stringify(all);
  await refused(put('/due', 'x', { Policies }), 'ValidationException');
  await put('/due', 'x', { Policies, Tier: 'Advanced' });
  const statuses = async () => {
    const { Parameters } = await ssm.send(new S.DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Values: ['/due'] }] }));
    return Parameters![0]?.Policies!.map(({ PolicyStatus }) => PolicyStatus);
  };
  assert.deepEqual(await statuses(), ['Pending', 'Pending', 'Pending']);
  await cloud.advance(day);
  await again('/due', 'y');
  await cloud.advance(1.5 * day);
  assert.deepEqual(await statuses(), ['Pending', 'Pending', 'Pending'], 'a change makes the wait begin anew');
  await cloud.advance(3 * day);
  assert.deepEqual(await statuses(), ['Pending', 'Finished', 'Finished']);
  await cloud.advance(5 * day);
  await refused(get('/due'), 'ParameterNotFound');
  const bad = (given: unknown) => put('/due', 'x', { Tier: 'Advanced', Policies: JSON.stringify(given) });
  await refused(bad([policy('Never', {})]), 'InvalidPolicyTypeException');
  await refused(bad([policy('Expiration', { Timestamp: '2001-01-01T00:00:00Z' })]), 'InvalidPolicyAttributeException');
  await refused(bad([policy('ExpirationNotification', { Before: '1', Unit: 'Days' })]), 'IncompatiblePolicyException');
  await refused(bad(Array(11).fill(policy('NoChangeNotification', { After: '1', Unit: 'Days' }))), 'PoliciesLimitExceededException');
  await refused(bad('no list'), 'InvalidPolicyAttributeException');
});

test('parameters bear tags', async () => {
  await put('/tagged', 'x', { Tags: [{ Key: 'a', Value: '1' }] });
  const on = { ResourceType: 'Parameter' as const, ResourceId: '/tagged' };
  await ssm.send(
    new S.AddTagsToResourceCommand({
      ...on,
      Tags: [
        { Key: 'b', Value: '2' },
        { Key: 'a', Value: '3' },
      ],
    }),
  );
  await ssm.send(new S.RemoveTagsFromResourceCommand({ ...on, TagKeys: ['b'] }));
  assert.deepEqual((await ssm.send(new S.ListTagsForResourceCommand(on))).TagList, [{ Key: 'a', Value: '3' }]);
  await refused(ssm.send(new S.ListTagsForResourceCommand({ ...on, ResourceId: '/none' })), 'InvalidResourceId');
  await refused(ssm.send(new S.ListTagsForResourceCommand({ ...on, ResourceType: 'Document' })), 'NotImplemented');
  await refused(ssm.send(new S.ListTagsForResourceCommand({ ...on, ResourceType: 'Thing' as never })), 'InvalidResourceType');
  const many = Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' }));
  await refused(ssm.send(new S.AddTagsToResourceCommand({ ...on, Tags: many })), 'TooManyTagsError');
});

test('parameters outlive a restart', async () => {
  await put('/kept', 'x', { Type: 'SecureString' });
  await cloud.close({ keep: true });
  cloud = await startCloud({ host: simulatedHost(), dataDirectory: cloud.dataDirectory });
  ssm = cloud.client(S.SSMClient);
  assert.equal((await get('/kept', true)).Value, 'x');
});

test('a name of one level is the same parameter with a slash before it and without', async () => {
  await put('one-level', 'x', { Tags: [{ Key: 'a', Value: '1' }] });
  const slashed = await get('/one-level');
  assert.deepEqual([slashed.Name, slashed.Value], ['/one-level', 'x']);
  assert.equal(slashed.ARN, (await get('one-level')).ARN);
  await refused(put('/one-level', 'y'), 'ParameterAlreadyExists');
  await again('/one-level', 'y');
  assert.deepEqual(await get('one-level').then(({ Value, Version }) => [Value, Version]), ['y', 2]);
  await ssm.send(new S.LabelParameterVersionCommand({ Name: '/one-level', Labels: ['new'] }));
  assert.equal((await get('one-level:new')).Version, 2);
  const where = { ResourceType: 'Parameter', ResourceId: '/one-level' } as const;
  await ssm.send(new S.AddTagsToResourceCommand({ ...where, Tags: [{ Key: 'b', Value: '2' }] }));
  assert.equal((await ssm.send(new S.ListTagsForResourceCommand({ ...where, ResourceId: 'one-level' }))).TagList!.length, 2);
  assert.equal((await ssm.send(new S.GetParameterHistoryCommand({ Name: '/one-level' }))).Parameters!.length, 2);
  const byName = new S.DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Values: ['/one-level'] }] });
  assert.equal((await ssm.send(byName)).Parameters![0]!.Name, 'one-level');
  await ssm.send(new S.DeleteParameterCommand({ Name: '/one-level' }));
  await refused(get('one-level'), 'ParameterNotFound');
  await refused(get('one/level'), { code: 'ValidationException', message: /sub-paths divided by slash symbol/ });
});
