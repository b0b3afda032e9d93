/** The names and types of EC2's operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-ec2';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type Ec2 = typeof Sdk;
export type Operation<Name extends OperationName<Ec2>> = Handler<Ec2, Name>;
export type Input<Name extends OperationName<Ec2>> = InputOf<Ec2, Name>;
export type Output<Name extends OperationName<Ec2>> = OutputOf<Ec2, Name>;
