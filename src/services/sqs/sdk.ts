/** The names and types of SQS's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-sqs';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Sqs = typeof Sdk;
export type Operation<Name extends OperationName<Sqs>> = Handler<Sqs, Name>;
export type Input<Name extends OperationName<Sqs>> = InputOf<Sqs, Name>;
export type Output<Name extends OperationName<Sqs>> = OutputOf<Sqs, Name>;
