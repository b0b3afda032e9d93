/** When a budget tells whom: what is taken, what is said back, and when it is crossed. Pure. */

import type { Notification, Subscriber } from '@aws-sdk/client-budgets';
import { picodollars, picodollarsPerDollar } from '../../../framework/billing/decimal.ts';
import type { Spend } from '../budgets/spend.ts';
import { creationLimitExceeded, invalidParameter } from '../errors.ts';
import { addressesPerNotificationMax, topicsPerNotificationMax } from '../limits.ts';
import type { Budget, Rule } from '../tables.ts';

/** Throws InvalidParameterException or CreationLimitExceededException. */
export function readRule(given: Notification | undefined, subscribers: readonly Subscriber[] | undefined): Rule {
  const rule = { ...keyOf(given), subscribers: (subscribers ?? []).map(readSubscriber), alarm: false };
  checkSubscribers(rule.subscribers);
  return rule;
}

type Key = Pick<Rule, 'type' | 'operator' | 'threshold' | 'thresholdType'>;

export function keyOf(given: Notification | undefined): Key {
  const {
    NotificationType: type,
    ComparisonOperator: operator,
    Threshold: threshold,
    ThresholdType: thresholdType = 'PERCENTAGE',
  } = given ?? {};
  if (!type || !['ACTUAL', 'FORECASTED'].includes(type)) throw invalidParameter(`Invalid notification type: ${type}`);
  if (!operator || !['GREATER_THAN', 'LESS_THAN', 'EQUAL_TO'].includes(operator))
    throw invalidParameter(`Invalid comparison operator: ${operator}`);
  if (!['PERCENTAGE', 'ABSOLUTE_VALUE'].includes(thresholdType)) throw invalidParameter(`Invalid threshold type: ${thresholdType}`);
  if (threshold === undefined || !(threshold >= 0 && threshold <= 15_000_000_000_000))
    throw invalidParameter(`Invalid notification threshold: ${threshold}`);
  return { type, operator, threshold, thresholdType };
}

export const isRule =
  (key: Key) =>
  ({ type, operator, threshold, thresholdType }: Rule): boolean =>
    type === key.type && operator === key.operator && threshold === key.threshold && thresholdType === key.thresholdType;

export function readSubscriber({ SubscriptionType, Address }: Subscriber): Rule['subscribers'][number] {
  if (SubscriptionType !== 'SNS' && SubscriptionType !== 'EMAIL') throw invalidParameter(`Invalid subscription type: ${SubscriptionType}`);
  const fits = SubscriptionType === 'SNS' ? /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:.+$/ : /^[^\s@]+@[^\s@]+$/;
  if (!Address || !fits.test(Address)) throw invalidParameter(`Invalid subscriber address: ${Address ?? ''}`);
  return { SubscriptionType, Address };
}

export function checkSubscribers(subscribers: readonly Subscriber[]): void {
  const count = (kind: Subscriber['SubscriptionType']): number =>
    subscribers.filter(({ SubscriptionType }) => SubscriptionType === kind).length;
  if (count('SNS') > topicsPerNotificationMax || count('EMAIL') > addressesPerNotificationMax)
    throw creationLimitExceeded(
      `A notification takes ${topicsPerNotificationMax} topic and ${addressesPerNotificationMax} addresses as subscribers.`,
    );
}

export function ruleView({ type, operator, threshold, thresholdType, alarm }: Rule): Notification {
  return {
    ...{ NotificationType: type, ComparisonOperator: operator, Threshold: threshold, ThresholdType: thresholdType },
    NotificationState: alarm ? 'ALARM' : 'OK',
  };
}

/** A threshold counts to millionths. */
const scale = 1_000_000n;

/** The amount at which a rule is crossed. */
export function thresholdOf({ threshold, thresholdType }: Rule, { limit }: Budget): bigint {
  const scaled = BigInt(Math.round(threshold * Number(scale)));
  return thresholdType === 'PERCENTAGE' ? (picodollars(limit.amount) * scaled) / (scale * 100n) : (scaled * picodollarsPerDollar) / scale;
}

export function isCrossed(rule: Rule, budget: Budget, { actual, forecast }: Spend): boolean {
  const value = rule.type === 'ACTUAL' ? actual : forecast;
  if (value === undefined) return false;
  const threshold = thresholdOf(rule, budget);
  if (rule.operator === 'EQUAL_TO') return value === threshold;
  return rule.operator === 'GREATER_THAN' ? value > threshold : value < threshold;
}
