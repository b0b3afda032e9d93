/** Kinesis streams to which a table's changes go. */

import type { ApproximateCreationDateTimePrecision } from '@aws-sdk/client-dynamodb';

export type Destination = {
  account: string;
  region: string;
  /** The table's name. */
  name: string;
  /** The ARN of the Kinesis stream. */
  stream: string;
  /** The feed that holds what has not been delivered. */
  space: string;
  precision: ApproximateCreationDateTimePrecision;
  status: 'ACTIVE' | 'DISABLED';
};
