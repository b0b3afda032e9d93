/** AWS Budgets' durable records. */

import type { Notification, Subscriber, TimeUnit } from '@aws-sdk/client-budgets';
import { table, type AnyTable } from '../../store/table.ts';

export type Rule = {
  type: NonNullable<Notification['NotificationType']>;
  operator: NonNullable<Notification['ComparisonOperator']>;
  threshold: number;
  thresholdType: NonNullable<Notification['ThresholdType']>;
  subscribers: { SubscriptionType: NonNullable<Subscriber['SubscriptionType']>; Address: string }[];
  /** Whether it was crossed when it was last looked at. */
  alarm: boolean;
};

export type Budget = {
  account: string;
  name: string;
  type: 'COST' | 'USAGE';
  unit: TimeUnit;
  /** Dollars, or units of use; decimal text. */
  limit: { amount: string; unit: string };
  /** Which charges it is about: values by dimension. */
  filters?: Record<string, string[]>;
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
  updated: number;
  rules: Rule[];
};

export const budgets = table<Budget>('budgets/budgets', { key: (row) => [row.account, row.name] });

export const tables: readonly AnyTable[] = [budgets];
