/** Which destinations of a bucket want an event. Pure. */

import type { Input } from '../sdk.ts';
import { covers } from './event.ts';

export type Notifications = Input<'PutBucketNotificationConfiguration'>['NotificationConfiguration'];
type Given = NonNullable<Notifications['QueueConfigurations']>[number];

/** One configuration of whatever kind. */
export type Destination = { id: string; arn: string; events: readonly string[]; prefix: string; suffix: string };

export function destinationsOf(notifications: Notifications): Destination[] {
  return [
    ...(notifications.QueueConfigurations ?? []).map((each) => destination(each, each.QueueArn)),
    ...(notifications.TopicConfigurations ?? []).map((each) => destination(each, each.TopicArn)),
  ];
}

export function wanting(notifications: Notifications, name: string, key: string): Destination[] {
  return destinationsOf(notifications).filter(
    ({ events, prefix, suffix }) => key.startsWith(prefix) && key.endsWith(suffix) && events.some((asked) => covers(asked, name)),
  );
}

/** Whether one event could go by both. */
export function overlap(a: Destination, b: Destination): boolean {
  const sameEvent = a.events.some((x) => b.events.some((y) => covers(x, y.slice(3)) || covers(y, x.slice(3))));
  const samePrefix = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  const sameSuffix = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix);
  return sameEvent && samePrefix && sameSuffix;
}

function destination({ Id, Events, Filter }: Omit<Given, 'QueueArn'>, arn: string | undefined): Destination {
  const value = (name: string): string => Filter?.Key?.FilterRules?.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? '';
  return { id: Id ?? '', arn: arn ?? '', events: Events ?? [], prefix: value('prefix'), suffix: value('suffix') };
}
