/** The names and types of Application Auto Scaling's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-application-auto-scaling';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type ApplicationAutoScaling = typeof Sdk;
export type Operation<Name extends OperationName<ApplicationAutoScaling>> = Handler<ApplicationAutoScaling, Name>;
export type Input<Name extends OperationName<ApplicationAutoScaling>> = InputOf<ApplicationAutoScaling, Name>;
export type Output<Name extends OperationName<ApplicationAutoScaling>> = OutputOf<ApplicationAutoScaling, Name>;
