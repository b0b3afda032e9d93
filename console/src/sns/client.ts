/** The client of SNS. */

import { SNSClient } from '@aws-sdk/client-sns';
import { clientOf } from '../session/clients.ts';

export const sns = clientOf(SNSClient);

export function nameOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
