/** All versions of a folder's objects: those that are current, those before them, and the markers of deletions. */

import Icon from '@cloudscape-design/components/icon';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { bytesText, timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable, type Page } from '../resource/resource-table.tsx';
import { notify } from '../shell/notices.ts';
import { follow, hrefOf, usePlace } from '../shell/places.ts';
import { nameOfKey, s3 } from './client.ts';
import { emptyingOf, sendDeletion } from './deletions.ts';
import { useDownload } from './download.tsx';
import { Folders } from './folders.tsx';
import { messages as objectMessages } from './messages.ts';
import { messages } from './messages-versions.ts';
import { VersionsToggle } from './versions-toggle.tsx';

type Version = {
  key: string;
  kind: 'folder' | 'version' | 'marker';
  versionId: string;
  latest: boolean;
  modified?: Date | undefined;
  size?: number | undefined;
  storageClass?: string | undefined;
};

async function loadVersions(bucket: string, prefix: string, after: string | undefined): Promise<Page<Version>> {
  const marker = after === undefined ? {} : (JSON.parse(after) as { KeyMarker?: string; VersionIdMarker?: string });
  const page = await s3().send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, Delimiter: '/', MaxKeys: 500, ...marker }));
  const folders = (page.CommonPrefixes ?? []).map(({ Prefix }): Version => ({
    key: Prefix!,
    kind: 'folder',
    versionId: '',
    latest: false,
  }));
  const versions = (page.Versions ?? []).map(({ Key, VersionId, IsLatest, LastModified, Size, StorageClass }): Version => ({
    key: Key!,
    kind: 'version',
    versionId: VersionId!,
    latest: IsLatest === true,
    modified: LastModified,
    size: Size,
    storageClass: StorageClass,
  }));
  const markers = (page.DeleteMarkers ?? []).map(({ Key, VersionId, IsLatest, LastModified }): Version => ({
    key: Key!,
    kind: 'marker',
    versionId: VersionId!,
    latest: IsLatest === true,
    modified: LastModified,
  }));
  const entries = [...versions, ...markers].filter(({ key }) => key !== prefix).sort(byKeyThenNewest);
  const next = page.IsTruncated ? JSON.stringify({ KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }) : undefined;
  return { items: [...folders, ...entries], next };
}

/** As S3 lists them, versions and markers among each other. */
function byKeyThenNewest(a: Version, b: Version): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.latest !== b.latest) return a.latest ? -1 : 1;
  return Number(b.modified) - Number(a.modified);
}

function deletion(bucket: string, { key, versionId }: Version): Action & { command: DeleteObjectCommand } {
  const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
  return { service: 's3', operation: 'DeleteObject', command };
}

export function Versions({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const o = useText(objectMessages);
  const download = useDownload();
  const prefix = usePlace().query.get('prefix') ?? '';
  const [restoring, setRestoring] = useState<Version>();
  const [turn, setTurn] = useState(0);
  const standing = ({ kind, latest }: Version): string => {
    if (kind === 'folder') return '–';
    if (kind === 'marker') return t.deleteMarker;
    return latest ? t.current : t.noncurrent;
  };
  return (
    <SpaceBetween size="l">
      {prefix !== '' && <Folders bucket={bucket} prefix={prefix} versions />}
      <ResourceTable<Version>
        id="s3-versions"
        title={t.versions}
        variant="embedded"
        live="s3"
        on={[bucket, prefix, turn]}
        load={(after) => loadVersions(bucket, prefix, after)}
        keyOf={({ key, versionId }) => (versionId === '' ? key : `${key} ${versionId}`)}
        columns={[
          {
            id: 'name',
            header: o.name,
            width: 320,
            cell: (entry) => <EntryName bucket={bucket} entry={entry} />,
            text: ({ key }) => nameOfKey(key),
          },
          { id: 'version', header: o.versionId, width: 290, cell: ({ versionId }) => versionId || '–' },
          {
            id: 'standing',
            header: t.standing,
            cell: (entry) => (entry.latest && entry.kind === 'version' ? <StatusIndicator>{t.current}</StatusIndicator> : standing(entry)),
            text: standing,
          },
          { id: 'modified', header: o.modified, cell: ({ modified }) => timeText(modified), text: ({ modified }) => Number(modified ?? 0) },
          { id: 'size', header: o.size, cell: ({ size }) => bytesText(size), text: ({ size }) => size ?? 0 },
          { id: 'class', header: o.storageClass, cell: ({ storageClass }) => storageClass ?? '–' },
        ]}
        empty={{ title: t.versionsEmpty, text: t.versionsEmptyText }}
        headerExtra={<VersionsToggle />}
        actions={[
          {
            id: 'download',
            text: o.download,
            disabled: ([entry]) => entry?.kind !== 'version',
            run: ([entry]) => download({ bucket, key: entry!.key, version: entry!.versionId }),
          },
          {
            id: 'restore',
            text: t.restoreObject,
            disabled: ([entry]) => entry?.kind !== 'marker' || !entry.latest,
            run: ([entry]) => setRestoring(entry),
          },
        ]}
        remove={{
          nameOf: ({ key, kind, versionId }) => (kind === 'folder' ? nameOfKey(key) : `${nameOfKey(key)} (${versionId})`),
          // Of a folder all versions and markers below it go.
          actionsOf: (entry) => (entry.kind === 'folder' ? emptyingOf(bucket, entry.key) : [deletion(bucket, entry)]),
          send: sendDeletion,
          inRounds: ({ kind }) => kind === 'folder',
          warning: t.deleteVersionWarning,
        }}
      />
      {restoring && (
        <BringBack
          bucket={bucket}
          marker={restoring}
          onClose={() => setRestoring(undefined)}
          onDone={() => {
            setRestoring(undefined);
            setTurn(turn + 1);
          }}
        />
      )}
    </SpaceBetween>
  );
}

function EntryName({ bucket, entry }: { bucket: string; entry: Version }) {
  const { key, kind, versionId } = entry;
  const name = <Name>{nameOfKey(key)}</Name>;
  const href =
    kind === 'folder'
      ? hrefOf(['s3', 'buckets', bucket], { prefix: key, versions: 'shown' })
      : hrefOf(['s3', 'buckets', bucket, 'object'], { key, version: versionId });
  return (
    <span className="entry">
      <Icon name={kind === 'folder' ? 'folder' : kind === 'marker' ? 'remove' : 'file'} />
      {kind === 'marker' ? (
        name
      ) : (
        <Link href={href} onFollow={follow}>
          {name}
        </Link>
      )}
    </span>
  );
}

function BringBack({ bucket, marker, onClose, onDone }: { bucket: string; marker: Version; onClose(): void; onDone(): void }) {
  const t = useText(messages);
  const name = nameOfKey(marker.key);
  return (
    <ActionForm
      modal
      title={fill(t.restoreTitle, { name })}
      description={t.restoreText}
      submit={t.restoreObject}
      fields={[]}
      actionsOf={() => [deletion(bucket, marker)]}
      send={(command) => s3().send(command)}
      onCancel={onClose}
      onDone={() => {
        notify({ type: 'success', content: fill(t.broughtBack, { name }) });
        onDone();
      }}
    />
  );
}
