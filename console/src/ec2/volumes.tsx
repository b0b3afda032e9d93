/** All volumes of a region. */

import Button from '@cloudscape-design/components/button';
import { DeleteVolumeCommand, DescribeVolumesCommand, type Volume } from '@aws-sdk/client-ec2';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { timeText } from '../resource/format.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, nameOf } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-storage.ts';
import { isVolumeSettled, mayBe, VolumeForm, volumeForms, VolumeState, type VolumeFormName } from './volume-actions.tsx';

export function deletionOf(VolumeId: string): Action & { command: DeleteVolumeCommand } {
  return { service: 'ec2', operation: 'DeleteVolume', command: new DeleteVolumeCommand({ VolumeId }) };
}

export function Volumes() {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const [asked, setAsked] = useState<{ form: VolumeFormName; volume: Volume }>();
  const [turn, setTurn] = useState(0);
  const create = (): void => goTo(hrefOf(['ec2', 'create-volume']));
  return (
    <>
      <ResourceTable<Volume>
        id="ec2-volumes"
        title={t.volumes}
        live="ec2"
        on={[turn]}
        settled={(items) => items.every(isVolumeSettled)}
        load={async (after) => {
          const { Volumes: items = [], NextToken } = await ec2().send(
            new DescribeVolumesCommand({ MaxResults: 100, ...(after && { NextToken: after }) }),
          );
          return { items, next: NextToken };
        }}
        keyOf={({ VolumeId }) => VolumeId!}
        columns={[
          {
            id: 'id',
            header: e.id,
            width: 210,
            cell: ({ VolumeId }) => <IdLink kind="volumes" id={VolumeId} />,
            text: ({ VolumeId }) => VolumeId!,
          },
          { id: 'name', header: e.name, cell: nameOf },
          {
            id: 'state',
            header: e.state,
            width: 130,
            cell: (volume) => <VolumeState state={volume.State} />,
            text: ({ State }) => State ?? '',
          },
          {
            id: 'size',
            header: t.size,
            width: 110,
            cell: ({ Size }) => fill(t.sizeOf, { size: Size ?? 0 }),
            text: ({ Size }) => Size ?? 0,
          },
          { id: 'type', header: t.volumeType, width: 120, cell: ({ VolumeType }) => VolumeType },
          { id: 'zone', header: e.zone, width: 140, cell: ({ AvailabilityZone }) => AvailabilityZone },
          { id: 'instance', header: t.instance, cell: ({ Attachments }) => Attachments?.[0]?.InstanceId ?? '–' },
          {
            id: 'created',
            header: e.created,
            cell: ({ CreateTime }) => timeText(CreateTime),
            text: ({ CreateTime }) => Number(CreateTime),
          },
        ]}
        empty={{ title: t.volumesEmpty, text: t.volumesEmptyText, action: <Button onClick={create}>{t.createVolume}</Button> }}
        create={{ text: t.createVolume, onClick: create }}
        actions={volumeForms.map((form) => ({
          id: form,
          text: t[form],
          disabled: ([volume]) => !volume || !mayBe(form, volume),
          run: ([volume]) => setAsked({ form, volume: volume! }),
        }))}
        remove={{
          nameOf: ({ VolumeId }) => VolumeId!,
          actionsOf: ({ VolumeId }) => [deletionOf(VolumeId!)],
          send: (command) => ec2().send(command),
          warning: t.deleteVolumeWarning,
        }}
      />
      {asked && (
        <VolumeForm
          {...asked}
          onCancel={() => setAsked(undefined)}
          onDone={() => {
            setAsked(undefined);
            setTurn(turn + 1);
          }}
        />
      )}
    </>
  );
}
