/** Making, showing, changing and deleting budgets: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { budgetExists, creationLimitExceeded, invalidNextToken } from '../errors.ts';
import { budgetsMax, notificationsPerBudgetMax, pageMax } from '../limits.ts';
import { readRule } from '../notifications/rule.ts';
import type { Operation } from '../sdk.ts';
import { budgets } from '../tables.ts';
import { budgetView, readBudget } from './budget.ts';
import { checkAccount, requireBudget } from './lookup.ts';
import { spendOf } from './spend.ts';

export const CreateBudget: Operation<'CreateBudget'> = async (request, input) => {
  const { AccountId, Budget: given, NotificationsWithSubscribers = [], ResourceTags } = input;
  checkAccount(request, AccountId);
  if (ResourceTags && ResourceTags.length > 0) throw notImplemented('budgets:CreateBudget with ResourceTags');
  const budget = readBudget(given, AccountId, request.now);
  if (NotificationsWithSubscribers.length > notificationsPerBudgetMax)
    throw creationLimitExceeded(`A budget takes ${notificationsPerBudgetMax} notifications.`);
  const rules = NotificationsWithSubscribers.map(({ Notification, Subscribers }) => readRule(Notification, Subscribers));
  await request.store.write(async (tx) => {
    if (await budgets.get(tx, AccountId, budget.name)) throw budgetExists(budget.name);
    if ((await budgets.scan(tx, [AccountId], { limit: budgetsMax })).length >= budgetsMax)
      throw creationLimitExceeded(`An account has ${budgetsMax} budgets at most.`);
    await budgets.put(tx, { ...budget, rules });
  });
  return {};
};

export const DescribeBudget: Operation<'DescribeBudget'> = async (request, { AccountId, BudgetName }) => {
  checkAccount(request, AccountId);
  const budget = await request.store.read((tx) => requireBudget(tx, AccountId, BudgetName));
  return { Budget: budgetView(budget, await spendOf(request, budget, request.now)) };
};

export const DescribeBudgets: Operation<'DescribeBudgets'> = async (request, { AccountId, MaxResults = pageMax, NextToken }) => {
  checkAccount(request, AccountId);
  const after = NextToken === undefined ? '' : nameOf(NextToken);
  const found = await request.store.read((tx) =>
    budgets.between(tx, [AccountId, `${after}\u0000`], [AccountId, '\u{10ffff}'], { limit: MaxResults + 1 }),
  );
  const page = found.slice(0, MaxResults).map(({ row }) => row);
  const Budgets = [];
  for (const budget of page) Budgets.push(budgetView(budget, await spendOf(request, budget, request.now)));
  return { Budgets, ...(found.length > MaxResults && { NextToken: Buffer.from(page.at(-1)!.name).toString('base64') }) };
};

function nameOf(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (Buffer.from(name).toString('base64') !== token) throw invalidNextToken();
  return name;
}

export const UpdateBudget: Operation<'UpdateBudget'> = async (request, { AccountId, NewBudget }) => {
  checkAccount(request, AccountId);
  const budget = readBudget(NewBudget, AccountId, request.now);
  await request.store.write(async (tx) => {
    const { rules } = await requireBudget(tx, AccountId, budget.name);
    await budgets.put(tx, { ...budget, rules });
  });
  return {};
};

export const DeleteBudget: Operation<'DeleteBudget'> = async (request, { AccountId, BudgetName }) => {
  checkAccount(request, AccountId);
  await request.store.write(async (tx) => {
    await requireBudget(tx, AccountId, BudgetName);
    await budgets.delete(tx, AccountId, BudgetName);
  });
  return {};
};
