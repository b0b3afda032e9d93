/** The client of CloudWatch Logs. */

import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { clientOf } from '../session/clients.ts';

export const logs = clientOf(CloudWatchLogsClient);
