/** Vaults of archives, and the jobs that bring what is in them within reach. */

import {
  CreateVaultCommand,
  DeleteVaultCommand,
  DescribeVaultCommand,
  ListJobsCommand,
  ListVaultsCommand,
  type DescribeVaultOutput,
  type GlacierJobDescription,
} from '@aws-sdk/client-glacier';
import { useText } from '../language/catalogue.ts';
import type { Collection } from '../resource/collection.tsx';
import { read } from '../resource/fields.ts';
import { bytesText, timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { glacier } from './client.ts';
import { messages } from './messages.ts';

type Keys = keyof (typeof messages)['en'];

/** The account that signs. */
const accountId = '-';

function Jobs({ vaultName }: { vaultName: string }) {
  const t = useText(messages);
  return (
    <ResourceTable<GlacierJobDescription>
      id="glacier-jobs"
      title={t.jobs}
      variant="embedded"
      live="glacier"
      settled={(jobs) => jobs.every(({ Completed }) => Completed)}
      load={async () => ({ items: (await glacier().send(new ListJobsCommand({ accountId, vaultName }))).JobList ?? [] })}
      keyOf={({ JobId }) => JobId!}
      columns={[
        { id: 'action', header: t.action, cell: ({ Action }) => Action },
        { id: 'status', header: t.status, cell: ({ StatusCode }) => StatusCode },
        { id: 'tier', header: t.tier, cell: ({ Tier }) => Tier ?? '–' },
        { id: 'archive', header: t.archive, cell: ({ ArchiveId, JobDescription }) => <Name>{JobDescription ?? ArchiveId ?? '–'}</Name> },
        { id: 'asked', header: t.asked, cell: ({ CreationDate }) => timeText(CreationDate) },
        { id: 'done', header: t.done, cell: ({ CompletionDate }) => timeText(CompletionDate) },
      ]}
      empty={{ title: t.jobsEmpty, text: t.jobsEmptyText }}
    />
  );
}

export const vaults: Collection<DescribeVaultOutput, Keys> = {
  ...{ service: 'glacier', path: 'vaults', live: 'glacier', messages },
  ...{ title: 'vaults', emptyTitle: 'vaultsEmpty', emptyText: 'vaultsEmptyText' },
  send: (command) => glacier().send(command),
  load: async (marker) => {
    const page = await glacier().send(new ListVaultsCommand({ accountId, ...(marker && { marker }) }));
    return { items: page.VaultList ?? [], next: page.Marker };
  },
  find: (vaultName) => glacier().send(new DescribeVaultCommand({ accountId, vaultName })),
  idOf: ({ VaultName }) => VaultName!,
  columns: (t) => [
    { id: 'name', header: t.name, cell: ({ VaultName }) => VaultName! },
    { id: 'archives', header: t.archives, cell: ({ NumberOfArchives }) => String(NumberOfArchives ?? 0) },
    { id: 'size', header: t.size, cell: ({ SizeInBytes }) => bytesText(SizeInBytes), text: ({ SizeInBytes = 0 }) => SizeInBytes },
    { id: 'inventory', header: t.inventory, cell: ({ LastInventoryDate }) => timeText(LastInventoryDate) },
    { id: 'created', header: t.created, cell: ({ CreationDate }) => timeText(CreationDate) },
  ],
  facts: ({ VaultARN }, t) => [{ label: t.arn, value: VaultARN }],
  tabs: ({ VaultName }, t) => [{ id: 'jobs', label: t.jobs, content: <Jobs vaultName={VaultName!} /> }],
  create: {
    ...{ text: 'create', hint: 'createText' },
    fields: (t) => [
      {
        ...{ name: 'name', kind: 'text', label: t.name, required: true },
        check: (value) => (/^[\w.-]{1,255}$/.test(value) ? undefined : t.nameFault),
      },
    ],
    actionsOf: (values) => {
      const name = read.text(values, 'name');
      return [
        {
          ...{ service: 'glacier', operation: 'CreateVault' },
          command: new CreateVaultCommand({ accountId, vaultName: name }),
          terraform: [{ type: 'aws_glacier_vault', name: name ?? 'this', body: { name } }],
        },
      ];
    },
    made: (_outputs, values) => read.text(values, 'name'),
  },
  remove: {
    actionOf: ({ VaultName }) => ({
      ...{ service: 'glacier', operation: 'DeleteVault' },
      command: new DeleteVaultCommand({ accountId, vaultName: VaultName }),
    }),
    warning: 'warning',
  },
};
