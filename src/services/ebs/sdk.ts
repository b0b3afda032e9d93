/** The names and types of the operations of EBS's direct API, from its SDK. */

import type * as Sdk from '@aws-sdk/client-ebs';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type Ebs = typeof Sdk;
export type Operation<Name extends OperationName<Ebs>> = Handler<Ebs, Name>;
export type Input<Name extends OperationName<Ebs>> = InputOf<Ebs, Name>;
