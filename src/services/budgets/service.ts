/** AWS Budgets: its contents page. What is not listed here answers NotImplemented. */

import type { Authorizer } from '../../framework/authorization.ts';
import { mailbox } from '../../framework/mailbox.ts';
import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { CreateBudget, DeleteBudget, DescribeBudget, DescribeBudgets, UpdateBudget } from './budgets/operations.ts';
import {
  CreateNotification,
  CreateSubscriber,
  DeleteNotification,
  DeleteSubscriber,
  DescribeNotificationsForBudget,
  DescribeSubscribersForNotification,
  UpdateNotification,
} from './notifications/operations.ts';
import { watcher } from './notifications/watcher.ts';
import type { Budgets } from './sdk.ts';
import { tables } from './tables.ts';

type Named = {
  AccountId: string;
  BudgetName?: string;
  Budget?: { BudgetName?: string | undefined };
  NewBudget?: { BudgetName?: string | undefined };
};

/** Two actions are all: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html */
const may =
  (action: 'ViewBudget' | 'ModifyBudget'): Authorizer<Named> =>
  ({ account }, { BudgetName, Budget, NewBudget }) => {
    const name = BudgetName ?? Budget?.BudgetName ?? NewBudget?.BudgetName ?? '*';
    return [{ action: `budgets:${action}`, resource: `arn:aws:budgets::${account}:budget/${name}` }];
  };

const view = may('ViewBudget');
const modify = may('ModifyBudget');

export const service: ServiceDefinition<Budgets> = defineService<Budgets>({
  name: 'budgets',
  tables: [...tables, mailbox],
  operations: {
    ...{ CreateBudget, DescribeBudget, DescribeBudgets, UpdateBudget, DeleteBudget },
    ...{ CreateNotification, UpdateNotification, DeleteNotification, DescribeNotificationsForBudget },
    ...{ CreateSubscriber, DeleteSubscriber, DescribeSubscribersForNotification },
  },
  authorize: {
    ...{ DescribeBudget: view, DescribeBudgets: view, DescribeNotificationsForBudget: view, DescribeSubscribersForNotification: view },
    ...{ CreateBudget: modify, UpdateBudget: modify, DeleteBudget: modify },
    ...{ CreateNotification: modify, UpdateNotification: modify, DeleteNotification: modify },
    ...{ CreateSubscriber: modify, DeleteSubscriber: modify },
  },
  reconcilers: [watcher],
});
