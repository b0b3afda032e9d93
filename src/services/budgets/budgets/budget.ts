/** The rules of a budget: what is taken, what is said back. */

import type { Budget as Told, CalculatedSpend } from '@aws-sdk/client-budgets';
import { notImplemented } from '../../../framework/aws-error.ts';
import { picodollars, shortText } from '../../../framework/billing/decimal.ts';
import { invalidParameter } from '../errors.ts';
import { nameCharactersMax } from '../limits.ts';
import type { Budget } from '../tables.ts';
import { periodAt } from './period.ts';
import { filterReaders, type Spend } from './spend.ts';

/** As AWS writes a budget that never ends. */
const never = Date.UTC(2087, 5, 15);

/** What a budget may say of what it counts, and what it says where nothing is said. Nothing here is discounted, so that all is one. */
const costTypes = {
  ...{ IncludeTax: true, IncludeSubscription: true, UseBlended: false, IncludeRefund: true, IncludeCredit: true, IncludeUpfront: true },
  ...{ IncludeRecurring: true, IncludeOtherSubscription: true, IncludeSupport: true, IncludeDiscount: true, UseAmortized: false },
};

/** The record of what a customer asks for. Throws InvalidParameterException, and NotImplemented for other kinds of budgets. */
export function readBudget(given: Told, account: string, now: number): Budget {
  const { BudgetName: name = '', BudgetLimit, BudgetType, TimeUnit, TimePeriod, CostFilters } = given;
  const notBuilt = ['PlannedBudgetLimits', 'AutoAdjustData', 'FilterExpression', 'Metrics', 'BillingViewArn'] as const;
  for (const member of notBuilt) if (given[member] !== undefined) throw notImplemented(`budgets: a budget with ${member}`);
  if (BudgetType !== 'COST' && BudgetType !== 'USAGE') throw notImplemented(`budgets: a budget of type ${BudgetType}`);
  if (TimeUnit === undefined || TimeUnit === 'CUSTOM') throw notImplemented(`budgets: a budget with TimeUnit ${TimeUnit}`);
  if (name === '' || name.length > nameCharactersMax || /[:\\]/.test(name)) throw invalidParameter(`Invalid budget name: ${name}`);
  const limit = BudgetLimit && { amount: amountOf(BudgetLimit.Amount), unit: BudgetLimit.Unit ?? '' };
  if (!limit) throw invalidParameter('Budget must have a BudgetLimit.');
  if (BudgetType === 'COST' && limit.unit !== 'USD') throw invalidParameter('The unit of a cost budget must be USD.');
  const filters = filtersOf(CostFilters);
  if (BudgetType === 'USAGE' && !filters?.['UsageType']) throw invalidParameter('A usage budget must have a filter of UsageType.');
  const start = TimePeriod?.Start?.getTime() ?? periodAt(TimeUnit, now).from;
  const end = TimePeriod?.End?.getTime() ?? never;
  if (start >= end) throw invalidParameter('Budget start date must be before its end date.');
  return { account, name, type: BudgetType, unit: TimeUnit, limit, start, end, updated: now, rules: [], ...(filters && { filters }) };
}

function amountOf(text: string | undefined): string {
  try {
    if (picodollars(text ?? '') > 0n) return text!;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw invalidParameter(`Invalid budget limit: ${text ?? ''}`);
}

function filtersOf(given: Told['CostFilters']): Record<string, string[]> | undefined {
  const filters = Object.entries(given ?? {}).filter(([, values]) => values.length > 0);
  for (const [name] of filters) if (!Object.hasOwn(filterReaders, name)) throw notImplemented(`budgets: CostFilters with ${name}`);
  return filters.length === 0 ? undefined : Object.fromEntries(filters);
}

export function budgetView(budget: Budget, spend: Spend): Told {
  const { name, limit, type, unit, start, end, updated, filters } = budget;
  const inUnit = (value: bigint) => ({ Amount: shortText(value), Unit: limit.unit });
  const CalculatedSpend: CalculatedSpend = {
    ActualSpend: inUnit(spend.actual),
    ...(spend.forecast !== undefined && { ForecastedSpend: inUnit(spend.forecast) }),
  };
  return {
    ...{ BudgetName: name, BudgetLimit: { Amount: limit.amount, Unit: limit.unit }, BudgetType: type, TimeUnit: unit },
    ...{ TimePeriod: { Start: new Date(start), End: new Date(end) }, LastUpdatedTime: new Date(updated) },
    ...{ CostFilters: filters ?? {}, CostTypes: costTypes, CalculatedSpend },
  };
}
