/** All buckets of the account, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeletePublicAccessBlockCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  PutBucketTaggingCommand,
  type Bucket,
  type BucketLocationConstraint,
  type ObjectOwnership,
} from '@aws-sdk/client-s3';
import { fill, useText } from '../language/catalogue.ts';
import type { Action, TerraformBlock } from '../from-shell/action.ts';
import { labelOf } from '../from-shell/terraform.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { settings } from '../shell/settings.ts';
import { s3 } from './client.ts';
import { messages } from './messages.ts';

const bucketName = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export function Buckets() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['s3', 'create']));
  return (
    <ResourceTable<Bucket>
      id="s3-buckets"
      title={t.buckets}
      live="s3"
      load={async (after) => {
        const { Buckets: items = [], ContinuationToken } = await s3().send(
          new ListBucketsCommand({ MaxBuckets: 200, ...(after && { ContinuationToken: after }) }),
        );
        return { items, next: ContinuationToken };
      }}
      keyOf={({ Name }) => Name!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ Name }) => (
            <Link href={hrefOf(['s3', 'buckets', Name!])} onFollow={follow}>
              {Name}
            </Link>
          ),
          text: ({ Name }) => Name!,
        },
        { id: 'region', header: t.region, cell: ({ BucketRegion }) => BucketRegion ?? '–' },
        {
          id: 'created',
          header: t.created,
          cell: ({ CreationDate }) => timeText(CreationDate),
          text: ({ CreationDate }) => CreationDate?.getTime() ?? 0,
        },
      ]}
      empty={{ title: t.emptyTitle, text: t.emptyText, action: <Button onClick={create}>{t.createBucket}</Button> }}
      create={{ text: t.createBucket, onClick: create }}
      remove={{
        nameOf: ({ Name }) => Name!,
        actionsOf: ({ Name }) => [{ service: 's3', operation: 'DeleteBucket', command: new DeleteBucketCommand({ Bucket: Name }) }],
        send: (command) => s3().send(command),
        warning: t.deleteBucketWarning,
      }}
    />
  );
}

function createActions(values: Values): Action[] {
  const Bucket = read.text(values, 'name') ?? '';
  const { region } = settings();
  const [ownership, key, tags] = [read.text(values, 'ownership')!, read.text(values, 'kmsKey'), read.tags(values)];
  const kms = values['encryption'] === 'kms';
  const bucket = { raw: `aws_s3_bucket.${labelOf(Bucket)}.id` };
  const also = (type: string, body: TerraformBlock['body']): TerraformBlock => ({ type, name: Bucket, body: { bucket, ...body } });
  const create: Action = {
    service: 's3',
    operation: 'CreateBucket',
    command: new CreateBucketCommand({
      Bucket,
      ObjectOwnership: ownership as ObjectOwnership,
      ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
    }),
    terraform: [
      {
        type: 'aws_s3_bucket',
        name: Bucket,
        body: { bucket: Bucket, tags: tags && tagMap(tags) },
      },
      also('aws_s3_bucket_ownership_controls', { rule: [{ object_ownership: ownership }] }),
      ...(read.flag(values, 'block')
        ? [
            also('aws_s3_bucket_public_access_block', {
              block_public_acls: true,
              ignore_public_acls: true,
              block_public_policy: true,
              restrict_public_buckets: true,
            }),
          ]
        : []),
      ...(kms
        ? [
            also('aws_s3_bucket_server_side_encryption_configuration', {
              rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: 'aws:kms', kms_master_key_id: key }] }],
            }),
          ]
        : []),
    ],
  };
  const rest: Action[] = [];
  // A new bucket blocks public access already.
  if (!read.flag(values, 'block'))
    rest.push({ service: 's3', operation: 'DeletePublicAccessBlock', command: new DeletePublicAccessBlockCommand({ Bucket }) });
  if (kms) rest.push(encryptionAction(Bucket, key));
  if (tags)
    rest.push({
      service: 's3',
      operation: 'PutBucketTagging',
      command: new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tags } }),
    });
  return [create, ...rest];
}

/** SSE-KMS with the key, or SSE-S3 without one. */
export function encryptionAction(Bucket: string, key: string | undefined): Action {
  return {
    service: 's3',
    operation: 'PutBucketEncryption',
    command: new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault:
              key === undefined ? { SSEAlgorithm: 'AES256' } : { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
            ...(key !== undefined && { BucketKeyEnabled: true }),
          },
        ],
      },
    }),
  };
}

export function CreateBucket() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createBucket}
      submit={t.createBucket}
      fields={[
        {
          name: 'name',
          kind: 'text',
          label: t.name,
          description: t.nameHint,
          required: true,
          pattern: bucketName,
          check: (value) => (bucketName.test(value) ? undefined : t.nameFault),
          section: t.general,
        },
        {
          name: 'ownership',
          kind: 'select',
          label: t.ownership,
          required: true,
          options: [
            { value: 'BucketOwnerEnforced', label: t.ownershipEnforced, description: t.ownershipEnforcedText },
            { value: 'BucketOwnerPreferred', label: t.ownershipPreferred },
            { value: 'ObjectWriter', label: t.ownershipWriter },
          ],
        },
        { name: 'block', kind: 'toggle', label: t.blockPublic, description: t.blockPublicText, initial: true, section: t.permissions },
        {
          name: 'encryption',
          kind: 'tiles',
          label: t.encryption,
          required: true,
          options: [
            { value: 's3', label: t.sseS3 },
            { value: 'kms', label: t.sseKms },
          ],
          section: t.encryption,
        },
        {
          name: 'kmsKey',
          kind: 'text',
          label: t.kmsKey,
          required: true,
          initial: 'alias/aws/s3',
          visible: (values) => values['encryption'] === 'kms',
        },
        { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
      ]}
      actionsOf={createActions}
      send={(command) => s3().send(command)}
      onCancel={() => goTo(hrefOf(['s3', 'buckets']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['s3', 'buckets', name]));
      }}
    />
  );
}
