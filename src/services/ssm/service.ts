/** Systems Manager: its contents page. What is not listed here answers NotImplemented. */

import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { standingUse } from '../../framework/standing-use.ts';
import { commands, invocations } from './commands/command.ts';
import { commandPermissions } from './commands/permissions.ts';
import { GetCommandInvocation, ListCommandInvocations, ListCommands } from './commands/read.ts';
import { historian, runner } from './commands/runner.ts';
import { CancelCommand, SendCommand } from './commands/send.ts';
import { DescribeInstanceInformation, GetConnectionStatus } from './nodes/operations.ts';
import { DeleteParameter, DeleteParameters } from './parameters/delete.ts';
import { DescribeParameters } from './parameters/describe.ts';
import { keeper } from './parameters/keeper.ts';
import { LabelParameterVersion, UnlabelParameterVersion } from './parameters/labels.ts';
import { parameterPermissions } from './parameters/permissions.ts';
import { PutParameter } from './parameters/put.ts';
import { GetParameter, GetParameterHistory, GetParameters, GetParametersByPath } from './parameters/read.ts';
import { standing } from './parameters/standing.ts';
import { AddTagsToResource, ListTagsForResource, RemoveTagsFromResource } from './parameters/tags.ts';
import type { Ssm } from './sdk.ts';
import { dataChannel } from './sessions/data-channel.ts';
import { DescribeSessions } from './sessions/describe.ts';
import { housekeeping, StartSession, startsOn, TerminateSession, terminates } from './sessions/operations.ts';
import { tables } from './tables.ts';

export const service: ServiceDefinition<Ssm> = defineService<Ssm>({
  name: 'ssm',
  tables: [...tables, commands, invocations, standingUse],
  operations: {
    ...{ StartSession, TerminateSession, DescribeSessions },
    ...{ SendCommand, CancelCommand, GetCommandInvocation, ListCommands, ListCommandInvocations },
    ...{ DescribeInstanceInformation, GetConnectionStatus },
    ...{ PutParameter, DeleteParameter, DeleteParameters, DescribeParameters },
    ...{ GetParameter, GetParameters, GetParametersByPath, GetParameterHistory },
    ...{ LabelParameterVersion, UnlabelParameterVersion },
    ...{ AddTagsToResource, RemoveTagsFromResource, ListTagsForResource },
  },
  authorize: { StartSession: startsOn, TerminateSession: terminates, ...parameterPermissions, ...commandPermissions },
  reconcilers: [housekeeping, keeper, runner, historian, standing],
  pages: dataChannel,
});
