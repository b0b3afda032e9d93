/** Budgets through the real SDK: made, shown, changed, crossed and deleted. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  BudgetsClient,
  CreateBudgetCommand,
  CreateNotificationCommand,
  CreateSubscriberCommand,
  DeleteBudgetCommand,
  DeleteNotificationCommand,
  DeleteSubscriberCommand,
  DescribeBudgetCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  UpdateBudgetCommand,
  UpdateNotificationCommand,
  type Budget,
  type Notification,
} from '@aws-sdk/client-budgets';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { monthOf } from '../../../framework/billing/month.ts';
import { setFreeTier } from '../../../framework/billing/settings.ts';
import { mailbox } from '../../../framework/mailbox.ts';

const AccountId = '444444444444';
const credentials = rootOf(AccountId);
const day = 86_400_000;

let cloud: LiveCloud;
let budgets: BudgetsClient;
before(async () => {
  cloud = await startCloud();
  const now = cloud.cloud.clock.now();
  await cloud.advance(monthOf(now).to - now);
  await cloud.cloud.store.write((tx) => setFreeTier(tx, 'none'));
  budgets = cloud.client(BudgetsClient, { credentials });
});
after(() => cloud.close());

const monthly = (BudgetName: string, Amount: string, more: Partial<Budget> = {}): Budget => ({
  ...{ BudgetName, BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount, Unit: 'USD' } },
  ...more,
});
const above = (Threshold: number, more: Partial<Notification> = {}): Notification => ({
  ...{ NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold, ThresholdType: 'PERCENTAGE' },
  ...more,
});

/** Ten hours of an m5.large: 0.96 dollars. */
const spend = (hours = 10): void =>
  cloud.cloud.meter.record({
    ...{ account: AccountId, region: 'us-east-1', service: 'ec2', operation: 'RunInstances', usageType: 'BoxUsage:m5.large' },
    ...{ unit: 'Seconds', quantity: hours * 3600, at: cloud.cloud.clock.now() },
  });

test('a budget says what its month has cost and is expected to cost', async () => {
  await budgets.send(new CreateBudgetCommand({ AccountId, Budget: monthly('all', '100') }));
  await budgets.send(
    new CreateBudgetCommand({ AccountId, Budget: monthly('queues', '5', { CostFilters: { Service: ['Amazon Simple Queue Service'] } }) }),
  );
  spend();
  await cloud.advance(day);
  const { Budget: all } = await budgets.send(new DescribeBudgetCommand({ AccountId, BudgetName: 'all' }));
  assert.deepEqual(all!.BudgetLimit, { Amount: '100', Unit: 'USD' });
  assert.deepEqual(all!.CalculatedSpend!.ActualSpend, { Amount: '0.96', Unit: 'USD' });
  const days = (monthOf(cloud.cloud.clock.now()).to - monthOf(cloud.cloud.clock.now()).from) / day;
  assert.equal(Number(all!.CalculatedSpend!.ForecastedSpend!.Amount).toFixed(4), (0.96 * days).toFixed(4));
  const { Budgets, NextToken } = await budgets.send(new DescribeBudgetsCommand({ AccountId, MaxResults: 1 }));
  assert.deepEqual([Budgets!.length, Budgets![0]!.BudgetName], [1, 'all']);
  const rest = await budgets.send(new DescribeBudgetsCommand({ AccountId, NextToken }));
  assert.deepEqual(
    rest.Budgets!.map(({ BudgetName, CalculatedSpend }) => [BudgetName, CalculatedSpend!.ActualSpend!.Amount]),
    [['queues', '0']],
  );
  await budgets.send(new UpdateBudgetCommand({ AccountId, NewBudget: monthly('queues', '7') }));
  const { Budget: changed } = await budgets.send(new DescribeBudgetCommand({ AccountId, BudgetName: 'queues' }));
  assert.deepEqual([changed!.BudgetLimit!.Amount, changed!.CostFilters], ['7', {}]);
  await budgets.send(new DeleteBudgetCommand({ AccountId, BudgetName: 'queues' }));
  await assert.rejects(budgets.send(new DescribeBudgetCommand({ AccountId, BudgetName: 'queues' })), { name: 'NotFoundException' });
});

test('who subscribes to a threshold hears of it once when it is crossed: by topic and by mail', async () => {
  const sns = cloud.client(SNSClient, { credentials });
  const sqs = cloud.client(SQSClient, { credentials });
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
  const allow = (Resource: string, Action: string, Service: string): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service }, Action, Resource }] });
  const AttributeValue = allow(TopicArn!, 'sns:Publish', 'budgets.amazonaws.com');
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'alarms' }));
  const queueArn = `arn:aws:sqs:us-east-1:${AccountId}:alarms`;
  const Attributes = { Policy: allow(queueArn, 'sqs:SendMessage', 'sns.amazonaws.com') };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn }));
  const Subscribers = [
    { SubscriptionType: 'SNS' as const, Address: TopicArn! },
    { SubscriptionType: 'EMAIL' as const, Address: 'ana@example.com' },
  ];
  const NotificationsWithSubscribers = [{ Notification: above(80), Subscribers }];
  await budgets.send(new CreateBudgetCommand({ AccountId, Budget: monthly('small', '2'), NotificationsWithSubscribers }));
  const heard = async (): Promise<string[]> => {
    await cloud.cloud.settled();
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.map(({ Body }) => (JSON.parse(Body!) as { Message: string }).Message);
  };
  await cloud.advance(3_600_000);
  assert.deepEqual(await heard(), [], 'it is at 48 per cent');
  spend();
  await cloud.advance(3_600_000);
  const [message, ...others] = await heard();
  assert.deepEqual(others, []);
  assert.match(
    message!,
    /Budget Name: small\nBudget Type: Cost\nBudgeted Amount: \$2\nAlert Type: ACTUAL\nAlert Threshold: > \$1\.6\nACTUAL Amount: \$1\.92/,
  );
  const letters = await cloud.cloud.store.read((tx) => mailbox.scan(tx));
  assert.deepEqual(
    letters.map(({ row }) => [row.to, row.service]),
    [['ana@example.com', 'budgets']],
  );
  await cloud.advance(3_600_000);
  assert.deepEqual(await heard(), [], 'once is enough');
  const { Notifications } = await budgets.send(new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName: 'small' }));
  assert.deepEqual(Notifications, [{ ...above(80), NotificationState: 'ALARM' }]);
  await cloud.advance(40 * day);
  const next = await budgets.send(new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName: 'small' }));
  assert.equal(next.Notifications![0]!.NotificationState, 'OK', 'another month begins anew');
});

test('notifications and their subscribers come and go', async () => {
  const BudgetName = 'noted';
  await budgets.send(new CreateBudgetCommand({ AccountId, Budget: monthly(BudgetName, '10') }));
  const ana = { SubscriptionType: 'EMAIL' as const, Address: 'ana@example.com' };
  const bo = { SubscriptionType: 'EMAIL' as const, Address: 'bo@example.com' };
  const of = { AccountId, BudgetName };
  await budgets.send(new CreateNotificationCommand({ ...of, Notification: above(50), Subscribers: [ana] }));
  await assert.rejects(budgets.send(new CreateNotificationCommand({ ...of, Notification: above(50), Subscribers: [ana] })), {
    name: 'DuplicateRecordException',
  });
  await budgets.send(new UpdateNotificationCommand({ ...of, OldNotification: above(50), NewNotification: above(60) }));
  await budgets.send(new CreateSubscriberCommand({ ...of, Notification: above(60), Subscriber: bo }));
  await assert.rejects(budgets.send(new CreateSubscriberCommand({ ...of, Notification: above(60), Subscriber: bo })), {
    name: 'DuplicateRecordException',
  });
  await budgets.send(new DeleteSubscriberCommand({ ...of, Notification: above(60), Subscriber: ana }));
  const { Subscribers } = await budgets.send(new DescribeSubscribersForNotificationCommand({ ...of, Notification: above(60) }));
  assert.deepEqual(Subscribers, [bo]);
  await budgets.send(new DeleteNotificationCommand({ ...of, Notification: above(60) }));
  await assert.rejects(budgets.send(new DeleteNotificationCommand({ ...of, Notification: above(60) })), { name: 'NotFoundException' });
});

test('what is wrong is refused, what is not built says so, and nobody else may look', async () => {
  const made = async (Budget: Budget): Promise<unknown> => budgets.send(new CreateBudgetCommand({ AccountId, Budget }));
  await assert.rejects(made(monthly('a:b', '1')), { name: 'InvalidParameterException' });
  await assert.rejects(made(monthly('zero', '0')), { name: 'InvalidParameterException' });
  await assert.rejects(made(monthly('won', '1', { BudgetLimit: { Amount: '1', Unit: 'KRW' } })), { name: 'InvalidParameterException' });
  await assert.rejects(made(monthly('use', '1', { BudgetType: 'USAGE' })), { name: 'InvalidParameterException' });
  await assert.rejects(made(monthly('reserved', '1', { BudgetType: 'RI_COVERAGE' })), { name: 'NotImplemented' });
  await assert.rejects(made(monthly('tagged', '1', { CostFilters: { TagKeyValue: ['user:a$b'] } })), { name: 'NotImplemented' });
  await assert.rejects(budgets.send(new DescribeBudgetsCommand({ AccountId: '555555555555' })), { name: 'AccessDeniedException' });
  const iam = cloud.client(IAMClient, { credentials });
  await iam.send(new CreateUserCommand({ UserName: 'clerk' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'clerk' }));
  const clerk = cloud.client(BudgetsClient, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  await assert.rejects(clerk.send(new DescribeBudgetsCommand({ AccountId })), /budgets:ViewBudget/);
});
