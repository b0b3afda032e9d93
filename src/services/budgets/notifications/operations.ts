/** Notifications of budgets and who gets them. */

import type { Notification } from '@aws-sdk/client-budgets';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkAccount, requireBudget } from '../budgets/lookup.ts';
import {
  creationLimitExceeded,
  invalidParameter,
  notificationExists,
  notificationNotFound,
  subscriberExists,
  subscriberNotFound,
} from '../errors.ts';
import { notificationsPerBudgetMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { budgets, type Budget, type Rule } from '../tables.ts';
import { checkSubscribers, isRule, keyOf, readRule, readSubscriber, ruleView } from './rule.ts';

type Asked = { AccountId: string; BudgetName: string };

/** Writes a budget's rules anew. */
async function change(request: ServiceRequest, { AccountId, BudgetName }: Asked, next: (budget: Budget) => Rule[]): Promise<void> {
  checkAccount(request, AccountId);
  await request.store.write(async (tx) => {
    const budget = await requireBudget(tx, AccountId, BudgetName);
    await budgets.put(tx, { ...budget, rules: next(budget) });
  });
}

/** Throws NotFoundException. */
function requireRule({ rules, name }: Budget, given: Notification): Rule {
  const rule = rules.find(isRule(keyOf(given)));
  if (!rule) throw notificationNotFound(name);
  return rule;
}

export const CreateNotification: Operation<'CreateNotification'> = async (request, input) => {
  const rule = readRule(input.Notification, input.Subscribers);
  await change(request, input, ({ rules, name }) => {
    if (rules.some(isRule(rule))) throw notificationExists(name);
    if (rules.length >= notificationsPerBudgetMax)
      throw creationLimitExceeded(`A budget takes ${notificationsPerBudgetMax} notifications.`);
    return [...rules, rule];
  });
  return {};
};

export const UpdateNotification: Operation<'UpdateNotification'> = async (request, input) => {
  const key = keyOf(input.NewNotification);
  await change(request, input, (budget) => {
    const old = requireRule(budget, input.OldNotification);
    if (budget.rules.some((rule) => rule !== old && isRule(key)(rule))) throw notificationExists(budget.name);
    return budget.rules.map((rule) => (rule === old ? { ...rule, ...key, alarm: false } : rule));
  });
  return {};
};

export const DeleteNotification: Operation<'DeleteNotification'> = async (request, input) => {
  await change(request, input, (budget) => {
    const old = requireRule(budget, input.Notification);
    return budget.rules.filter((rule) => rule !== old);
  });
  return {};
};

export const DescribeNotificationsForBudget: Operation<'DescribeNotificationsForBudget'> = async (request, { AccountId, BudgetName }) => {
  checkAccount(request, AccountId);
  const { rules } = await request.store.read((tx) => requireBudget(tx, AccountId, BudgetName));
  return { Notifications: rules.map(ruleView) };
};

export const CreateSubscriber: Operation<'CreateSubscriber'> = async (request, input) => {
  const added = readSubscriber(input.Subscriber);
  await change(request, input, (budget) => {
    const rule = requireRule(budget, input.Notification);
    if (rule.subscribers.some(({ Address }) => Address === added.Address)) throw subscriberExists();
    const subscribers = [...rule.subscribers, added];
    checkSubscribers(subscribers);
    return budget.rules.map((each) => (each === rule ? { ...rule, subscribers } : each));
  });
  return {};
};

export const DeleteSubscriber: Operation<'DeleteSubscriber'> = async (request, input) => {
  const { Address: gone, SubscriptionType: kind } = readSubscriber(input.Subscriber);
  await change(request, input, (budget) => {
    const rule = requireRule(budget, input.Notification);
    const subscribers = rule.subscribers.filter(({ Address, SubscriptionType }) => Address !== gone || SubscriptionType !== kind);
    if (subscribers.length === rule.subscribers.length) throw subscriberNotFound();
    if (subscribers.length === 0) throw invalidParameter('A notification must have a subscriber.');
    return budget.rules.map((each) => (each === rule ? { ...rule, subscribers } : each));
  });
  return {};
};

export const DescribeSubscribersForNotification: Operation<'DescribeSubscribersForNotification'> = async (request, input) => {
  checkAccount(request, input.AccountId);
  const budget = await request.store.read((tx) => requireBudget(tx, input.AccountId, input.BudgetName));
  return { Subscribers: requireRule(budget, input.Notification).subscribers };
};
