/** The names and types of Glacier's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-glacier';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Glacier = typeof Sdk;
export type Operation<Name extends OperationName<Glacier>> = Handler<Glacier, Name>;
export type Input<Name extends OperationName<Glacier>> = InputOf<Glacier, Name>;
export type Output<Name extends OperationName<Glacier>> = OutputOf<Glacier, Name>;
