/** Who can reach a bucket, in plain words first; then the public access block and the policy behind it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { labelOf } from '../from-shell/terraform.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { s3 } from './client.ts';
import { messages } from './messages.ts';

type Access = { policy?: string | undefined; isPublic: boolean; block: PublicAccessBlockConfiguration };

/** Undefined where S3 says that there is none. */
async function unlessAbsent<T>(call: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as Error).name === code) return undefined;
    throw error;
  }
}

async function loadAccess(Bucket: string): Promise<Access> {
  const [policy, status, block] = await Promise.all([
    unlessAbsent(s3().send(new GetBucketPolicyCommand({ Bucket })), 'NoSuchBucketPolicy'),
    unlessAbsent(s3().send(new GetBucketPolicyStatusCommand({ Bucket })), 'NoSuchBucketPolicy'),
    unlessAbsent(s3().send(new GetPublicAccessBlockCommand({ Bucket })), 'NoSuchPublicAccessBlockConfiguration'),
  ]);
  return { policy: policy?.Policy, isPublic: status?.PolicyStatus?.IsPublic ?? false, block: block?.PublicAccessBlockConfiguration ?? {} };
}

/** Whom the statements that allow name, beside everyone. */
function namedBy(policy: string): string[] {
  const { Statement } = JSON.parse(policy) as { Statement: unknown };
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as { Effect?: string; Principal?: unknown }[];
  const named = statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Principal }) => (typeof Principal === 'string' ? [Principal] : Object.values((Principal ?? {}) as object).flat()));
  return [...new Set(named.map(String))].filter((name) => name !== '*');
}

export function Permissions({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadAccess(bucket), [bucket], 's3');
  const [editing, setEditing] = useState<'policy' | 'block'>();
  if (answer.error !== undefined) return <FailureAlert error={answer.error} />;
  if (!answer.value) return <Box color="text-body-secondary">{s.loading}</Box>;
  const { policy, block } = answer.value;
  const done = (): void => {
    setEditing(undefined);
    notify({ type: 'success', content: s.saved });
    answer.reload();
  };
  const flag = (value: boolean | undefined) =>
    value ? <StatusIndicator>{s.yes}</StatusIndicator> : <StatusIndicator type="stopped">{s.no}</StatusIndicator>;
  return (
    <SpaceBetween size="l">
      <Reach access={answer.value} />
      <Container
        header={
          <Header variant="h2" actions={<Button onClick={() => setEditing('block')}>{s.edit}</Button>}>
            {t.publicAccess}
          </Header>
        }
      >
        <KeyValuePairs
          columns={2}
          items={[
            { label: t.blockAcls, value: flag(block.BlockPublicAcls) },
            { label: t.ignoreAcls, value: flag(block.IgnorePublicAcls) },
            { label: t.blockPolicy, value: flag(block.BlockPublicPolicy) },
            { label: t.restrict, value: flag(block.RestrictPublicBuckets) },
          ]}
        />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {policy && (
                  <ActionButton
                    text={t.removePolicy}
                    said={t.policyRemoved}
                    actionsOf={() => [
                      { service: 's3', operation: 'DeleteBucketPolicy', command: new DeleteBucketPolicyCommand({ Bucket: bucket }) },
                    ]}
                    send={(command) => s3().send(command)}
                    onDone={answer.reload}
                  />
                )}
                <Button onClick={() => setEditing('policy')}>{s.edit}</Button>
              </SpaceBetween>
            }
          >
            {t.policy}
          </Header>
        }
      >
        {policy ? <JsonView value={JSON.parse(policy)} /> : <Box color="text-body-secondary">{t.noPolicy}</Box>}
      </Container>
      {editing === 'policy' && <EditPolicy bucket={bucket} policy={policy} onDone={done} onCancel={() => setEditing(undefined)} />}
      {editing === 'block' && <EditBlock bucket={bucket} block={block} onDone={done} onCancel={() => setEditing(undefined)} />}
    </SpaceBetween>
  );
}

/** The answer to "who can see this?", before all detail. */
function Reach({ access: { policy, isPublic, block } }: { access: Access }) {
  const t = useText(messages);
  const blocked = block.BlockPublicAcls && block.IgnorePublicAcls && block.BlockPublicPolicy && block.RestrictPublicBuckets;
  const others = policy ? namedBy(policy) : [];
  return (
    <Container header={<Header variant="h2">{t.who}</Header>}>
      <SpaceBetween size="xs">
        <StatusIndicator type="info">{t.whoOwner}</StatusIndicator>
        {others.length > 0 && <StatusIndicator type="info">{fill(t.whoPolicy, { who: others.join(', ') })}</StatusIndicator>}
        {isPublic && !block.RestrictPublicBuckets && <StatusIndicator type="warning">{t.whoPublic}</StatusIndicator>}
        <StatusIndicator type={blocked ? 'success' : 'warning'}>{blocked ? t.whoBlocked : t.whoNotBlocked}</StatusIndicator>
      </SpaceBetween>
    </Container>
  );
}

type EditProps = { bucket: string; onDone(): void; onCancel(): void };

function EditPolicy({ bucket, policy, onDone, onCancel }: EditProps & { policy: string | undefined }) {
  const t = useText(messages);
  const s = useText(shared);
  const example = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${bucket}/*`,
      },
    ],
  };
  return (
    <ActionForm
      modal
      title={t.editPolicy}
      submit={s.save}
      fields={[
        {
          name: 'policy',
          kind: 'json',
          label: t.policy,
          required: true,
          rows: 18,
          initial: JSON.stringify(policy ? JSON.parse(policy) : example, null, 2),
        },
      ]}
      actionsOf={(values) => {
        const document = JSON.parse(read.text(values, 'policy') ?? '') as unknown;
        return [
          {
            service: 's3',
            operation: 'PutBucketPolicy',
            command: new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(document) }),
            terraform: [
              {
                type: 'aws_s3_bucket_policy',
                name: bucket,
                body: { bucket: { raw: `aws_s3_bucket.${labelOf(bucket)}.id` }, policy: { json: document } },
              },
            ],
          },
        ];
      }}
      send={(command) => s3().send(command)}
      onDone={onDone}
      onCancel={onCancel}
    />
  );
}

function EditBlock({ bucket, block, onDone, onCancel }: EditProps & { block: PublicAccessBlockConfiguration }) {
  const t = useText(messages);
  const s = useText(shared);
  const members = [
    { name: 'BlockPublicAcls', label: t.blockAcls },
    { name: 'IgnorePublicAcls', label: t.ignoreAcls },
    { name: 'BlockPublicPolicy', label: t.blockPolicy },
    { name: 'RestrictPublicBuckets', label: t.restrict },
  ] as const;
  return (
    <ActionForm
      modal
      title={t.editAccess}
      submit={s.save}
      fields={members.map(({ name, label }) => ({ name, label, kind: 'toggle', initial: block[name] ?? false }))}
      actionsOf={(values) => [
        {
          service: 's3',
          operation: 'PutPublicAccessBlock',
          command: new PutPublicAccessBlockCommand({
            Bucket: bucket,
            PublicAccessBlockConfiguration: Object.fromEntries(members.map(({ name }) => [name, read.flag(values, name)])),
          }),
          terraform: [
            {
              type: 'aws_s3_bucket_public_access_block',
              name: bucket,
              body: {
                bucket: { raw: `aws_s3_bucket.${labelOf(bucket)}.id` },
                block_public_acls: read.flag(values, 'BlockPublicAcls'),
                ignore_public_acls: read.flag(values, 'IgnorePublicAcls'),
                block_public_policy: read.flag(values, 'BlockPublicPolicy'),
                restrict_public_buckets: read.flag(values, 'RestrictPublicBuckets'),
              },
            },
          ],
        },
      ]}
      send={(command) => s3().send(command)}
      onDone={onDone}
      onCancel={onCancel}
    />
  );
}
