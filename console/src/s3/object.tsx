/** One object: its facts, a preview, a link to share, its tags. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { DeleteObjectCommand, GetObjectTaggingCommand, HeadObjectCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { bytesText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { goTo, hrefOf, usePlace } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { nameOfKey, s3 } from './client.ts';
import { useDownload } from './download.tsx';
import { presignedLink } from './links.ts';
import { messages } from './messages.ts';
import { messages as versionMessages } from './messages-versions.ts';
import { Preview } from './preview.tsx';
import { ArchiveText, archiveStateOf, isReadable, RestoreForm } from './restore.tsx';

export function S3Object({ params }: { params: Params }) {
  const bucket = params['bucket']!;
  const { query } = usePlace();
  const key = query.get('key') ?? '';
  const version = query.get('version') ?? undefined;
  const which = { Bucket: bucket, Key: key, ...(version !== undefined && { VersionId: version }) };
  const t = useText(messages);
  const s = useText(shared);
  const v = useText(versionMessages);
  const download = useDownload();
  const [deleting, setDeleting] = useState(false);
  const [restoring, setRestoring] = useState(false);
  const answer = useAnswer(() => s3().send(new HeadObjectCommand(which)), [bucket, key, version], 's3');
  const head = answer.value;
  const archive = archiveStateOf(head ?? {});
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  return (
    <>
      <DetailPage
        name={nameOfKey(key)}
        answer={answer}
        actions={
          <>
            <Button
              variant="primary"
              iconName="download"
              disabled={!isReadable(archive)}
              onClick={() => download({ bucket, key, version })}
            >
              {t.download}
            </Button>
            {archive.is !== 'open' && (
              <Button disabled={archive.is === 'restoring'} onClick={() => setRestoring(true)}>
                {v.restore}
              </Button>
            )}
            <Button onClick={() => setDeleting(true)}>{s.delete}</Button>
          </>
        }
        facts={[
          { label: t.key, value: <Name>{key}</Name> },
          { label: t.uri, value: <Copyable text={`s3://${bucket}/${key}`} /> },
          { label: t.arn, value: <Copyable text={`arn:aws:s3:::${bucket}/${key}`} /> },
          { label: t.size, value: bytesText(head?.ContentLength) },
          { label: t.contentType, value: head?.ContentType },
          { label: t.modified, value: timeText(head?.LastModified) },
          { label: t.storageClass, value: head?.StorageClass ?? 'STANDARD' },
          ...(archive.is === 'open' ? [] : [{ label: v.archive, value: <ArchiveText state={archive} /> }]),
          ...(head?.VersionId ? [{ label: t.versionId, value: <Copyable text={head.VersionId} /> }] : []),
          { label: t.etag, value: head?.ETag },
          {
            label: t.encryption,
            value: head?.SSEKMSKeyId ? `${head.ServerSideEncryption} ${head.SSEKMSKeyId}` : head?.ServerSideEncryption,
          },
        ]}
        tabs={[
          {
            id: 'preview',
            label: t.preview,
            content: !head ? null : isReadable(archive) ? (
              <Preview bucket={bucket} objectKey={key} version={version} size={head.ContentLength ?? 0} type={head.ContentType ?? ''} />
            ) : (
              <Container header={<Header variant="h2">{t.preview}</Header>}>
                <ArchiveText state={archive} />
              </Container>
            ),
          },
          { id: 'share', label: t.share, content: <Share bucket={bucket} objectKey={key} version={version} /> },
          {
            id: 'metadata',
            label: t.metadata,
            content: (
              <Container header={<Header variant="h2">{t.metadata}</Header>}>
                {Object.keys(head?.Metadata ?? {}).length === 0 ? (
                  <Box color="text-body-secondary">{t.noMetadata}</Box>
                ) : (
                  <KeyValuePairs items={Object.entries(head?.Metadata ?? {}).map(([label, value]) => ({ label, value }))} />
                )}
              </Container>
            ),
          },
          {
            id: 'tags',
            label: t.tags,
            content: <ObjectTags which={which} />,
          },
        ]}
      />
      {deleting && (
        <ConfirmDelete
          items={[key]}
          nameOf={nameOfKey}
          actionsOf={() => [{ service: 's3', operation: 'DeleteObject', command: new DeleteObjectCommand(which) }]}
          send={(command) => s3().send(command)}
          {...(version !== undefined && { warning: v.deleteVersionWarning })}
          onCancel={() => setDeleting(false)}
          onDone={() => goTo(hrefOf(['s3', 'buckets', bucket], { prefix: folder, versions: version && 'shown' }))}
        />
      )}
      {restoring && (
        <RestoreForm
          bucket={bucket}
          objectKey={key}
          version={version}
          state={archive}
          onClose={() => {
            setRestoring(false);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function ObjectTags({ which }: { which: { Bucket: string; Key: string } }) {
  const load = async () => {
    const { TagSet = [] } = await s3().send(new GetObjectTaggingCommand(which));
    return TagSet.map(({ Key, Value }) => ({ Key: Key!, Value: Value! }));
  };
  return (
    <TagsTab
      live="s3"
      load={load}
      // S3 takes the whole set.
      actionsOf={({ all }) => {
        const command = new PutObjectTaggingCommand({ ...which, Tagging: { TagSet: [...all] } });
        return [{ service: 's3', operation: 'PutObjectTagging', command }];
      }}
      send={(command) => s3().send(command)}
    />
  );
}

function Share({ bucket, objectKey, version }: { bucket: string; objectKey: string; version: string | undefined }) {
  const t = useText(messages);
  const [minutes, setMinutes] = useState('60');
  const [link, setLink] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const make = async (): Promise<void> => {
    try {
      setLink(await presignedLink({ bucket, key: objectKey, version }, { seconds: Math.round(Number(minutes) * 60), download: false }));
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    }
  };
  const valid = Number(minutes) > 0 && Number(minutes) <= 10_080;
  return (
    <Container
      header={
        <Header variant="h2" description={t.shareText}>
          {t.share}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField label={t.minutes}>
          <Input type="number" value={minutes} onChange={({ detail }) => setMinutes(detail.value)} />
        </FormField>
        <Button disabled={!valid} onClick={() => void make()}>
          {t.makeLink}
        </Button>
        {problem !== undefined && <FailureAlert error={problem} />}
        {link !== undefined && (
          <div className="message">
            <Box variant="awsui-key-label">{t.link}</Box>
            <Copyable text={link} />
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}
