/** The names and types of Cost Explorer's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-cost-explorer';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type CostExplorer = typeof Sdk;
export type Operation<Name extends OperationName<CostExplorer>> = Handler<CostExplorer, Name>;
export type Input<Name extends OperationName<CostExplorer>> = InputOf<CostExplorer, Name>;
export type Output<Name extends OperationName<CostExplorer>> = OutputOf<CostExplorer, Name>;
