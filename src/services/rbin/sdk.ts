/** The names and types of Recycle Bin's operations, from its SDK, which is older than what AWS has added since. */

import type * as Sdk from '@aws-sdk/client-rbin';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type Rbin = typeof Sdk;
export type Operation<Name extends OperationName<Rbin>> = Handler<Rbin, Name>;

/** What newer clients send beside it. */
export type Input<Name extends OperationName<Rbin>> = InputOf<Rbin, Name> & { ExcludeResourceTags?: Sdk.ResourceTag[] | undefined };
