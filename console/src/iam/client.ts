/** The client of IAM, which is in one region for all. */

import { IAMClient } from '@aws-sdk/client-iam';
import type { Action } from '../from-shell/action.ts';
import { clientOf } from '../session/clients.ts';

export const iam = clientOf(IAMClient, { region: 'us-east-1' });

/** One call to IAM, and how it is sent. */
export const action = (operation: string, command: Action['command']): Action => ({ service: 'iam', operation, command });
export const send = (command: never): Promise<unknown> => iam().send(command);

/** The last part of a name with its path. */
export function nameOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** IAM gives policies percent-encoded. */
export function documentOf(encoded: string | undefined): unknown {
  if (encoded === undefined) return undefined;
  try {
    return JSON.parse(decodeURIComponent(encoded));
  } catch {
    // Shown as it came.
    return encoded;
  }
}

export const policyExample = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::my-bucket', 'arn:aws:s3:::my-bucket/*'] },
  ],
};
