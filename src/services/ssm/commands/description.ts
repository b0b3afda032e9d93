/** Commands and their invocations as calls show them. */

import { isOver, statusOf, type Invocation, type RunCommand } from './command.ts';
import { shellPlugin } from './documents.ts';

export function commandOf(row: RunCommand, of: readonly Invocation[]) {
  const status = statusOf(of);
  const [only] = of;
  return {
    ...{ CommandId: row.id, DocumentName: row.document, DocumentVersion: '$DEFAULT', Comment: row.comment, Parameters: row.parameters },
    ...{ ExpiresAfter: new Date(row.expiresAt), RequestedDateTime: new Date(row.requestedAt), TimeoutSeconds: row.timeoutSeconds },
    ...{ InstanceIds: row.targets.length > 0 ? [] : row.instances, Targets: row.targets, Status: status },
    StatusDetails: of.length === 1 ? only!.details : status,
    ...{ MaxConcurrency: '50', MaxErrors: '0', TargetCount: of.length, CompletedCount: of.filter(isOver).length },
    ErrorCount: of.filter((one) => one.status === 'Failed' || one.details === 'Execution Timed Out').length,
    DeliveryTimedOutCount: of.filter((one) => one.details === 'Delivery Timed Out').length,
  };
}

export function invocationOf(row: Invocation, command: RunCommand, details: boolean) {
  const status = row.status === 'Cancelling' ? ('InProgress' as const) : row.status;
  return {
    ...{ CommandId: row.command, InstanceId: row.instance, InstanceName: '', Comment: command.comment },
    ...{ DocumentName: command.document, DocumentVersion: '$DEFAULT', RequestedDateTime: new Date(row.requestedAt) },
    ...{ Status: row.status, StatusDetails: row.details, StandardOutputUrl: '', StandardErrorUrl: '' },
    CommandPlugins: details
      ? [
          {
            ...{ Name: shellPlugin, Status: status, StatusDetails: row.details, ResponseCode: row.code },
            ...(row.startedAt !== undefined && { ResponseStartDateTime: new Date(row.startedAt) }),
            ...(row.endedAt !== undefined && { ResponseFinishDateTime: new Date(row.endedAt) }),
            Output: pluginOutput(row),
          },
        ]
      : [],
  };
}

/** Of both in one, AWS shows the first 2,500 characters. */
const pluginOutput = ({ output, errors }: Invocation): string =>
  (errors === '' ? output : `${output}\n----------ERROR-------\n${errors}`).slice(0, 2500);

const timeOf = (milliseconds: number | undefined): string => (milliseconds === undefined ? '' : new Date(milliseconds).toISOString());

export function resultOf(row: Invocation, command: RunCommand) {
  const elapsed = row.startedAt === undefined || row.endedAt === undefined ? '' : `PT${(row.endedAt - row.startedAt) / 1000}S`;
  return {
    ...{ CommandId: row.command, InstanceId: row.instance, Comment: command.comment, DocumentName: command.document },
    ...{ DocumentVersion: '$DEFAULT', PluginName: shellPlugin, ResponseCode: row.code, Status: row.status, StatusDetails: row.details },
    ...{ ExecutionStartDateTime: timeOf(row.startedAt), ExecutionEndDateTime: timeOf(row.endedAt), ExecutionElapsedTime: elapsed },
    ...{ StandardOutputContent: row.output, StandardErrorContent: row.errors, StandardOutputUrl: '', StandardErrorUrl: '' },
  };
}
