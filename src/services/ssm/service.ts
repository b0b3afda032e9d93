/** Systems Manager: its contents page. What is not listed here answers NotImplemented. */

import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { GetParameter, GetParameters, GetParametersByPath, parameterPermissions } from './public-parameters/operations.ts';
import type { Ssm } from './sdk.ts';
import { dataChannel } from './sessions/data-channel.ts';
import { housekeeping, StartSession, startsOn, TerminateSession, terminates } from './sessions/operations.ts';
import { tables } from './tables.ts';

export const service: ServiceDefinition<Ssm> = defineService<Ssm>({
  name: 'ssm',
  tables,
  operations: { StartSession, TerminateSession, GetParameter, GetParameters, GetParametersByPath },
  authorize: { StartSession: startsOn, TerminateSession: terminates, ...parameterPermissions },
  reconcilers: [housekeeping],
  pages: dataChannel,
});
