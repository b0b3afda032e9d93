/** The names and types of AWS Budgets' operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-budgets';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type Budgets = typeof Sdk;
export type Operation<Name extends OperationName<Budgets>> = Handler<Budgets, Name>;
export type Input<Name extends OperationName<Budgets>> = InputOf<Budgets, Name>;
