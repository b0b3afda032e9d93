/** The names and types of KMS's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-kms';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Kms = typeof Sdk;
export type Operation<Name extends OperationName<Kms>> = Handler<Kms, Name>;
export type Input<Name extends OperationName<Kms>> = InputOf<Kms, Name>;
export type Output<Name extends OperationName<Kms>> = OutputOf<Kms, Name>;
