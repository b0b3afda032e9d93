/** The names and types of Systems Manager's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-ssm';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type Ssm = typeof Sdk;
export type Operation<Name extends OperationName<Ssm>> = Handler<Ssm, Name>;
export type Input<Name extends OperationName<Ssm>> = InputOf<Ssm, Name>;
