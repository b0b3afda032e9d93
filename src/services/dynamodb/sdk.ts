/** The names and types of DynamoDB's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-dynamodb';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Dynamodb = typeof Sdk;
export type Operation<Name extends OperationName<Dynamodb>> = Handler<Dynamodb, Name>;
export type Input<Name extends OperationName<Dynamodb>> = InputOf<Dynamodb, Name>;
export type Output<Name extends OperationName<Dynamodb>> = OutputOf<Dynamodb, Name>;
