/** The names and types of the Price List API's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-pricing';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type Pricing = typeof Sdk;
export type Operation<Name extends OperationName<Pricing>> = Handler<Pricing, Name>;
export type Input<Name extends OperationName<Pricing>> = InputOf<Pricing, Name>;
