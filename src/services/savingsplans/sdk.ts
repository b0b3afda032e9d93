/** The names and types of Savings Plans' operations, from their SDK. */

import type * as Sdk from '@aws-sdk/client-savingsplans';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type SavingsPlans = typeof Sdk;
export type Operation<Name extends OperationName<SavingsPlans>> = Handler<SavingsPlans, Name>;
export type Input<Name extends OperationName<SavingsPlans>> = InputOf<SavingsPlans, Name>;
