/** The form that makes a volume, empty or of a snapshot, and the fields it shares with the one that changes it. */

import {
  CreateVolumeCommand,
  DescribeAvailabilityZonesCommand,
  DescribeSnapshotsCommand,
  type CreateVolumeCommandOutput,
  type Snapshot,
  type Volume,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf, usePlace } from '../shell/places.ts';
import { ec2, tagged, terraformTags, titled } from './client.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-storage.ts';

type Texts = (typeof messages)['en'];

const types = ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard'];
const gibibytesMax = 65_536;
const provisioned = (values: Values): boolean => /^(gp3|io)/.test(read.text(values, 'type') ?? '');
const hasThroughput = (values: Values): boolean => values['type'] === 'gp3';

export function typeField(t: Texts, initial = 'gp3'): Field {
  return { name: 'type', kind: 'select', label: t.volumeType, required: true, initial, options: types.map((value) => ({ value })) };
}

/** Each only for the types that have it. */
export function performanceFields(t: Texts, { Iops, Throughput }: Pick<Volume, 'Iops' | 'Throughput'>): Field[] {
  return [
    { name: 'iops', kind: 'number', label: t.iops, min: 100, initial: String(Iops ?? 3_000), visible: provisioned },
    {
      name: 'throughput',
      kind: 'number',
      label: t.throughput,
      min: 125,
      initial: String(Throughput ?? 125),
      visible: hasThroughput,
    },
  ];
}

/** What those fields say, as far as the type has them. */
export function performanceOf(values: Values): { Iops: number | undefined; Throughput: number | undefined } {
  return {
    Iops: provisioned(values) ? read.number(values, 'iops') : undefined,
    Throughput: hasThroughput(values) ? read.number(values, 'throughput') : undefined,
  };
}

async function loadChoices(): Promise<{ zones: string[]; snapshots: Snapshot[] }> {
  const [{ AvailabilityZones = [] }, snapshots] = await Promise.all([
    ec2().send(new DescribeAvailabilityZonesCommand({})),
    // Whoever may make a volume may not see the snapshots; then none is offered.
    ec2()
      .send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))
      .then(
        ({ Snapshots = [] }) => Snapshots,
        (): Snapshot[] => [],
      ),
  ]);
  return { zones: AvailabilityZones.map(({ ZoneName }) => ZoneName!), snapshots: snapshots.filter(({ State }) => State === 'completed') };
}

function actionsOf(values: Values): Action[] {
  const [name, zone, type] = [read.text(values, 'name'), read.text(values, 'zone'), read.text(values, 'type') as VolumeType];
  const [Size, SnapshotId] = [read.number(values, 'size'), read.text(values, 'snapshot')];
  const { Iops, Throughput } = performanceOf(values);
  const Encrypted = read.flag(values, 'encrypted');
  const KmsKeyId = Encrypted ? read.text(values, 'kmsKey') : undefined;
  const command = new CreateVolumeCommand({
    AvailabilityZone: zone,
    VolumeType: type,
    Size,
    ...(SnapshotId && { SnapshotId }),
    ...(Iops !== undefined && { Iops }),
    ...(Throughput !== undefined && { Throughput }),
    ...(Encrypted && { Encrypted }),
    ...(KmsKeyId && { KmsKeyId }),
    ...tagged('volume', name),
  });
  const body = {
    availability_zone: zone,
    type,
    size: Size,
    snapshot_id: SnapshotId,
    iops: Iops,
    throughput: Throughput,
    encrypted: Encrypted || undefined,
    kms_key_id: KmsKeyId,
    tags: terraformTags(name),
  };
  return [{ service: 'ec2', operation: 'CreateVolume', command, terraform: [{ type: 'aws_ebs_volume', name: name ?? 'this', body }] }];
}

export function CreateVolume() {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const asked = usePlace().query.get('snapshot') ?? '';
  const answer = useAnswer(loadChoices, []);
  if (!answer.value) return <DetailPage name={t.createVolume} answer={answer} />;
  const { zones, snapshots } = answer.value;
  const source = snapshots.find(({ SnapshotId }) => SnapshotId === asked);
  const least = (values: Values): number => snapshots.find(({ SnapshotId }) => SnapshotId === values['snapshot'])?.VolumeSize ?? 1;
  return (
    <ActionForm
      title={t.createVolume}
      description={t.createVolumeText}
      submit={t.createVolume}
      fields={[
        { name: 'name', kind: 'text', label: e.name },
        { name: 'zone', kind: 'select', label: e.zone, required: true, options: zones.map((value) => ({ value })) },
        {
          name: 'snapshot',
          kind: 'select',
          label: t.snapshot,
          initial: source?.SnapshotId ?? '',
          options: [
            { value: '', label: t.noSnapshot },
            ...snapshots.map((snapshot) => ({
              value: snapshot.SnapshotId!,
              label: titled(snapshot.SnapshotId!, snapshot, fill(t.sizeOf, { size: snapshot.VolumeSize ?? 0 })),
            })),
          ],
        },
        {
          name: 'size',
          kind: 'number',
          label: t.size,
          required: true,
          initial: String(source?.VolumeSize ?? 8),
          min: 1,
          max: gibibytesMax,
          check: (value, values) => (Number(value) < least(values) ? fill(s.tooSmall, { min: least(values) }) : undefined),
        },
        typeField(t),
        ...performanceFields(t, {}),
        { name: 'encrypted', kind: 'toggle', label: t.encrypted, initial: source?.Encrypted ?? false },
        { name: 'kmsKey', kind: 'text', label: t.kmsKey, visible: (values) => read.flag(values, 'encrypted') },
      ]}
      actionsOf={actionsOf}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'volumes']))}
      onDone={([output]) => {
        const { VolumeId = '' } = output as CreateVolumeCommandOutput;
        notify({ type: 'success', content: fill(s.created, { name: VolumeId }) });
        goTo(hrefOf(['ec2', 'volumes', VolumeId]));
      }}
    />
  );
}
