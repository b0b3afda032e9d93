/** One volume: its facts, what it is attached to, what is changing, its snapshots. */

import Button from '@cloudscape-design/components/button';
import {
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  type Volume as VolumeFacts,
  type VolumeAttachment,
  type VolumeModification,
} from '@aws-sdk/client-ec2';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { Copyable, type Fact } from '../resource/detail-page.tsx';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { atHand, ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer, useUntil } from '../resource/use-answer.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-storage.ts';
import { ResourcePage } from './resource-page.tsx';
import { SnapshotTable } from './snapshots.tsx';
import { isVolumeSettled, mayBe, VolumeForm, volumeForms, VolumeState, type VolumeFormName } from './volume-actions.tsx';
import { deletionOf } from './volumes.tsx';

type Loaded = { volume: VolumeFacts; change: VolumeModification | undefined };

async function loadVolume(id: string): Promise<Loaded> {
  const [{ Volumes }, changes] = await Promise.all([
    ec2().send(new DescribeVolumesCommand({ VolumeIds: [id] })),
    ec2().send(new DescribeVolumesModificationsCommand({ Filters: [{ Name: 'volume-id', Values: [id] }] })),
  ]);
  return { volume: Volumes![0]!, change: changes.VolumesModifications?.[0] };
}

const changeSettled = ({ change }: Loaded): boolean =>
  !change || change.ModificationState === 'completed' || change.ModificationState === 'failed';

export function Volume({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadVolume(id), [id], 'ec2');
  const loaded = answer.value;
  useUntil(answer, loaded !== undefined && isVolumeSettled(loaded.volume) && changeSettled(loaded));
  const [asked, setAsked] = useState<VolumeFormName>();
  const volume = loaded?.volume;
  return (
    <>
      <ResourcePage
        id={id}
        resource={volume}
        answer={answer}
        actions={
          <>
            <Button iconName="refresh" ariaLabel={s.refresh} onClick={answer.reload} />
            {volumeForms.map((form) => (
              <Button key={form} disabled={!volume || !mayBe(form, volume)} onClick={() => setAsked(form)}>
                {t[form]}
              </Button>
            ))}
          </>
        }
        facts={useFacts(loaded)}
        tabs={[
          { id: 'attachments', label: t.attachments, content: <Attachments attachments={volume?.Attachments ?? []} /> },
          { id: 'snapshots', label: t.snapshots, content: <SnapshotTable volume={id} /> },
        ]}
        remove={{ list: 'volumes', actionOf: deletionOf, warning: t.deleteVolumeWarning, disabled: volume?.State === 'in-use' }}
      />
      {asked && volume && (
        <VolumeForm
          form={asked}
          volume={volume}
          onCancel={() => setAsked(undefined)}
          onDone={() => {
            setAsked(undefined);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function useFacts(loaded: Loaded | undefined): Fact[] {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  if (!loaded) return [];
  const { volume, change } = loaded;
  const moving = change && `${change.ModificationState} · ${change.Progress ?? 0} %`;
  return [
    { label: e.id, value: <Copyable text={volume.VolumeId!} /> },
    { label: e.state, value: <VolumeState state={volume.State} /> },
    { label: t.size, value: fill(t.sizeOf, { size: volume.Size ?? 0 }) },
    { label: t.volumeType, value: volume.VolumeType },
    { label: t.iops, value: volume.Iops ?? '–' },
    { label: t.throughput, value: volume.Throughput ?? '–' },
    { label: e.zone, value: volume.AvailabilityZone },
    { label: t.encrypted, value: volume.Encrypted ? s.yes : s.no },
    ...(volume.KmsKeyId ? [{ label: t.kmsKey, value: <Copyable text={volume.KmsKeyId} /> }] : []),
    { label: t.snapshot, value: <IdLink kind="snapshots" id={volume.SnapshotId} /> },
    { label: e.created, value: timeText(volume.CreateTime) },
    ...(moving ? [{ label: t.modification, value: moving }] : []),
  ];
}

function Attachments({ attachments }: { attachments: readonly VolumeAttachment[] }) {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  return (
    <ResourceTable<VolumeAttachment>
      {...atHand(attachments)}
      id="ec2-volume-attachments"
      title={t.attachments}
      keyOf={({ InstanceId }) => InstanceId!}
      columns={[
        {
          id: 'instance',
          header: t.instance,
          cell: ({ InstanceId }) => <IdLink kind="instances" id={InstanceId} />,
          text: ({ InstanceId }) => InstanceId!,
        },
        { id: 'device', header: e.device, cell: ({ Device }) => Device },
        { id: 'state', header: e.attachment, cell: ({ State }) => State },
        { id: 'since', header: t.attachedAt, cell: ({ AttachTime }) => timeText(AttachTime) },
        { id: 'goes', header: e.deleteOnTermination, cell: ({ DeleteOnTermination }) => (DeleteOnTermination ? s.yes : s.no) },
      ]}
      empty={{ title: t.attachmentsEmpty, text: t.attachmentsEmptyText }}
    />
  );
}
