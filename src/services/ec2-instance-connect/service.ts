/** EC2 Instance Connect: its contents page. What is not listed here answers NotImplemented. */

import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { onInstance, SendSSHPublicKey } from './keys.ts';
import type { InstanceConnect } from './sdk.ts';

export const service: ServiceDefinition<InstanceConnect> = defineService<InstanceConnect>({
  name: 'ec2-instance-connect',
  operations: { SendSSHPublicKey },
  authorize: { SendSSHPublicKey: onInstance },
});
