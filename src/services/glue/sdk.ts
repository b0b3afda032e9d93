/** The names and types of Glue's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-glue';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Glue = typeof Sdk;
export type Operation<Name extends OperationName<Glue>> = Handler<Glue, Name>;
export type Input<Name extends OperationName<Glue>> = InputOf<Glue, Name>;
export type Output<Name extends OperationName<Glue>> = OutputOf<Glue, Name>;
