/** Sums of charges as Cost Explorer tells them: amounts as decimal text. */

import { shortText } from '../../framework/billing/decimal.ts';
import type { Charge } from '../../framework/billing/rate.ts';
import { notImplemented } from '../../framework/aws-error.ts';
import { validationFailed } from './errors.ts';

/** Nothing is discounted or bought ahead of its use, so that all costs are one. */
const costs = ['BlendedCost', 'UnblendedCost', 'AmortizedCost', 'NetUnblendedCost', 'NetAmortizedCost'] as const;
const quantity = 'UsageQuantity';

export type Metrics = Record<string, { Amount: string; Unit: string }>;

export type Sum = { amount: bigint; quantity: bigint; /** `N/A` where units differ. */ unit: string | undefined };

export const emptySum = (): Sum => ({ amount: 0n, quantity: 0n, unit: undefined });

export function addTo(sum: Sum, { amount, quantity: used, unit }: Pick<Charge, 'amount' | 'quantity' | 'unit'>): void {
  sum.amount += amount;
  sum.quantity += used;
  sum.unit = sum.unit === undefined || sum.unit === unit ? unit : 'N/A';
}

/** The metrics that are asked for, by their names in answers: `UnblendedCost`, also as `UNBLENDED_COST`. */
export function readMetrics(asked: readonly string[] | undefined): string[] {
  if (!asked || asked.length === 0) throw validationFailed('Metrics must not be empty.');
  return asked.map(readMetric);
}

export function readMetric(name: string): string {
  const plain = name.includes('_')
    ? name.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase())
    : name;
  if (plain === 'NormalizedUsageAmount') throw notImplemented('ce: the metric NormalizedUsageAmount');
  if (plain !== quantity && !(costs as readonly string[]).includes(plain)) throw validationFailed(`Invalid metric: ${name}`);
  return plain;
}

export const isQuantity = (metric: string): boolean => metric === quantity;

export function metricsOf(sum: Sum, names: readonly string[]): Metrics {
  return Object.fromEntries(
    names.map((name) => [
      name,
      isQuantity(name) ? { Amount: shortText(sum.quantity), Unit: sum.unit ?? 'N/A' } : { Amount: shortText(sum.amount), Unit: 'USD' },
    ]),
  );
}
