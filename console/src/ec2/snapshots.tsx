/** The account's snapshots: all of a region, or those of one volume. */

import Button from '@cloudscape-design/components/button';
import { DeleteSnapshotCommand, DescribeSnapshotsCommand, type Snapshot } from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { timeText } from '../resource/format.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, nameOf } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-storage.ts';
import { VolumeState } from './volume-actions.tsx';

export function deletionOf(SnapshotId: string): Action & { command: DeleteSnapshotCommand } {
  return { service: 'ec2', operation: 'DeleteSnapshot', command: new DeleteSnapshotCommand({ SnapshotId }) };
}

export const isSnapshotSettled = ({ State }: Snapshot): boolean => State !== 'pending';

export const Snapshots = () => <SnapshotTable />;

export function SnapshotTable({ volume }: { volume?: string }) {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const volumes = (): void => goTo(hrefOf(['ec2', 'volumes']));
  return (
    <ResourceTable<Snapshot>
      id="ec2-snapshots"
      title={t.snapshots}
      live="ec2"
      {...(volume !== undefined && { variant: 'embedded' as const })}
      settled={(items) => items.every(isSnapshotSettled)}
      load={async (after) => {
        const { Snapshots: items = [], NextToken } = await ec2().send(
          new DescribeSnapshotsCommand({
            OwnerIds: ['self'],
            MaxResults: 100,
            ...(volume !== undefined && { Filters: [{ Name: 'volume-id', Values: [volume] }] }),
            ...(after && { NextToken: after }),
          }),
        );
        return { items, next: NextToken };
      }}
      keyOf={({ SnapshotId }) => SnapshotId!}
      columns={[
        {
          id: 'id',
          header: e.id,
          width: 220,
          cell: ({ SnapshotId }) => <IdLink kind="snapshots" id={SnapshotId} />,
          text: ({ SnapshotId }) => SnapshotId!,
        },
        { id: 'name', header: e.name, cell: nameOf },
        {
          id: 'state',
          header: e.state,
          width: 140,
          cell: ({ State }) => <VolumeState state={State} />,
          text: ({ State }) => State ?? '',
        },
        { id: 'progress', header: t.progress, width: 100, cell: ({ Progress }) => Progress },
        {
          id: 'size',
          header: t.size,
          width: 110,
          cell: ({ VolumeSize }) => fill(t.sizeOf, { size: VolumeSize ?? 0 }),
          text: ({ VolumeSize }) => VolumeSize ?? 0,
        },
        { id: 'volume', header: e.volume, width: 220, cell: ({ VolumeId }) => VolumeId },
        {
          id: 'description',
          header: e.description,
          cell: ({ Description }) => Description,
        },
        { id: 'started', header: t.started, cell: ({ StartTime }) => timeText(StartTime), text: ({ StartTime }) => Number(StartTime) },
      ]}
      empty={{
        title: t.snapshotsEmpty,
        text: t.snapshotsEmptyText,
        ...(volume === undefined && { action: <Button onClick={volumes}>{t.volumes}</Button> }),
      }}
      actions={[
        {
          id: 'volume',
          text: t.fromSnapshot,
          disabled: ([snapshot]) => snapshot?.State !== 'completed',
          run: ([snapshot]) => goTo(hrefOf(['ec2', 'create-volume'], { snapshot: snapshot!.SnapshotId })),
        },
      ]}
      remove={{
        nameOf: ({ SnapshotId }) => SnapshotId!,
        actionsOf: ({ SnapshotId }) => [deletionOf(SnapshotId!)],
        send: (command) => ec2().send(command),
        warning: t.deleteSnapshotWarning,
      }}
    />
  );
}
