/** Switches a bucket's versioning on, or suspends it. */

import { PutBucketVersioningCommand, type BucketVersioningStatus } from '@aws-sdk/client-s3';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { notify } from '../shell/notices.ts';
import { s3 } from './client.ts';
import { messages } from './messages-versions.ts';

export function VersioningForm({ bucket, status, onClose }: { bucket: string; status: string | undefined; onClose(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      modal
      title={t.editVersioning}
      submit={s.save}
      fields={[
        {
          name: 'status',
          kind: 'tiles',
          label: t.standing,
          required: true,
          initial: status ?? 'Enabled',
          options: [
            { value: 'Enabled', label: t.versioningOn, description: t.versioningOnText },
            { value: 'Suspended', label: t.versioningSuspended, description: t.versioningSuspendedText },
          ],
        },
      ]}
      actionsOf={(values) => {
        const Status = read.text(values, 'status') as BucketVersioningStatus;
        return [
          {
            service: 's3',
            operation: 'PutBucketVersioning',
            command: new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }),
            terraform: [
              { type: 'aws_s3_bucket_versioning', name: bucket, body: { bucket, versioning_configuration: [{ status: Status }] } },
            ],
          },
        ];
      }}
      send={(command) => s3().send(command)}
      onCancel={onClose}
      onDone={() => {
        notify({ type: 'success', content: s.saved });
        onClose();
      }}
    />
  );
}
