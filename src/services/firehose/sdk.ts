/** The names and types of Firehose's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-firehose';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Firehose = typeof Sdk;
export type Operation<Name extends OperationName<Firehose>> = Handler<Firehose, Name>;
export type Input<Name extends OperationName<Firehose>> = InputOf<Firehose, Name>;
export type Output<Name extends OperationName<Firehose>> = OutputOf<Firehose, Name>;
