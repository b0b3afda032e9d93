/** Looks each hour of cloud time whether budgets are crossed, and tells their subscribers once for each crossing. */

import { AwsError } from '../../../framework/aws-error.ts';
import { shortText } from '../../../framework/billing/decimal.ts';
import { dayText, hourMilliseconds, hourOf } from '../../../framework/billing/month.ts';
import { letterCharactersMax, mailbox } from '../../../framework/mailbox.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { spendOf, type Spend } from '../budgets/spend.ts';
import { budgets, type Budget, type Rule } from '../tables.ts';
import { isCrossed, isRule, thresholdOf } from './rule.ts';

const serviceName = 'budgets.amazonaws.com';

export const watcher: Reconciler = {
  name: 'budgets/watcher',
  watches: [budgets],
  rests: true,
  run: async (context) => {
    const now = context.clock.now();
    for await (const budget of budgets.each(context.store)) {
      context.signal.throwIfAborted();
      if (budget.rules.length > 0 && budget.start <= now && now < budget.end) await look(context, budget, now);
      await context.giveWay();
    }
    return { nextAt: hourOf(now) + hourMilliseconds };
  },
};

async function look(context: ReconcilerContext, budget: Budget, now: number): Promise<void> {
  const spend = await spendOf(context, budget, now);
  for (const rule of budget.rules) {
    const alarm = isCrossed(rule, budget, spend);
    if (alarm === rule.alarm) continue;
    // Written down first: a crash in between tells nobody rather than everybody twice.
    const isNew = await context.store.write(async (tx) => {
      const present = await budgets.get(tx, budget.account, budget.name);
      const same = present?.rules.find(isRule(rule));
      if (!present || !same || same.alarm === alarm) return false;
      await budgets.put(tx, { ...present, rules: present.rules.map((each) => (each === same ? { ...each, alarm } : each)) });
      return true;
    });
    if (isNew && alarm) await tell(context, budget, rule, spend, now);
  }
}

async function tell(context: ReconcilerContext, budget: Budget, rule: Rule, spend: Spend, now: number): Promise<void> {
  const Subject = `AWS Budgets: ${budget.name} has exceeded your alert threshold`.slice(0, 100);
  const Message = messageOf(budget, rule, spend, now);
  for (const { SubscriptionType, Address } of rule.subscribers) {
    if (SubscriptionType === 'SNS') await publish(context, budget, { TopicArn: Address, Subject, Message });
    else {
      const letter = { id: context.random.uuid(), at: now, account: budget.account, region: 'us-east-1', service: 'budgets' };
      const body = Message.slice(0, letterCharactersMax);
      await context.store.write((tx) => mailbox.put(tx, { ...letter, kind: 'email', to: Address, subject: Subject, body }));
    }
  }
}

async function publish(
  context: ReconcilerContext,
  { account, name }: Budget,
  message: { TopicArn: string; Subject: string; Message: string },
) {
  const topic = parseArn(message.TopicArn);
  if (!topic) return;
  const principal: ServicePrincipal = {
    ...{ type: 'Service', account, arn: '', id: serviceName, name: serviceName },
    ...{ sourceArn: `arn:aws:budgets::${account}:budget/${name}`, sourceAccount: account },
  };
  try {
    await context.awsAs(principal, { account: topic.account, region: topic.region }).sns('Publish', message);
  } catch (error) {
    // The topic is gone, or its policy does not let budgets publish: nothing that another try would mend.
    if (!(error instanceof AwsError)) throw error;
    context.log(`The budget ${name} of ${account} could not tell ${message.TopicArn}: ${error.message}`);
  }
}

const comparisons = { GREATER_THAN: '>', LESS_THAN: '<', EQUAL_TO: '=' } as const;

function messageOf(budget: Budget, rule: Rule, { actual, forecast = 0n }: Spend, now: number): string {
  const money = (value: bigint): string => (budget.type === 'COST' ? `$${shortText(value)}` : `${shortText(value)} ${budget.limit.unit}`);
  return [
    `AWS Budget Notification ${dayText(now)}`,
    `AWS Account ${budget.account}`,
    '',
    `Budget Name: ${budget.name}`,
    `Budget Type: ${budget.type === 'COST' ? 'Cost' : 'Usage'}`,
    `Budgeted Amount: ${budget.type === 'COST' ? '$' : ''}${budget.limit.amount}${budget.type === 'COST' ? '' : ` ${budget.limit.unit}`}`,
    `Alert Type: ${rule.type}`,
    `Alert Threshold: ${comparisons[rule.operator]} ${money(thresholdOf(rule, budget))}`,
    `${rule.type} Amount: ${money(rule.type === 'ACTUAL' ? actual : forecast)}`,
  ].join('\n');
}
