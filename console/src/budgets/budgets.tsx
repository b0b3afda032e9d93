/** Budgets: how much a month may cost, how much of it is gone, and whom to tell. */

import ProgressBar from '@cloudscape-design/components/progress-bar';
import {
  CreateBudgetCommand,
  DeleteBudgetCommand,
  DescribeBudgetCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
  UpdateBudgetCommand,
  type Budget,
  type Notification,
  type Spend,
  type TimeUnit,
} from '@aws-sdk/client-budgets';
import { useText } from '../language/catalogue.ts';
import type { Collection } from '../resource/collection.tsx';
import { read } from '../resource/fields.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { identity } from '../session/session.ts';
import { budgets as client } from './client.ts';
import { messages } from './messages.ts';

type Keys = keyof (typeof messages)['en'];

const account = (): string => identity().account;
const dollars = (spend: Spend | undefined): string => (spend?.Amount === undefined ? '–' : `$${Number(spend.Amount).toFixed(2)}`);

function Used({ budget }: { budget: Budget }) {
  const t = useText(messages);
  const [spent, limit] = [Number(budget.CalculatedSpend?.ActualSpend?.Amount ?? 0), Number(budget.BudgetLimit?.Amount ?? 0)];
  return (
    <ProgressBar
      value={limit === 0 ? 0 : Math.min(100, (spent / limit) * 100)}
      ariaLabel={t.used}
      additionalInfo={`${dollars(budget.CalculatedSpend?.ActualSpend)} / ${dollars(budget.BudgetLimit)}`}
    />
  );
}

function Notifications({ name }: { name: string }) {
  const t = useText(messages);
  return (
    <ResourceTable<Notification>
      id="budgets-notifications"
      title={t.notifications}
      variant="embedded"
      live="budgets"
      load={async () => ({
        items:
          (await client().send(new DescribeNotificationsForBudgetCommand({ AccountId: account(), BudgetName: name }))).Notifications ?? [],
      })}
      keyOf={({ NotificationType, ComparisonOperator, Threshold }) => `${NotificationType} ${ComparisonOperator} ${Threshold}`}
      columns={[
        { id: 'of', header: t.notifyOf, cell: ({ NotificationType }) => (NotificationType === 'FORECASTED' ? t.forecast : t.actual) },
        {
          id: 'at',
          header: t.threshold,
          cell: ({ Threshold, ThresholdType }) => `${Threshold}${ThresholdType === 'ABSOLUTE_VALUE' ? ' $' : ' %'}`,
        },
        { id: 'state', header: t.state, cell: ({ NotificationState }) => NotificationState },
      ]}
      empty={{ title: t.notificationsEmpty, text: t.notificationsText }}
    />
  );
}

const costs = { BudgetType: 'COST' as const };

export const budgetsCollection: Collection<Budget, Keys> = {
  ...{ service: 'budgets', path: 'budgets', live: 'budgets', messages },
  ...{ title: 'budgets', emptyTitle: 'budgetsEmpty', emptyText: 'budgetsEmptyText' },
  send: (command) => client().send(command),
  load: async (NextToken) => {
    const page = await client().send(
      new DescribeBudgetsCommand({ AccountId: account(), MaxResults: 100, ...(NextToken && { NextToken }) }),
    );
    return { items: page.Budgets ?? [], next: page.NextToken };
  },
  find: async (BudgetName) => (await client().send(new DescribeBudgetCommand({ AccountId: account(), BudgetName }))).Budget!,
  idOf: ({ BudgetName }) => BudgetName!,
  columns: (t) => [
    { id: 'name', header: t.name, cell: ({ BudgetName }) => BudgetName! },
    { id: 'unit', header: t.unit, cell: ({ TimeUnit: unit }) => unit ?? '' },
    {
      id: 'used',
      header: t.used,
      width: 320,
      cell: (budget) => <Used budget={budget} />,
      text: ({ CalculatedSpend }) => Number(CalculatedSpend?.ActualSpend?.Amount),
    },
    { id: 'forecast', header: t.forecast, cell: ({ CalculatedSpend }) => dollars(CalculatedSpend?.ForecastedSpend) },
  ],
  tabs: ({ BudgetName }, t) => [{ id: 'notifications', label: t.notifications, content: <Notifications name={BudgetName!} /> }],
  create: {
    ...{ text: 'create', hint: 'createText' },
    fields: (t) => [
      { name: 'name', kind: 'text', label: t.name, required: true },
      { name: 'amount', kind: 'number', label: t.amount, required: true, initial: '10', min: 0.01 },
      {
        ...{ name: 'unit', kind: 'select', label: t.unit, required: true, initial: 'MONTHLY' },
        options: [
          { value: 'DAILY', label: t.daily },
          { value: 'MONTHLY', label: t.monthly },
          { value: 'QUARTERLY', label: t.quarterly },
          { value: 'ANNUALLY', label: t.annually },
        ],
      },
      { name: 'email', kind: 'text', label: t.email, description: t.emailHint, section: t.notifications },
      { name: 'threshold', kind: 'number', label: t.threshold, initial: '80', min: 1, visible: (values) => values['email'] !== '' },
    ],
    actionsOf: (values) => {
      const [name, email, unit] = [read.text(values, 'name'), read.text(values, 'email'), read.text(values, 'unit')];
      const Amount = String(read.number(values, 'amount') ?? 0);
      const Threshold = read.number(values, 'threshold') ?? 80;
      const command = new CreateBudgetCommand({
        AccountId: account(),
        Budget: { BudgetName: name, ...costs, TimeUnit: unit as TimeUnit, BudgetLimit: { Amount, Unit: 'USD' } },
        ...(email && {
          NotificationsWithSubscribers: [
            {
              Notification: { NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold, ThresholdType: 'PERCENTAGE' },
              Subscribers: [{ SubscriptionType: 'EMAIL', Address: email }],
            },
          ],
        }),
      });
      const notification = {
        ...{ comparison_operator: 'GREATER_THAN', threshold: Threshold, threshold_type: 'PERCENTAGE', notification_type: 'ACTUAL' },
        subscriber_email_addresses: email ? [email] : undefined,
      };
      const body = {
        ...{ name, budget_type: 'COST', limit_amount: Amount, limit_unit: 'USD', time_unit: unit },
        notification: email ? [notification] : undefined,
      };
      return [
        {
          ...{ service: 'budgets', operation: 'CreateBudget', command },
          terraform: [{ type: 'aws_budgets_budget', name: name ?? 'this', body }],
        },
      ];
    },
    made: (_outputs, values) => read.text(values, 'name'),
  },
  deeds: [
    {
      ...{ id: 'change', text: 'change' },
      fields: ({ BudgetLimit }, t) => [
        { name: 'amount', kind: 'number', label: t.amount, required: true, initial: String(Number(BudgetLimit?.Amount ?? 0)), min: 0.01 },
      ],
      actionsOf: ({ BudgetName, BudgetType, TimeUnit: unit, TimePeriod, CostFilters }, values) => [
        {
          ...{ service: 'budgets', operation: 'UpdateBudget' },
          command: new UpdateBudgetCommand({
            AccountId: account(),
            NewBudget: {
              ...{ BudgetName, BudgetType, TimeUnit: unit, TimePeriod, CostFilters },
              BudgetLimit: { Amount: String(read.number(values, 'amount')), Unit: 'USD' },
            },
          }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ BudgetName }) => ({
      ...{ service: 'budgets', operation: 'DeleteBudget' },
      command: new DeleteBudgetCommand({ AccountId: account(), BudgetName }),
    }),
    warning: 'warning',
  },
};
