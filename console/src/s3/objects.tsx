/** The browser of a bucket: folders and objects, uploads by choosing or dropping, downloads, deletes. */

import Button from '@cloudscape-design/components/button';
import Icon from '@cloudscape-design/components/icon';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { useRef, useState } from 'react';
import { useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { bytesText, timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { follow, hrefOf, usePlace } from '../shell/places.ts';
import { nameOfKey, s3 } from './client.ts';
import { deletionsOf, sendDeletion } from './deletions.ts';
import { useDownload } from './download.tsx';
import { Folders } from './folders.tsx';
import { messages } from './messages.ts';
import { UploadsPanel } from './uploads-panel.tsx';
import { addUploads } from './uploads.ts';
import { VersionsToggle } from './versions-toggle.tsx';

type Entry = { key: string; folder: boolean; size?: number; modified?: Date | undefined; storageClass?: string | undefined };

async function loadEntries(bucket: string, prefix: string, after: string | undefined) {
  const page = await s3().send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', MaxKeys: 500, ...(after && { ContinuationToken: after }) }),
  );
  const folders = (page.CommonPrefixes ?? []).map(({ Prefix }): Entry => ({ key: Prefix!, folder: true }));
  const objects = (page.Contents ?? [])
    .filter(({ Key }) => Key !== prefix)
    .map(({ Key, Size, LastModified, StorageClass }): Entry => ({
      key: Key!,
      folder: false,
      size: Size ?? 0,
      modified: LastModified,
      storageClass: StorageClass,
    }));
  return { items: [...folders, ...objects], next: page.NextContinuationToken };
}

/** What an upload of any file here sends, large ones in parts. */
function uploadAction(Bucket: string, prefix: string): Action {
  const key = `${prefix}FILE`;
  const command = new PutObjectCommand({ Bucket, Key: key, Body: new File([], 'FILE') });
  return {
    service: 's3',
    operation: 'PutObject',
    command,
    terraform: [{ type: 'aws_s3_object', name: key, body: { bucket: Bucket, key, source: 'FILE' } }],
  };
}

export function Objects({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const download = useDownload();
  const prefix = usePlace().query.get('prefix') ?? '';
  const [makingFolder, setMakingFolder] = useState(false);
  const [dropping, setDropping] = useState(false);
  const [turn, setTurn] = useState(0);
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  const reload = (): void => setTurn((before) => before + 1);
  const add = (list: FileList | null): void => {
    if (list && list.length > 0) addUploads(bucket, prefix, [...list]);
  };
  const placeOf = ({ key, folder }: Entry): string =>
    folder ? hrefOf(['s3', 'buckets', bucket], { prefix: key }) : hrefOf(['s3', 'buckets', bucket, 'object'], { key });
  return (
    <section
      aria-label={t.objects}
      className="drop"
      data-dropping={dropping}
      data-hint={t.dropHere}
      onDragOver={(event) => {
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDropping(false);
        add(event.dataTransfer.files);
      }}
    >
      <input ref={files} type="file" multiple hidden aria-label={t.upload} onChange={(event) => add(event.target.files)} />
      <input
        ref={folders}
        type="file"
        hidden
        aria-label={t.uploadFolder}
        {...{ webkitdirectory: '' }}
        onChange={(event) => add(event.target.files)}
      />
      <SpaceBetween size="l">
        <UploadsPanel bucket={bucket} onDone={reload} />
        {prefix !== '' && <Folders bucket={bucket} prefix={prefix} />}
        <ResourceTable<Entry>
          id="s3-objects"
          title={t.objects}
          variant="embedded"
          live="s3"
          on={[bucket, prefix, turn]}
          load={(after) => loadEntries(bucket, prefix, after)}
          keyOf={({ key }) => key}
          columns={[
            {
              id: 'name',
              header: t.name,
              width: 360,
              cell: (entry) => (
                <span className="entry">
                  <Icon name={entry.folder ? 'folder' : 'file'} />
                  <Link href={placeOf(entry)} onFollow={follow}>
                    <Name>{nameOfKey(entry.key)}</Name>
                  </Link>
                </span>
              ),
              text: ({ key }) => nameOfKey(key),
            },
            {
              id: 'type',
              header: t.type,
              width: 110,
              cell: ({ key, folder }) => (folder ? t.folder : (/\.(\w{1,10})$/.exec(key)?.[1] ?? '–')),
            },
            {
              id: 'modified',
              header: t.modified,
              width: 210,
              cell: ({ modified }) => timeText(modified),
              text: ({ modified }) => modified?.getTime() ?? 0,
            },
            {
              id: 'size',
              header: t.size,
              width: 110,
              cell: ({ folder, size }) => (folder ? '–' : bytesText(size)),
              text: ({ size }) => size ?? 0,
            },
            { id: 'storageClass', header: t.storageClass, width: 150, cell: ({ storageClass }) => storageClass ?? '–' },
          ]}
          empty={{
            title: t.objectsEmpty,
            text: t.objectsEmptyText,
            action: <Button onClick={() => files.current?.click()}>{t.upload}</Button>,
          }}
          create={{ text: t.upload, onClick: () => files.current?.click() }}
          headerExtra={
            <>
              <VersionsToggle />
              <Button onClick={() => setMakingFolder(true)}>{t.createFolder}</Button>
              <Button onClick={() => folders.current?.click()}>{t.uploadFolder}</Button>
            </>
          }
          actions={[
            {
              id: 'download',
              text: t.download,
              disabled: ([entry]) => entry?.folder ?? true,
              run: ([entry]) => download({ bucket, key: entry!.key }),
            },
          ]}
          remove={{
            nameOf: ({ key }) => key,
            actionsOf: (entry) => deletionsOf(bucket, entry),
            send: sendDeletion,
            inRounds: ({ folder }) => folder,
            warning: t.deleteObjectsWarning,
          }}
        />
        <FromShell actions={[uploadAction(bucket, prefix)]} />
      </SpaceBetween>
      {makingFolder && (
        <ActionForm
          modal
          title={t.createFolder}
          submit={t.createFolder}
          fields={[
            {
              name: 'name',
              kind: 'text',
              label: t.folderName,
              required: true,
              check: (value) => (value.includes('/') ? t.folderFault : undefined),
            },
          ]}
          actionsOf={(values) => [
            {
              service: 's3',
              operation: 'PutObject',
              command: new PutObjectCommand({
                Bucket: bucket,
                Key: `${prefix}${read.text(values, 'name') ?? ''}/`,
                ContentType: 'application/x-directory',
              }),
            },
          ]}
          send={(command) => s3().send(command)}
          onCancel={() => setMakingFolder(false)}
          onDone={() => {
            setMakingFolder(false);
            reload();
          }}
        />
      )}
    </section>
  );
}
