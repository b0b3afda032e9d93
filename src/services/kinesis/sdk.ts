/** The names and types of Kinesis's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-kinesis';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Kinesis = typeof Sdk;
export type Operation<Name extends OperationName<Kinesis>> = Handler<Kinesis, Name>;
export type Input<Name extends OperationName<Kinesis>> = InputOf<Kinesis, Name>;
export type Output<Name extends OperationName<Kinesis>> = OutputOf<Kinesis, Name>;
