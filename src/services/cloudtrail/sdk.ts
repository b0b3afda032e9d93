/** The SDK whose operations CloudTrail answers. */

import type * as Sdk from '@aws-sdk/client-cloudtrail';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type CloudTrailSdk = typeof Sdk;
export type Operation<Name extends OperationName<CloudTrailSdk>> = Handler<CloudTrailSdk, Name>;
export type Input<Name extends OperationName<CloudTrailSdk>> = InputOf<CloudTrailSdk, Name>;
