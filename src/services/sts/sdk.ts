/** The SDK whose operations STS answers. */

import type * as Sdk from '@aws-sdk/client-sts';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type StsSdk = typeof Sdk;
export type Operation<Name extends OperationName<StsSdk>> = Handler<StsSdk, Name>;
export type Input<Name extends OperationName<StsSdk>> = InputOf<StsSdk, Name>;
