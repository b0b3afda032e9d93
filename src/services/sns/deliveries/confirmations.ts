/** The question whether an endpoint wants what it was subscribed to. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Contents } from '../messages/contents.ts';
import type { Delivery, Subscription } from '../tables.ts';
import { topicArn } from '../topics/topic.ts';

/** A delivery that asks; `id` is new. */
export function confirmationDelivery({ now, endpoint }: ServiceRequest, subscription: Subscription, id: string): Delivery {
  const contents: Contents = {
    message: `You have chosen to subscribe to the topic ${topicArn(subscription.topicName)}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    ...(subscription.token !== undefined && { token: subscription.token }),
  };
  return {
    ...{ id, kind: 'SubscriptionConfirmation', topic: subscription.topic, subscription: subscription.id, failures: 0, at: now },
    publication: {
      ...{ topic: subscription.topic, topicName: subscription.topicName, id, at: now },
      base: `${endpoint.scheme}://${endpoint.host}`,
      contents: { text: JSON.stringify(contents) },
    },
  };
}
