/** The names and types of DynamoDB Streams' operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-dynamodb-streams';
import type { Handler, InputOf, OperationName } from '../../../framework/operation.ts';

export type DynamodbStreams = typeof Sdk;
export type Operation<Name extends OperationName<DynamodbStreams>> = Handler<DynamodbStreams, Name>;
export type Input<Name extends OperationName<DynamodbStreams>> = InputOf<DynamodbStreams, Name>;
