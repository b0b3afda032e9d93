/** Objects in an archive: whether they can be read, and asking for a copy that can. */

import { RestoreObjectCommand, type HeadObjectCommandOutput, type Tier } from '@aws-sdk/client-s3';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Field, type Option } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { notify } from '../shell/notices.ts';
import { s3 } from './client.ts';
import { messages } from './messages-versions.ts';

/** What is to be known of an object for its restoration; `until` is a date as the header has it. */
export type ArchiveState =
  | { is: 'open' }
  | { is: 'archived' | 'restoring'; deep: boolean; tiering: boolean }
  | { is: 'restored'; until: string; deep: boolean; tiering: boolean };

/** Read from the storage class, the archive status of Intelligent-Tiering and the x-amz-restore header. */
export function archiveStateOf(head: Pick<HeadObjectCommandOutput, 'StorageClass' | 'ArchiveStatus' | 'Restore'>): ArchiveState {
  const tiering = head.ArchiveStatus !== undefined;
  if (!tiering && head.StorageClass !== 'GLACIER' && head.StorageClass !== 'DEEP_ARCHIVE') return { is: 'open' };
  const deep = head.StorageClass === 'DEEP_ARCHIVE' || head.ArchiveStatus === 'DEEP_ARCHIVE_ACCESS';
  if (head.Restore?.includes('ongoing-request="true"')) return { is: 'restoring', deep, tiering };
  const until = /expiry-date="([^"]+)"/.exec(head.Restore ?? '')?.[1];
  return until === undefined ? { is: 'archived', deep, tiering } : { is: 'restored', until, deep, tiering };
}

export const isReadable = ({ is }: ArchiveState): boolean => is === 'open' || is === 'restored';

export function ArchiveText({ state }: { state: ArchiveState }) {
  const t = useText(messages);
  if (state.is === 'archived') return <StatusIndicator type="stopped">{t.archived}</StatusIndicator>;
  if (state.is === 'restoring') return <StatusIndicator type="in-progress">{t.restoring}</StatusIndicator>;
  if (state.is === 'restored') return <StatusIndicator>{fill(t.restoredUntil, { time: timeText(state.until) })}</StatusIndicator>;
  return '–';
}

type Props = { bucket: string; objectKey: string; version: string | undefined; state: ArchiveState; onClose(): void };

export function RestoreForm({ bucket, objectKey, version, state, onClose }: Props) {
  const t = useText(messages);
  if (state.is === 'open') return null;
  const { deep, tiering } = state;
  const standard: Option = { value: 'Standard', label: t.tierStandard, description: deep ? t.deepStandard : t.flexibleStandard };
  const bulk: Option = { value: 'Bulk', label: t.tierBulk, description: deep ? t.deepBulk : t.flexibleBulk };
  const expedited: Option = { value: 'Expedited', label: t.tierExpedited, description: t.flexibleExpedited };
  const fields: Field[] = [
    // Intelligent-Tiering moves the object itself back: there is no copy to keep.
    ...(tiering ? [] : [{ name: 'days', kind: 'number', label: t.days, required: true, initial: '7', min: 1 } as const]),
    {
      name: 'tier',
      kind: 'tiles',
      label: t.tier,
      required: true,
      initial: 'Standard',
      options: deep ? [standard, bulk] : [expedited, standard, bulk],
    },
  ];
  return (
    <ActionForm
      modal
      title={t.restore}
      description={t.restoreArchivedText}
      submit={t.restore}
      fields={fields}
      actionsOf={(values) => [
        {
          service: 's3',
          operation: 'RestoreObject',
          command: new RestoreObjectCommand({
            Bucket: bucket,
            Key: objectKey,
            ...(version && { VersionId: version }),
            RestoreRequest: {
              ...(!tiering && { Days: read.number(values, 'days') }),
              GlacierJobParameters: { Tier: read.text(values, 'tier') as Tier },
            },
          }),
        },
      ]}
      send={(command) => s3().send(command)}
      onCancel={onClose}
      onDone={() => {
        notify({ type: 'success', content: t.restoreAsked });
        onClose();
      }}
    />
  );
}
