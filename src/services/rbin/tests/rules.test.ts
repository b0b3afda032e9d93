/** Retention rules, through the SDK of Recycle Bin. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import * as Rbin from '@aws-sdk/client-rbin';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const home = '111122223333';
const cloud = await startCloud();
const credentials = rootOf(home);
const rbin = cloud.client(Rbin.RbinClient as never, { credentials }) as Rbin.RbinClient;
after(() => cloud.close());

const day = 86_400_000;
type Type = Rbin.ResourceType;
const days = (value: number) => ({ RetentionPeriodValue: value, RetentionPeriodUnit: 'DAYS' as const });
const rule = (ResourceType: string, value: number, more: object = {}) =>
  rbin.send(new Rbin.CreateRuleCommand({ ResourceType: ResourceType as Type, RetentionPeriod: days(value), ...more }));
const drop = (made: Rbin.CreateRuleCommandOutput) => rbin.send(new Rbin.DeleteRuleCommand({ Identifier: made.Identifier! }));

test('a rule is made, shown, changed, tagged and deleted', async () => {
  const made = await rule('EBS_SNAPSHOT', 7, { Description: 'a week', Tags: [{ Key: 'team', Value: 'a' }] });
  assert.match(made.Identifier!, /^[0-9A-Za-z]{11}$/);
  assert.deepEqual([made.Status, made.LockState, made.Tags], ['available', 'unlocked', [{ Key: 'team', Value: 'a' }]]);
  assert.equal(made.RuleArn, `arn:aws:rbin:us-east-1:${home}:rule/${made.Identifier!}`);
  const Identifier = made.Identifier!;
  const changed = await rbin.send(new Rbin.UpdateRuleCommand({ Identifier, RetentionPeriod: days(9), Description: '' }));
  assert.deepEqual([changed.RetentionPeriod, changed.Description], [days(9), '']);
  const { Rules } = await rbin.send(new Rbin.ListRulesCommand({ ResourceType: 'EBS_SNAPSHOT', LockState: 'unlocked' }));
  assert.deepEqual(
    Rules!.map((one) => [one.Identifier, one.RetentionPeriod]),
    [[Identifier, days(9)]],
  );
  const ResourceArn = made.RuleArn!;
  await rbin.send(new Rbin.TagResourceCommand({ ResourceArn, Tags: [{ Key: 'more', Value: '' }] }));
  await rbin.send(new Rbin.UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
  assert.deepEqual((await rbin.send(new Rbin.ListTagsForResourceCommand({ ResourceArn }))).Tags, [{ Key: 'more', Value: '' }]);
  await drop(made);
  await refused(rbin.send(new Rbin.GetRuleCommand({ Identifier })), 'ResourceNotFoundException');
  await refused(rbin.send(new Rbin.ListTagsForResourceCommand({ ResourceArn })), 'ResourceNotFoundException');
  const second = await rule('EC2_IMAGE', 1);
  const third = await rule('EC2_IMAGE', 2);
  const page = await rbin.send(new Rbin.ListRulesCommand({ ResourceType: 'EC2_IMAGE', MaxResults: 1 }));
  const rest = await rbin.send(new Rbin.ListRulesCommand({ ResourceType: 'EC2_IMAGE', NextToken: page.NextToken! }));
  assert.deepEqual([...page.Rules!, ...rest.Rules!].map((one) => one.Identifier).sort(), [second.Identifier, third.Identifier].sort());
  await Promise.all([drop(second), drop(third)]);
});

test('what no rule can be is refused, and so is who may not make one', async () => {
  for (const [type, value, more] of [
    ['EBS_DISK', 7, {}],
    ['EBS_SNAPSHOT', 0, {}],
    ['EBS_SNAPSHOT', 3651, {}],
    ['EBS_VOLUME', 8, {}],
    ['EBS_SNAPSHOT', 7, { Description: 'x'.repeat(256) }],
    ['EBS_SNAPSHOT', 7, { ResourceTags: [{ ResourceTagKey: '' }] }],
    ['EBS_SNAPSHOT', 7, { LockConfiguration: { UnlockDelay: { UnlockDelayValue: 3, UnlockDelayUnit: 'DAYS' } } }],
  ] as const)
    await refused(rule(type, value, more), 'ValidationException');
  await refused(rbin.send(new Rbin.ListRulesCommand({ ResourceType: 'EBS_SNAPSHOT', NextToken: 'eA==' })), 'ValidationException');
  const iam = cloud.client(IAMClient, { credentials });
  await iam.send(new CreateUserCommand({ UserName: 'images-only' }));
  const Statement = {
    ...{ Effect: 'Allow', Action: 'rbin:CreateRule', Resource: '*' },
    Condition: { StringEquals: { 'rbin:Request/ResourceType': 'EC2_IMAGE' } },
  };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: 'images-only', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'images-only' }));
  const own = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const theirs = cloud.client(Rbin.RbinClient as never, { credentials: own }) as Rbin.RbinClient;
  const make = (ResourceType: Type) => theirs.send(new Rbin.CreateRuleCommand({ ResourceType, RetentionPeriod: days(3) }));
  await refused(make('EBS_SNAPSHOT'), 'AccessDeniedException');
  await drop(await make('EC2_IMAGE'));
});

test('a locked rule cannot be changed until its delay after unlocking has passed', async () => {
  const lock = { LockConfiguration: { UnlockDelay: { UnlockDelayValue: 7, UnlockDelayUnit: 'DAYS' as const } } };
  const tags = await rule('EBS_SNAPSHOT', 7, { ResourceTags: [{ ResourceTagKey: 'a', ResourceTagValue: 'b' }] });
  await refused(rbin.send(new Rbin.LockRuleCommand({ Identifier: tags.Identifier!, ...lock })), 'ValidationException');
  await drop(tags);
  const { Identifier } = await rule('EBS_SNAPSHOT', 7);
  const locked = await rbin.send(new Rbin.LockRuleCommand({ Identifier: Identifier!, ...lock }));
  assert.deepEqual([locked.LockState, locked.LockConfiguration], ['locked', lock.LockConfiguration]);
  const remove = () => rbin.send(new Rbin.DeleteRuleCommand({ Identifier: Identifier! }));
  await refused(remove(), 'ConflictException');
  await refused(rbin.send(new Rbin.UpdateRuleCommand({ Identifier: Identifier!, Description: 'x' })), 'ConflictException');
  const ending = await rbin.send(new Rbin.UnlockRuleCommand({ Identifier: Identifier! }));
  assert.equal(ending.LockState, 'pending_unlock');
  await refused(remove(), 'ConflictException');
  await cloud.advance(7 * day + 1);
  assert.equal((await rbin.send(new Rbin.GetRuleCommand({ Identifier: Identifier! }))).LockState, 'unlocked');
  await remove();
});
