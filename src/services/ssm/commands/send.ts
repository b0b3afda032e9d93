/** SendCommand and CancelCommand: what is to run where. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidCommandId, invalidInstanceId, validationException } from '../errors.ts';
import { runningInstances, type Node } from '../nodes/nodes.ts';
import type { Input, Operation } from '../sdk.ts';
import { commands, invocations, isOver, type RunCommand } from './command.ts';
import { commandOf } from './description.ts';
import { planOf } from './documents.ts';

const instancesMax = 50;
const deliverySeconds = { min: 30, max: 2_592_000, default: 3600 } as const;

/** Parameters of which nothing is built, and values of others that say what is done anyway. */
const unbuilt = [
  ...['DocumentHash', 'DocumentHashType', 'OutputS3BucketName', 'OutputS3KeyPrefix', 'ServiceRoleArn', 'AlarmConfiguration'],
] as const;
const harmless: Readonly<Record<'DocumentVersion' | 'MaxConcurrency' | 'MaxErrors', readonly string[]>> = {
  DocumentVersion: ['', '1', '$DEFAULT', '$LATEST'],
  MaxConcurrency: ['50', '100%'],
  MaxErrors: ['0'],
};

export const SendCommand: Operation<'SendCommand'> = async (request, input) => {
  const { DocumentName: document, Parameters: parameters = {}, Comment: comment = '' } = input;
  checkBuilt(input);
  planOf(document, parameters);
  if (comment.length > 100) throw validationException('The comment may have up to 100 characters.');
  const { TimeoutSeconds: timeoutSeconds = deliverySeconds.default } = input;
  if (timeoutSeconds < deliverySeconds.min || timeoutSeconds > deliverySeconds.max)
    throw validationException(`TimeoutSeconds must be between ${deliverySeconds.min} and ${deliverySeconds.max}.`);
  const nodes = await targetsOf(request, input);
  const { account, region, now } = request;
  const row: RunCommand = {
    ...{ account, region, id: request.random.uuid(), document, parameters, comment, timeoutSeconds },
    ...{ requestedAt: now, expiresAt: now + timeoutSeconds * 1000, instances: nodes.map(({ id }) => id) },
    targets: (input.Targets ?? []).map(({ Key = '', Values = [] }) => ({ Key, Values })),
  };
  const made = row.instances.map((instance) => ({
    ...{ account, region, command: row.id, instance, requestedAt: now },
    ...{ status: 'Pending' as const, details: 'Pending', code: -1, output: '', errors: '' },
  }));
  await request.store.write(async (tx) => {
    await commands.put(tx, row);
    for (const one of made) await invocations.put(tx, one);
  });
  return { Command: commandOf(row, made) };
};

function checkBuilt(input: Input<'SendCommand'>): void {
  for (const name of unbuilt) if (input[name] !== undefined) throw notImplemented(`ssm:SendCommand with ${name}`);
  for (const [name, values] of Object.entries(harmless)) {
    const given = input[name as keyof typeof harmless];
    if (given !== undefined && !values.includes(given)) throw notImplemented(`ssm:SendCommand with ${name} ${given}`);
  }
  if (input.CloudWatchOutputConfig?.CloudWatchOutputEnabled) throw notImplemented('ssm:SendCommand with CloudWatchOutputConfig');
  if (input.NotificationConfig?.NotificationArn) throw notImplemented('ssm:SendCommand with NotificationConfig');
}

/** The instances that are named, all of which must run, or those that have the tags. */
async function targetsOf(request: ServiceRequest, { InstanceIds: ids, Targets: targets }: Input<'SendCommand'>): Promise<Node[]> {
  if (ids?.length && targets?.length) throw validationException('InstanceIds and Targets cannot both be given.');
  const named = targets?.find(({ Key }) => Key === 'InstanceIds')?.Values ?? ids ?? [];
  if (named.length > instancesMax) throw validationException(`Up to ${instancesMax} instance ids can be given.`);
  if (named.length > 0) {
    const nodes = await runningInstances(request, [{ Name: 'instance-id', Values: [...named] }]);
    const missing = named.filter((id) => !nodes.some((node) => node.id === id));
    if (missing.length > 0) throw invalidInstanceId(missing, request.account);
    return nodes;
  }
  if (!targets?.length) throw validationException('InstanceIds or Targets must be given.');
  const filters = targets.map(({ Key = '', Values = [] }) => {
    if (!/^tag(-key$|:.)/.test(Key)) throw notImplemented(`ssm:SendCommand with the target ${Key}`);
    return { Name: Key, Values };
  });
  return runningInstances(request, filters);
}

/** What has not begun is over at once; what runs is ended by the runner. */
export const CancelCommand: Operation<'CancelCommand'> = async (request, input) => {
  const { CommandId: id, InstanceIds: given } = input;
  await request.store.write(async (tx) => {
    const command = await commands.get(tx, request.account, request.region, id);
    if (!command) throw invalidCommandId();
    const wanted = given?.length ? given : command.instances;
    const foreign = wanted.filter((instance) => !command.instances.includes(instance));
    if (foreign.length > 0) throw invalidInstanceId(foreign, request.account);
    for (const instance of wanted) await cancel(tx, command, instance, request.now);
  });
  return {};
};

async function cancel(tx: WriteTransaction, { account, region, id }: RunCommand, instance: string, now: number): Promise<void> {
  const row = await invocations.get(tx, account, region, id, instance);
  if (!row || isOver(row)) return;
  if (row.status === 'Pending') await invocations.put(tx, { ...row, status: 'Cancelled', details: 'Cancelled', endedAt: now });
  else await invocations.put(tx, { ...row, status: 'Cancelling', details: 'Cancelling' });
}
