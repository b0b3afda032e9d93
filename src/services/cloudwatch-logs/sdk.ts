/** The names and types of CloudWatch Logs' operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type CloudwatchLogs = typeof Sdk;
export type Operation<Name extends OperationName<CloudwatchLogs>> = Handler<CloudwatchLogs, Name>;
export type Input<Name extends OperationName<CloudwatchLogs>> = InputOf<CloudwatchLogs, Name>;
