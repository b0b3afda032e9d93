/** The names and types of S3's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-s3';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type S3 = typeof Sdk;
export type Operation<Name extends OperationName<S3>> = Handler<S3, Name>;
export type Input<Name extends OperationName<S3>> = InputOf<S3, Name>;
export type Output<Name extends OperationName<S3>> = OutputOf<S3, Name>;
