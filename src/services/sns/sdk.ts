/** The names and types of SNS's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-sns';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type Sns = typeof Sdk;
export type Operation<Name extends OperationName<Sns>> = Handler<Sns, Name>;
export type Input<Name extends OperationName<Sns>> = InputOf<Sns, Name>;
