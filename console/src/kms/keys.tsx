/** All keys of a region, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  ListAliasesCommand,
  ListKeysCommand,
  type KeyMetadata,
  type KeySpec,
  type KeyUsageType,
} from '@aws-sdk/client-kms';
import { fill, useText } from '../language/catalogue.ts';
import { labelOf } from '../from-shell/terraform.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { kms } from './client.ts';
import { messages } from './messages.ts';

type Key = KeyMetadata & { aliases: string[] };

async function loadKeys(after: string | undefined): Promise<{ items: Key[]; next?: string | undefined }> {
  const [page, aliases] = await Promise.all([
    kms().send(new ListKeysCommand({ Limit: 100, ...(after && { Marker: after }) })),
    kms().send(new ListAliasesCommand({ Limit: 100 })),
  ]);
  const items = await Promise.all(
    (page.Keys ?? []).map(async ({ KeyId }): Promise<Key> => {
      // Whoever may list keys may not see each of them.
      const found = await kms()
        .send(new DescribeKeyCommand({ KeyId }))
        .then(({ KeyMetadata: metadata }) => metadata!)
        .catch((): KeyMetadata => ({ KeyId }));
      return {
        ...found,
        aliases: (aliases.Aliases ?? []).filter(({ TargetKeyId }) => TargetKeyId === KeyId).map(({ AliasName }) => AliasName!),
      };
    }),
  );
  return { items, next: page.Truncated ? page.NextMarker : undefined };
}

export function Keys() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['kms', 'create']));
  return (
    <ResourceTable<Key>
      id="kms-keys"
      title={t.keys}
      live="kms"
      load={loadKeys}
      keyOf={({ KeyId }) => KeyId!}
      columns={[
        {
          id: 'alias',
          header: t.alias,
          cell: ({ KeyId, aliases }) => (
            <Link href={hrefOf(['kms', 'keys', KeyId!])} onFollow={follow}>
              {aliases.map((alias) => alias.replace('alias/', '')).join(', ') || KeyId}
            </Link>
          ),
          text: ({ KeyId, aliases }) => aliases.join(' ') || KeyId!,
        },
        { id: 'id', header: t.keyId, cell: ({ KeyId }) => KeyId!, width: 320 },
        {
          id: 'state',
          header: t.state,
          cell: ({ KeyState }) => (
            <StatusIndicator type={KeyState === 'Enabled' ? 'success' : 'stopped'}>{KeyState ?? '–'}</StatusIndicator>
          ),
          text: ({ KeyState }) => KeyState ?? '',
        },
        { id: 'spec', header: t.spec, cell: ({ KeySpec: spec }) => spec ?? '–' },
        { id: 'manager', header: t.manager, cell: ({ KeyManager }) => KeyManager ?? '–' },
        { id: 'created', header: t.created, cell: ({ CreationDate }) => timeText(CreationDate), hidden: true },
      ]}
      empty={{ title: t.keysEmpty, text: t.keysEmptyText, action: <Button onClick={create}>{t.createKey}</Button> }}
      create={{ text: t.createKey, onClick: create }}
    />
  );
}

const specs: Readonly<Record<string, readonly string[]>> = {
  ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT', 'RSA_2048', 'RSA_3072', 'RSA_4096'],
  SIGN_VERIFY: ['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521', 'RSA_2048', 'RSA_3072', 'RSA_4096'],
  GENERATE_VERIFY_MAC: ['HMAC_256', 'HMAC_224', 'HMAC_384', 'HMAC_512'],
};

export function CreateKey() {
  const t = useText(messages);
  const s = useText(shared);
  const specOf = (values: Values): string => read.text(values, `spec-${read.text(values, 'usage') ?? ''}`) ?? 'SYMMETRIC_DEFAULT';
  return (
    <ActionForm
      title={t.createKey}
      submit={t.createKey}
      fields={[
        {
          name: 'usage',
          kind: 'tiles',
          label: t.usage,
          required: true,
          options: [
            { value: 'ENCRYPT_DECRYPT', label: t.encrypt },
            { value: 'SIGN_VERIFY', label: t.sign },
            { value: 'GENERATE_VERIFY_MAC', label: t.mac },
          ],
        },
        ...Object.entries(specs).map(([usage, names]) => ({
          name: `spec-${usage}`,
          kind: 'select' as const,
          label: t.spec,
          required: true,
          options: names.map((value) => ({ value })),
          visible: (values: Values) => values['usage'] === usage,
        })),
        { name: 'description', kind: 'text', label: t.description },
        { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
      ]}
      actionsOf={(values) => {
        const [Description, Tags] = [read.text(values, 'description'), read.tags(values)];
        const [KeyUsage, spec] = [read.text(values, 'usage') as KeyUsageType, specOf(values) as KeySpec];
        return [
          {
            service: 'kms',
            operation: 'CreateKey',
            command: new CreateKeyCommand({
              KeyUsage,
              KeySpec: spec,
              ...(Description && { Description }),
              ...(Tags && { Tags: Tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })) }),
            }),
            terraform: [
              {
                type: 'aws_kms_key',
                name: labelOf(Description ?? 'key'),
                body: {
                  description: Description,
                  key_usage: KeyUsage,
                  customer_master_key_spec: spec,
                  tags: Tags && tagMap(Tags),
                },
              },
            ],
          },
        ];
      }}
      send={(command) => kms().send(command)}
      onCancel={() => goTo(hrefOf(['kms', 'keys']))}
      onDone={([output]) => {
        const { KeyId } = (output as { KeyMetadata: KeyMetadata }).KeyMetadata;
        notify({ type: 'success', content: fill(s.created, { name: KeyId! }) });
        goTo(hrefOf(['kms', 'keys', KeyId!]));
      }}
    />
  );
}

/** The call that names a key. */
export function aliasAction(KeyId: string, alias: string) {
  return {
    service: 'kms' as const,
    operation: 'CreateAlias',
    command: new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId: KeyId }),
    terraform: [{ type: 'aws_kms_alias', name: alias, body: { name: `alias/${alias}`, target_key_id: KeyId } }],
  };
}
