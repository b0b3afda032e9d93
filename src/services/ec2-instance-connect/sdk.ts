/** The names and types of EC2 Instance Connect's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-ec2-instance-connect';
import type { Handler, InputOf, OperationName } from '../../framework/operation.ts';

export type InstanceConnect = typeof Sdk;
export type Operation<Name extends OperationName<InstanceConnect>> = Handler<InstanceConnect, Name>;
export type Input<Name extends OperationName<InstanceConnect>> = InputOf<InstanceConnect, Name>;
