/** The operations of IAM as its SDK names and types them. */

import type * as Sdk from '@aws-sdk/client-iam';
import type { Handler, OperationName } from '../../framework/operation.ts';

export type Iam = typeof Sdk;
export type Operation<Name extends OperationName<Iam>> = Handler<Iam, Name>;
