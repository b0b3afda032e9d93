/** The replication rules of a bucket: where its new objects are copied to, by themselves. */

import SpaceBetween from '@cloudscape-design/components/space-between';
import {
  DeleteBucketReplicationCommand,
  GetBucketReplicationCommand,
  PutBucketReplicationCommand,
  type ReplicationConfiguration,
  type ReplicationRule,
} from '@aws-sdk/client-s3';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { s3 } from './client.ts';
import { messages } from './messages-replication.ts';

type Rules = { role: string; rules: readonly ReplicationRule[] };
type Texts = (typeof messages)['en'];

async function loadRules(Bucket: string): Promise<Rules> {
  try {
    const { ReplicationConfiguration: found } = await s3().send(new GetBucketReplicationCommand({ Bucket }));
    return { role: found?.Role ?? '', rules: found?.Rules ?? [] };
  } catch (error) {
    if ((error as Error).name === 'ReplicationConfigurationNotFoundError') return { role: '', rules: [] };
    throw error;
  }
}

/** The whole set is put at once, or there is none. */
function putRules(bucket: string, role: string, rules: readonly ReplicationRule[]): Action {
  if (rules.length === 0)
    return { service: 's3', operation: 'DeleteBucketReplication', command: new DeleteBucketReplicationCommand({ Bucket: bucket }) };
  const set: ReplicationConfiguration = { Role: role, Rules: [...rules] };
  const rule = rules.map(({ ID, Status, Priority, Filter, Destination, DeleteMarkerReplication: markers }) => ({
    ...{ id: ID, status: Status, priority: Priority, filter: [{ prefix: Filter?.Prefix ?? '' }] },
    delete_marker_replication: [{ status: markers?.Status }],
    destination: [{ bucket: Destination?.Bucket, storage_class: Destination?.StorageClass }],
  }));
  return {
    ...{ service: 's3', operation: 'PutBucketReplication' },
    command: new PutBucketReplicationCommand({ Bucket: bucket, ReplicationConfiguration: set }),
    terraform: [{ type: 'aws_s3_bucket_replication_configuration', name: bucket, body: { bucket, role, rule } }],
  };
}

function fieldsOf(t: Texts, { role, rules }: Rules): Field[] {
  const isTaken = (name: string): boolean => rules.some(({ ID }) => ID === name);
  return [
    { name: 'name', kind: 'text', label: t.name, required: true, check: (value) => (isTaken(value) ? t.nameTaken : undefined) },
    { name: 'prefix', kind: 'text', label: t.prefix, description: t.prefixHint },
    {
      ...{ name: 'target', kind: 'text', label: t.target, required: true, placeholder: 'arn:aws:s3:::my-copies' },
      check: (value) => (/^arn:aws:s3:::[a-z0-9.-]+$/.test(value) ? undefined : t.targetFault),
    },
    {
      ...{ name: 'role', kind: 'text', label: t.role, description: t.roleHint, required: true, initial: role },
      check: (value) => (/^arn:aws:iam::\d{12}:role\/.+$/.test(value) ? undefined : t.roleFault),
    },
    { name: 'markers', kind: 'toggle', label: t.markers, description: t.markersText },
  ];
}

function ruleOf(values: Values, { rules }: Rules): ReplicationRule {
  return {
    ...{ ID: read.text(values, 'name'), Status: 'Enabled', Filter: { Prefix: read.text(values, 'prefix') ?? '' } },
    Priority: Math.max(0, ...rules.map(({ Priority = 0 }) => Priority)) + 1,
    DeleteMarkerReplication: { Status: read.flag(values, 'markers') ? 'Enabled' : 'Disabled' },
    Destination: { Bucket: read.text(values, 'target') },
  };
}

export function Replication({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const { value, reload } = useAnswer(() => loadRules(bucket), [bucket], 's3');
  const [adding, setAdding] = useState(false);
  /** Of the rules as they are then: those before it may be gone. */
  const without = async ({ ID }: ReplicationRule): Promise<Action[]> => {
    const { role, rules } = await loadRules(bucket);
    return [
      putRules(
        bucket,
        role,
        rules.filter((rule) => rule.ID !== ID),
      ),
    ];
  };
  return (
    <SpaceBetween size="l">
      <ResourceTable<ReplicationRule>
        id="s3-replication"
        title={t.replication}
        description={t.replicationText}
        variant="embedded"
        live="s3"
        on={[bucket, JSON.stringify(value)]}
        load={async () => ({ items: (await loadRules(bucket)).rules })}
        keyOf={({ ID }) => ID!}
        columns={[
          { id: 'name', header: t.name, cell: ({ ID }) => <Name>{ID}</Name>, text: ({ ID = '' }) => ID },
          { id: 'status', header: t.status, cell: ({ Status }) => Status },
          { id: 'priority', header: t.priority, cell: ({ Priority }) => Priority },
          {
            ...{ id: 'prefix', header: t.prefix },
            cell: ({ Filter, Prefix }) => <Name>{Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? ''}</Name>,
            text: ({ Filter, Prefix }) => Filter?.Prefix ?? Prefix ?? '',
          },
          { id: 'target', header: t.target, width: 280, cell: ({ Destination }) => Destination?.Bucket },
          {
            ...{ id: 'markers', header: t.markers },
            cell: ({ DeleteMarkerReplication: markers }) => (markers?.Status === 'Enabled' ? s.yes : s.no),
          },
        ]}
        empty={{ title: t.empty, text: t.emptyText }}
        create={{ text: t.add, onClick: () => setAdding(true) }}
        remove={{
          nameOf: ({ ID }) => ID!,
          actionsOf: without,
          send: (command) => s3().send(command),
          onRemoved: reload,
          warning: t.warning,
        }}
      />
      {adding && value && (
        <ActionForm
          modal
          title={t.add}
          description={t.addText}
          submit={t.add}
          fields={fieldsOf(t, value)}
          actionsOf={(values) => [putRules(bucket, read.text(values, 'role') ?? '', [...value.rules, ruleOf(values, value)])]}
          send={(command) => s3().send(command)}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            notify({ type: 'success', content: s.saved });
            reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}
