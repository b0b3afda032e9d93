/** What may be done with a volume: attached, detached, modified, kept as a snapshot. */

import StatusIndicator from '@cloudscape-design/components/status-indicator';
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  DescribeInstancesCommand,
  DetachVolumeCommand,
  ModifyVolumeCommand,
  type Instance,
  type Volume,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import type { ReactNode } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { ec2, tagged, terraformTags, titled } from './client.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-storage.ts';
import { performanceFields, performanceOf, typeField } from './volume-form.tsx';

export const volumeForms = ['attach', 'detach', 'modifyVolume', 'createSnapshot'] as const;
export type VolumeFormName = (typeof volumeForms)[number];

const settled = ['available', 'in-use', 'error'];

export function isVolumeSettled({ State, Attachments = [] }: Volume): boolean {
  return settled.includes(State ?? '') && Attachments.every((one) => one.State === 'attached');
}

export function mayBe(form: VolumeFormName, { State }: Volume): boolean {
  if (form === 'attach') return State === 'available';
  if (form === 'detach') return State === 'in-use';
  return State === 'available' || State === 'in-use';
}

/** Also of snapshots, whose states have other names. */
export function VolumeState({ state }: { state: string | undefined }) {
  if (state === 'error') return <StatusIndicator type="error">{state}</StatusIndicator>;
  const done = settled.includes(state ?? '') || state === 'completed';
  return <StatusIndicator type={done ? 'success' : 'in-progress'}>{state}</StatusIndicator>;
}

type Props = { volume: Volume; onDone(): void; onCancel(): void };

export function VolumeForm({ form, ...props }: Props & { form: VolumeFormName }) {
  if (form === 'attach') return <Attach {...props} />;
  if (form === 'detach') return <Detach {...props} />;
  return form === 'modifyVolume' ? <Modify {...props} /> : <Snapshot {...props} />;
}

type Dialog = Props & {
  title: string;
  description: string;
  submit: string;
  fields: readonly Field[];
  actionsOf(values: Values): Action[];
  told(values: Values, output: unknown): string;
};

function VolumeDialog({ told, onDone, onCancel, title, description, submit, fields, actionsOf }: Dialog) {
  return (
    <ActionForm
      modal
      title={title}
      description={description}
      submit={submit}
      fields={fields}
      actionsOf={actionsOf}
      send={(command) => ec2().send(command)}
      onCancel={onCancel}
      onDone={([output], values) => {
        notify({ type: 'success', content: told(values, output) });
        onDone();
      }}
    />
  );
}

/** The instances of the volume's zone that a disk can be given to. */
async function loadInstances(zone: string): Promise<Instance[]> {
  const Filters = [
    { Name: 'availability-zone', Values: [zone] },
    { Name: 'instance-state-name', Values: ['running', 'stopped'] },
  ];
  const { Reservations = [] } = await ec2().send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

function Attach(props: Props): ReactNode {
  const t = useText(messages);
  const id = props.volume.VolumeId!;
  const { value: instances, error } = useAnswer(() => loadInstances(props.volume.AvailabilityZone!), [id]);
  if (!instances && error === undefined) return null;
  const options = (instances ?? []).map((instance) => ({
    value: instance.InstanceId!,
    label: titled(instance.InstanceId!, instance, instance.State?.Name),
  }));
  return (
    <VolumeDialog
      {...props}
      title={fill(t.attachTitle, { id })}
      description={options.length === 0 ? t.noInstances : t.attachText}
      submit={t.attach}
      fields={[
        { name: 'instance', kind: 'select', label: t.instance, required: true, options },
        { name: 'device', kind: 'text', label: t.device, description: t.deviceHint, required: true, initial: '/dev/sdf' },
      ]}
      actionsOf={(values) => {
        const [InstanceId, Device] = [read.text(values, 'instance'), read.text(values, 'device')];
        return [
          {
            service: 'ec2',
            operation: 'AttachVolume',
            command: new AttachVolumeCommand({ VolumeId: id, InstanceId, Device }),
            terraform: [{ type: 'aws_volume_attachment', name: id, body: { volume_id: id, instance_id: InstanceId, device_name: Device } }],
          },
        ];
      }}
      told={(values) => fill(t.attached, { id, instance: read.text(values, 'instance') ?? '' })}
    />
  );
}

function Detach(props: Props): ReactNode {
  const t = useText(messages);
  const id = props.volume.VolumeId!;
  return (
    <VolumeDialog
      {...props}
      title={fill(t.detachTitle, { id })}
      description={t.detachText}
      submit={t.detach}
      fields={[{ name: 'force', kind: 'toggle', label: t.force, description: t.forceText }]}
      actionsOf={(values) => {
        const command = new DetachVolumeCommand({ VolumeId: id, ...(read.flag(values, 'force') && { Force: true }) });
        return [{ service: 'ec2', operation: 'DetachVolume', command }];
      }}
      told={() => fill(t.detached, { id })}
    />
  );
}

function Modify(props: Props): ReactNode {
  const t = useText(messages);
  const s = useText(shared);
  const { volume } = props;
  const id = volume.VolumeId!;
  return (
    <VolumeDialog
      {...props}
      title={`${t.modifyVolume}: ${id}`}
      description={t.modifyText}
      submit={s.save}
      fields={[
        { name: 'size', kind: 'number', label: t.size, required: true, initial: String(volume.Size), min: volume.Size ?? 1 },
        typeField(t, volume.VolumeType),
        ...performanceFields(t, volume),
      ]}
      actionsOf={(values) => {
        const [Size, type] = [read.number(values, 'size'), read.text(values, 'type') as VolumeType];
        const { Iops, Throughput } = performanceOf(values);
        const command = new ModifyVolumeCommand({
          VolumeId: id,
          ...(Size !== volume.Size && { Size }),
          ...(type !== volume.VolumeType && { VolumeType: type }),
          ...(Iops !== undefined && Iops !== volume.Iops && { Iops }),
          ...(Throughput !== undefined && Throughput !== volume.Throughput && { Throughput }),
        });
        return [{ service: 'ec2', operation: 'ModifyVolume', command }];
      }}
      told={() => fill(t.modified, { id })}
    />
  );
}

function Snapshot(props: Props): ReactNode {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const id = props.volume.VolumeId!;
  return (
    <VolumeDialog
      {...props}
      title={`${t.createSnapshot}: ${id}`}
      description={t.createSnapshotText}
      submit={t.createSnapshot}
      fields={[
        { name: 'name', kind: 'text', label: e.name },
        { name: 'description', kind: 'text', label: e.description },
      ]}
      actionsOf={(values) => {
        const [name, Description] = [read.text(values, 'name'), read.text(values, 'description')];
        const command = new CreateSnapshotCommand({
          VolumeId: id,
          ...(Description && { Description }),
          ...tagged('snapshot', name),
        });
        const body = { volume_id: id, description: Description, tags: terraformTags(name) };
        return [
          { service: 'ec2', operation: 'CreateSnapshot', command, terraform: [{ type: 'aws_ebs_snapshot', name: name ?? id, body }] },
        ];
      }}
      told={(_values, output) => fill(t.snapshotBegun, { id: (output as { SnapshotId?: string }).SnapshotId ?? '' })}
    />
  );
}
