/** The names and types of S3 Control's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-s3-control';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type S3Control = typeof Sdk;
export type Operation<Name extends OperationName<S3Control>> = Handler<S3Control, Name>;
export type Input<Name extends OperationName<S3Control>> = InputOf<S3Control, Name>;
