/** The names and types of S3Tables's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-s3tables';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type S3tables = typeof Sdk;
export type Operation<Name extends OperationName<S3tables>> = Handler<S3tables, Name>;
export type Input<Name extends OperationName<S3tables>> = InputOf<S3tables, Name>;
export type Output<Name extends OperationName<S3tables>> = OutputOf<S3tables, Name>;
