/** Delivery policies: how often and how fast HTTP deliveries are tried again. https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */

import { invalidParameter } from '../errors.ts';
import { isObject, parseObject, type Json } from '../json.ts';

export type RetryPolicy = {
  minDelayTarget: number;
  maxDelayTarget: number;
  numRetries: number;
  numMaxDelayRetries: number;
  numNoDelayRetries: number;
  numMinDelayRetries: number;
  backoffFunction: 'linear' | 'arithmetic' | 'geometric' | 'exponential';
};

const defaultRetries: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

const bounds: Readonly<Record<string, readonly [number, number]>> = {
  minDelayTarget: [1, 3600],
  maxDelayTarget: [1, 3600],
  numRetries: [0, 100],
  numMaxDelayRetries: [0, 100],
  numNoDelayRetries: [0, 100],
  numMinDelayRetries: [0, 100],
};
const backoffs = ['linear', 'arithmetic', 'geometric', 'exponential'];

/** @returns the policy as it is kept. Throws InvalidParameter for what AWS refuses. */
export function checkDeliveryPolicy(text: string, of: 'topic' | 'subscription'): string {
  const refuse = (reason: string): never => {
    throw invalidParameter(`Attributes Reason: DeliveryPolicy: ${reason}`);
  };
  const policy = parseObject(text) ?? refuse('failed to parse JSON.');
  const http = of === 'topic' ? policy['http'] : policy;
  if (!isObject(http)) return refuse('http must be specified');
  const retries = http[of === 'topic' ? 'defaultHealthyRetryPolicy' : 'healthyRetryPolicy'];
  if (retries !== undefined && retries !== null) {
    if (!isObject(retries)) return refuse('healthyRetryPolicy must be an object');
    checkRetries(retries, refuse);
  }
  const throttle = http[of === 'topic' ? 'defaultThrottlePolicy' : 'throttlePolicy'];
  if (throttle !== undefined && throttle !== null) checkThrottle(throttle, refuse);
  return text;
}

function checkRetries(given: Json, refuse: (reason: string) => never): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    if (name === 'backoffFunction') {
      if (!backoffs.includes(String(value))) refuse(`backoffFunction must be one of ${backoffs.join(', ')}`);
      continue;
    }
    const range = Object.hasOwn(bounds, name) ? bounds[name] : undefined;
    if (!range) return refuse(`unknown field ${name}`);
    if (!Number.isInteger(value) || (value as number) < range[0] || (value as number) > range[1])
      refuse(`${name} must be between ${range[0]} and ${range[1]}`);
  }
  const policy = { ...defaultRetries, ...given } as RetryPolicy;
  if (policy.minDelayTarget > policy.maxDelayTarget) refuse('minDelayTarget must not exceed maxDelayTarget');
  const phases = policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries;
  if (phases > policy.numRetries) refuse('numRetries must be at least the sum of the retries of its phases');
}

function checkThrottle(throttle: unknown, refuse: (reason: string) => never): void {
  const rate = isObject(throttle) ? throttle['maxReceivesPerSecond'] : undefined;
  if (rate !== undefined && rate !== null && !(Number.isInteger(rate) && (rate as number) >= 1))
    refuse('maxReceivesPerSecond must be greater than or equal to 1');
}

/** What AWS shows: the topic's own policy over the defaults. */
export function effectiveDeliveryPolicy(topicPolicy: string | undefined): string {
  const http = (topicPolicy === undefined ? {} : ((parseObject(topicPolicy)?.['http'] as Json | undefined) ?? {})) as Json;
  const retries = { ...defaultRetries, ...(isObject(http['defaultHealthyRetryPolicy']) && http['defaultHealthyRetryPolicy']) };
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: retries,
      disableSubscriptionOverrides: http['disableSubscriptionOverrides'] === true,
      ...(isObject(http['defaultThrottlePolicy']) && { defaultThrottlePolicy: http['defaultThrottlePolicy'] }),
      defaultRequestPolicy: isObject(http['defaultRequestPolicy'])
        ? http['defaultRequestPolicy']
        : { headerContentType: 'text/plain; charset=UTF-8' },
    },
  });
}

export type HttpSettings = { retries: RetryPolicy; contentType: string };

/** How a subscription is delivered to: its own policy, unless the topic's forbids it, over the topic's, over the defaults. */
export function httpSettings(topicPolicy: string | undefined, subscriptionPolicy: string | undefined): HttpSettings {
  const { http } = JSON.parse(effectiveDeliveryPolicy(topicPolicy)) as {
    http: { defaultHealthyRetryPolicy: RetryPolicy; disableSubscriptionOverrides: boolean; defaultRequestPolicy: Json };
  };
  const own = http.disableSubscriptionOverrides || subscriptionPolicy === undefined ? undefined : parseObject(subscriptionPolicy);
  const retries = isObject(own?.['healthyRetryPolicy'])
    ? ({ ...defaultRetries, ...own['healthyRetryPolicy'] } as RetryPolicy)
    : http.defaultHealthyRetryPolicy;
  const requestPolicy = isObject(own?.['requestPolicy']) ? own['requestPolicy'] : http.defaultRequestPolicy;
  const contentType = requestPolicy['headerContentType'];
  return { retries, contentType: typeof contentType === 'string' ? contentType : 'text/plain; charset=UTF-8' };
}

/** Milliseconds to wait after so many failures (1 or more); undefined when it is to be given up. Phases: none, minimum, back-off, maximum. */
export function retryDelay(policy: RetryPolicy, failures: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries, minDelayTarget: min, maxDelayTarget: max } = policy;
  if (failures > numRetries) return undefined;
  if (failures <= numNoDelayRetries) return 0;
  if (failures <= numNoDelayRetries + numMinDelayRetries) return min * 1000;
  if (failures > numRetries - numMaxDelayRetries) return max * 1000;
  const steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const at = steps <= 1 ? 1 : (failures - numNoDelayRetries - numMinDelayRetries - 1) / (steps - 1);
  return Math.round((min + (max - min) * curves[policy.backoffFunction](at)) * 1000);
}

const curves: Readonly<Record<RetryPolicy['backoffFunction'], (at: number) => number>> = {
  linear: (at) => at,
  arithmetic: (at) => (at * (at + 1)) / 2,
  geometric: (at) => at * at,
  exponential: (at) => (2 ** (10 * at) - 1) / 1023,
};

/** What AWS shows of an HTTP subscription. */
export function effectiveSubscriptionPolicy(topicPolicy: string | undefined, subscriptionPolicy: string | undefined): string {
  const { retries, contentType } = httpSettings(topicPolicy, subscriptionPolicy);
  return JSON.stringify({ healthyRetryPolicy: retries, requestPolicy: { headerContentType: contentType } });
}
