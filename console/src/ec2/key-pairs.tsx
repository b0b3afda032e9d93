/** Key pairs: all of a region, one made here and downloaded, one brought along. */

import Button from '@cloudscape-design/components/button';
import {
  CreateKeyPairCommand,
  DeleteKeyPairCommand,
  DescribeKeyPairsCommand,
  ImportKeyPairCommand,
  type CreateKeyPairCommandOutput,
  type KeyPairInfo,
  type KeyType,
} from '@aws-sdk/client-ec2';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2 } from './client.ts';
import { messages } from './messages.ts';

const toList = (): void => goTo(hrefOf(['ec2', 'key-pairs']));

export function KeyPairs() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['ec2', 'create-key-pair']));
  return (
    <ResourceTable<KeyPairInfo>
      id="ec2-key-pairs"
      title={t.keyPairs}
      live="ec2"
      load={async () => ({ items: (await ec2().send(new DescribeKeyPairsCommand({}))).KeyPairs ?? [] })}
      keyOf={({ KeyPairId }) => KeyPairId!}
      columns={[
        { id: 'name', header: t.name, cell: ({ KeyName }) => KeyName! },
        { id: 'type', header: t.type, width: 100, cell: ({ KeyType: type }) => type },
        { id: 'fingerprint', header: t.fingerprint, width: 420, cell: ({ KeyFingerprint }) => KeyFingerprint },
        { id: 'id', header: t.id, cell: ({ KeyPairId }) => KeyPairId },
        { id: 'created', header: t.created, cell: ({ CreateTime }) => timeText(CreateTime), text: ({ CreateTime }) => Number(CreateTime) },
      ]}
      empty={{ title: t.keyPairsEmpty, text: t.keyPairsEmptyText, action: <Button onClick={create}>{t.createKey}</Button> }}
      headerExtra={<Button onClick={() => goTo(hrefOf(['ec2', 'import-key-pair']))}>{t.importKey}</Button>}
      create={{ text: t.createKey, onClick: create }}
      remove={{
        nameOf: ({ KeyName }) => KeyName!,
        actionsOf: ({ KeyPairId }) => [
          {
            service: 'ec2',
            operation: 'DeleteKeyPair',
            command: new DeleteKeyPairCommand({ KeyPairId }),
          },
        ],
        send: (command) => ec2().send(command),
      }}
    />
  );
}

/** Gives a file to the browser to keep. */
function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/x-pem-file' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

export function CreateKeyPair() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createKey}
      description={t.createKeyText}
      submit={t.createKey}
      fields={[
        { name: 'name', kind: 'text', label: t.name, required: true },
        {
          name: 'type',
          kind: 'tiles',
          label: t.type,
          required: true,
          options: [
            { value: 'rsa', label: 'RSA' },
            { value: 'ed25519', label: 'ED25519' },
          ],
        },
      ]}
      actionsOf={(values) => [
        {
          service: 'ec2',
          operation: 'CreateKeyPair',
          command: new CreateKeyPairCommand({ KeyName: read.text(values, 'name'), KeyType: read.text(values, 'type') as KeyType }),
        },
      ]}
      send={(command) => ec2().send(command)}
      onCancel={toList}
      onDone={([output]) => {
        const { KeyName = '', KeyMaterial = '' } = output as CreateKeyPairCommandOutput;
        download(`${KeyName}.pem`, KeyMaterial);
        notify({ type: 'success', content: fill(s.created, { name: KeyName }) });
        toList();
      }}
    />
  );
}

export function ImportKeyPair() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.importKey}
      description={t.importKeyText}
      submit={t.importKey}
      fields={[
        { name: 'name', kind: 'text', label: t.name, required: true },
        { name: 'key', kind: 'textarea', label: t.publicKey, description: t.publicKeyHint, required: true },
      ]}
      actionsOf={(values) => {
        const name = read.text(values, 'name') ?? '';
        const key = (read.text(values, 'key') ?? '').trim();
        return [
          {
            service: 'ec2',
            operation: 'ImportKeyPair',
            command: new ImportKeyPairCommand({ KeyName: name, PublicKeyMaterial: new TextEncoder().encode(key) }),
            terraform: [{ type: 'aws_key_pair', name, body: { key_name: name, public_key: key } }],
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={toList}
      onDone={(_outputs, values) => {
        notify({ type: 'success', content: fill(s.created, { name: read.text(values, 'name') ?? '' }) });
        toList();
      }}
    />
  );
}
