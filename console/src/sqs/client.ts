/** The client of SQS, and what names and addresses of queues are to each other. */

import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOf } from '../session/clients.ts';

/** The endpoint stays the cloud's own, whatever host a queue's URL names. */
export const sqs = clientOf(SQSClient, { config: { useQueueUrlAsEndpoint: false } });

export function nameOfUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

export function nameOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
