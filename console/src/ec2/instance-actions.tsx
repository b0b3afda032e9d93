/** What may be done with instances, asked for once more before it is sent. */

import StatusIndicator from '@cloudscape-design/components/status-indicator';
import {
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { notify } from '../shell/notices.ts';
import { ec2 } from './client.ts';
import { messages } from './messages.ts';

export const instanceActions = ['start', 'stop', 'reboot', 'terminate'] as const;
export type InstanceAction = (typeof instanceActions)[number];

const commands = {
  start: { operation: 'StartInstances', of: (InstanceIds: string[]) => new StartInstancesCommand({ InstanceIds }) },
  stop: { operation: 'StopInstances', of: (InstanceIds: string[]) => new StopInstancesCommand({ InstanceIds }) },
  reboot: { operation: 'RebootInstances', of: (InstanceIds: string[]) => new RebootInstancesCommand({ InstanceIds }) },
  terminate: { operation: 'TerminateInstances', of: (InstanceIds: string[]) => new TerminateInstancesCommand({ InstanceIds }) },
} as const;

const allowedIn: Readonly<Record<InstanceAction, readonly string[]>> = {
  start: ['stopped'],
  stop: ['pending', 'running'],
  reboot: ['running'],
  terminate: ['pending', 'running', 'stopping', 'stopped'],
};

export function mayBe(action: InstanceAction, instance: Instance): boolean {
  return allowedIn[action].includes(instance.State?.Name ?? '');
}

/** Whether the instance will be in this state until somebody asks for another. */
export function isSettled({ State }: Instance): boolean {
  return State?.Name === 'running' || State?.Name === 'stopped' || State?.Name === 'terminated';
}

export function InstanceState({ instance }: { instance: Instance }) {
  const name = instance.State?.Name;
  const type = name === 'running' ? 'success' : isSettled(instance) ? 'stopped' : 'in-progress';
  return <StatusIndicator type={type}>{name}</StatusIndicator>;
}

export function ConfirmAction({
  action,
  ids,
  onDone,
  onCancel,
}: {
  action: InstanceAction;
  ids: readonly string[];
  onDone(): void;
  onCancel(): void;
}) {
  const t = useText(messages);
  const { operation, of } = commands[action];
  const words = { action: t[action], ids: ids.join(', ') };
  return (
    <ActionForm
      modal
      title={fill(t.actionTitle, words)}
      description={t[`${action}Text`]}
      fields={[]}
      submit={t[action]}
      actionsOf={() => [{ service: 'ec2', operation, command: of([...ids]) }]}
      send={(command) => ec2().send(command)}
      onCancel={onCancel}
      onDone={() => {
        notify({ type: 'success', content: fill(t.asked, words) });
        onDone();
      }}
    />
  );
}
