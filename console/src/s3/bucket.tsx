/** One bucket: its objects, properties and permissions. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import {
  AbortMultipartUploadCommand,
  DeleteBucketTaggingCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  ListMultipartUploadsCommand,
  PutBucketTaggingCommand,
} from '@aws-sdk/client-s3';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { TagsTab, type Tag } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import type { Params } from '../shell/services.ts';
import { encryptionAction } from './buckets.tsx';
import { s3 } from './client.ts';
import { emptyingOf, sendDeletion } from './deletions.ts';
import { Lifecycle } from './lifecycle.tsx';
import { messages as lifecycleMessages } from './messages-lifecycle.ts';
import { messages } from './messages.ts';
import { messages as replicationMessages } from './messages-replication.ts';
import { messages as versionMessages } from './messages-versions.ts';
import { Objects } from './objects.tsx';
import { Permissions } from './permissions.tsx';
import { Replication } from './replication.tsx';
import { VersioningForm } from './versioning-form.tsx';
import { useVersionsShown } from './versions-toggle.tsx';
import { Versions } from './versions.tsx';

export function BucketPage({ params }: { params: Params }) {
  const bucket = params['bucket']!;
  const t = useText(messages);
  const l = useText(lifecycleMessages);
  const r = useText(replicationMessages);
  const versions = useVersionsShown();
  const [emptying, setEmptying] = useState(false);
  const [turn, setTurn] = useState(0);
  return (
    <>
      <DetailPage
        name={bucket}
        actions={<Button onClick={() => setEmptying(true)}>{t.emptyBucket}</Button>}
        tabs={[
          {
            id: 'objects',
            label: t.objects,
            content: versions ? <Versions key={turn} bucket={bucket} /> : <Objects key={turn} bucket={bucket} />,
          },
          { id: 'properties', label: t.properties, content: <Properties bucket={bucket} /> },
          { id: 'permissions', label: t.permissions, content: <Permissions bucket={bucket} /> },
          { id: 'lifecycle', label: l.lifecycle, content: <Lifecycle bucket={bucket} /> },
          { id: 'replication', label: r.replication, content: <Replication bucket={bucket} /> },
        ]}
      />
      {emptying && (
        <ConfirmDelete
          items={[bucket]}
          nameOf={() => fill(t.emptyBucketTitle, { name: bucket }).replace(/\?$/, '')}
          warning={t.emptyWarning}
          actionsOf={() => emptyingOf(bucket)}
          send={sendDeletion}
          inRounds={() => true}
          onCancel={() => setEmptying(false)}
          onDone={() => {
            setEmptying(false);
            setTurn(turn + 1);
          }}
        />
      )}
    </>
  );
}

function Properties({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const v = useText(versionMessages);
  const [editing, setEditing] = useState(false);
  const [versioning, setVersioning] = useState(false);
  const { value, error, reload } = useAnswer(
    async () => {
      const [location, { Status }, encryption] = await Promise.all([
        s3().send(new GetBucketLocationCommand({ Bucket: bucket })),
        s3().send(new GetBucketVersioningCommand({ Bucket: bucket })),
        s3().send(new GetBucketEncryptionCommand({ Bucket: bucket })),
      ]);
      const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
      return { region: location.LocationConstraint ?? 'us-east-1', versioning: Status, rule };
    },
    [bucket],
    's3',
  );
  const kms = value?.rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm === 'aws:kms';
  const key = value?.rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;
  return (
    <SpaceBetween size="l">
      {error !== undefined && <FailureAlert error={error} />}
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <div className="actions">
                <Button onClick={() => setVersioning(true)}>{v.editVersioning}</Button>
                <Button onClick={() => setEditing(true)}>{t.editEncryption}</Button>
              </div>
            }
          >
            {t.properties}
          </Header>
        }
      >
        <KeyValuePairs
          columns={3}
          items={[
            { label: t.region, value: value?.region ?? '–' },
            { label: t.arn, value: <Copyable text={`arn:aws:s3:::${bucket}`} /> },
            { label: t.versioning, value: value?.versioning ?? s.no },
            { label: t.encryption, value: value ? (kms ? t.sseKms : t.sseS3) : '–' },
            ...(kms ? [{ label: t.kmsKey, value: key ?? 'alias/aws/s3' }] : []),
            { label: t.bucketKey, value: value?.rule?.BucketKeyEnabled ? s.yes : s.no },
          ]}
        />
      </Container>
      <TagsTab
        live="s3"
        load={() => loadTags(bucket)}
        actionsOf={({ all }) => [taggingAction(bucket, all)]}
        send={(command) => s3().send(command)}
      />
      <Unfinished bucket={bucket} />
      {versioning && (
        <VersioningForm
          bucket={bucket}
          status={value?.versioning}
          onClose={() => {
            setVersioning(false);
            reload();
          }}
        />
      )}
      {editing && (
        <ActionForm
          modal
          title={t.editEncryption}
          submit={s.save}
          fields={[
            {
              name: 'encryption',
              kind: 'tiles',
              label: t.encryption,
              required: true,
              initial: kms ? 'kms' : 's3',
              options: [
                { value: 's3', label: t.sseS3 },
                { value: 'kms', label: t.sseKms },
              ],
            },
            {
              name: 'kmsKey',
              kind: 'text',
              label: t.kmsKey,
              required: true,
              initial: key ?? 'alias/aws/s3',
              visible: (values) => values['encryption'] === 'kms',
            },
          ]}
          actionsOf={(values) => [encryptionAction(bucket, values['encryption'] === 'kms' ? read.text(values, 'kmsKey') : undefined)]}
          send={(command) => s3().send(command)}
          onCancel={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            notify({ type: 'success', content: s.saved });
            reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}

/** S3 takes the whole set, which may not be empty. */
function taggingAction(bucket: string, all: readonly Tag[]): Action {
  if (all.length === 0)
    return { service: 's3', operation: 'DeleteBucketTagging', command: new DeleteBucketTaggingCommand({ Bucket: bucket }) };
  const command = new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: [...all] } });
  const terraform = [{ type: 'aws_s3_bucket', name: bucket, body: { bucket, tags: tagMap(all) } }];
  return { service: 's3', operation: 'PutBucketTagging', command, terraform };
}

async function loadTags(bucket: string): Promise<{ Key: string; Value: string }[]> {
  try {
    const { TagSet = [] } = await s3().send(new GetBucketTaggingCommand({ Bucket: bucket }));
    return TagSet.map(({ Key, Value }) => ({ Key: Key!, Value: Value! }));
  } catch (error) {
    if ((error as Error).name === 'NoSuchTagSet') return [];
    throw error;
  }
}

/** Parts that were sent and never put together; they take room until they are given up. */
function Unfinished({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const { value, error, reload } = useAnswer(
    async () => (await s3().send(new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 100 }))).Uploads ?? [],
    [bucket],
    's3',
  );
  return (
    <Table
      header={
        <Header variant="h2" counter={value ? `(${value.length})` : ''}>
          {t.multipart}
        </Header>
      }
      items={value ?? []}
      empty={error === undefined ? <Box color="text-body-secondary">{t.noMultipart}</Box> : <FailureAlert error={error} />}
      columnDefinitions={[
        { id: 'key', header: t.key, cell: ({ Key }) => <Name>{Key}</Name> },
        { id: 'begun', header: t.begun, cell: ({ Initiated }) => timeText(Initiated) },
        {
          id: 'abort',
          header: '',
          cell: ({ Key, UploadId }) => (
            <ActionButton
              variant="inline-link"
              text={t.abort}
              actionsOf={() => [
                {
                  ...{ service: 's3', operation: 'AbortMultipartUpload' },
                  command: new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }),
                },
              ]}
              send={(command) => s3().send(command)}
              onDone={reload}
            />
          ),
        },
      ]}
    />
  );
}
