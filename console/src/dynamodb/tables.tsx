/** All tables of a region, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ListTablesCommand,
  type ScalarAttributeType,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { bytesText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { dynamodb } from './client.ts';
import { messages } from './messages.ts';

async function loadTables(after: string | undefined): Promise<{ items: TableDescription[]; next?: string | undefined }> {
  const { TableNames = [], LastEvaluatedTableName } = await dynamodb().send(
    new ListTablesCommand({ Limit: 100, ...(after && { ExclusiveStartTableName: after }) }),
  );
  const items = await Promise.all(
    TableNames.map(async (TableName) =>
      // Whoever may list tables may not see into each of them.
      dynamodb()
        .send(new DescribeTableCommand({ TableName }))
        .then(({ Table }): TableDescription => Table ?? { TableName })
        .catch((): TableDescription => ({ TableName })),
    ),
  );
  return { items, next: LastEvaluatedTableName };
}

export function Tables() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['dynamodb', 'create']));
  return (
    <ResourceTable<TableDescription>
      id="dynamodb-tables"
      title={t.tables}
      live="dynamodb"
      load={loadTables}
      keyOf={({ TableName }) => TableName!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ TableName }) => (
            <Link href={hrefOf(['dynamodb', 'tables', TableName!])} onFollow={follow}>
              {TableName}
            </Link>
          ),
          text: ({ TableName }) => TableName!,
        },
        {
          id: 'status',
          header: t.status,
          cell: ({ TableStatus }) => (
            <StatusIndicator type={TableStatus === 'ACTIVE' ? 'success' : 'in-progress'}>{TableStatus ?? '–'}</StatusIndicator>
          ),
          text: ({ TableStatus }) => TableStatus ?? '',
        },
        { id: 'partitionKey', header: t.partitionKey, cell: (table) => keyText(table, 'HASH') },
        { id: 'sortKey', header: t.sortKey, cell: (table) => keyText(table, 'RANGE') },
        { id: 'items', header: t.items, cell: ({ ItemCount }) => ItemCount ?? 0, text: ({ ItemCount }) => ItemCount ?? 0 },
        {
          id: 'size',
          header: t.size,
          cell: ({ TableSizeBytes }) => bytesText(TableSizeBytes),
          text: ({ TableSizeBytes }) => TableSizeBytes ?? 0,
        },
        { id: 'created', header: t.created, cell: ({ CreationDateTime }) => timeText(CreationDateTime), hidden: true },
      ]}
      empty={{ title: t.tablesEmpty, text: t.tablesEmptyText, action: <Button onClick={create}>{t.createTable}</Button> }}
      create={{ text: t.createTable, onClick: create }}
      remove={{
        nameOf: ({ TableName }) => TableName!,
        actionsOf: ({ TableName }) => [{ service: 'dynamodb', operation: 'DeleteTable', command: new DeleteTableCommand({ TableName }) }],
        send: (command) => dynamodb().send(command),
      }}
    />
  );
}

function keyText({ KeySchema = [], AttributeDefinitions = [] }: TableDescription, kind: 'HASH' | 'RANGE'): string {
  const name = KeySchema.find(({ KeyType }) => KeyType === kind)?.AttributeName;
  const type = AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
  return name === undefined ? '–' : `${name} (${type})`;
}

function createActions(values: Values): Action[] {
  const name = read.text(values, 'name') ?? '';
  const [hash, range] = [read.text(values, 'hash') ?? '', read.text(values, 'range')];
  const typeOf = (field: string) => (read.text(values, field) ?? 'S') as ScalarAttributeType;
  const provisioned = values['capacity'] === 'PROVISIONED';
  const units = { ReadCapacityUnits: read.number(values, 'read') ?? 5, WriteCapacityUnits: read.number(values, 'write') ?? 5 };
  const [Tags, guarded] = [read.tags(values), read.flag(values, 'protection')];
  const definitions = [{ name: hash, type: typeOf('hashType') }, ...(range ? [{ name: range, type: typeOf('rangeType') }] : [])];
  return [
    {
      service: 'dynamodb',
      operation: 'CreateTable',
      command: new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: definitions.map((one) => ({ AttributeName: one.name, AttributeType: one.type })),
        KeySchema: [{ AttributeName: hash, KeyType: 'HASH' }, ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : [])],
        BillingMode: provisioned ? 'PROVISIONED' : 'PAY_PER_REQUEST',
        ...(provisioned && { ProvisionedThroughput: units }),
        ...(guarded && { DeletionProtectionEnabled: true }),
        ...(Tags && { Tags }),
      }),
      terraform: [
        {
          type: 'aws_dynamodb_table',
          name,
          body: {
            name,
            billing_mode: provisioned ? 'PROVISIONED' : 'PAY_PER_REQUEST',
            read_capacity: provisioned ? units.ReadCapacityUnits : undefined,
            write_capacity: provisioned ? units.WriteCapacityUnits : undefined,
            hash_key: hash,
            range_key: range,
            deletion_protection_enabled: guarded ? true : undefined,
            tags: Tags && tagMap(Tags),
            attribute: definitions,
          },
        },
      ],
    },
  ];
}

export function CreateTable() {
  const t = useText(messages);
  const s = useText(shared);
  const types = [
    { value: 'S', label: t.string },
    { value: 'N', label: t.number },
    { value: 'B', label: t.binary },
  ];
  const provisioned = ({ capacity }: Values): boolean => capacity === 'PROVISIONED';
  const tableName = /^[\w.-]{3,255}$/;
  const fields: Field[] = [
    {
      name: 'name',
      kind: 'text',
      label: t.name,
      required: true,
      pattern: tableName,
      check: (value) => (tableName.test(value) ? undefined : t.nameFault),
      section: t.general,
    },
    { name: 'hash', kind: 'text', label: t.partitionKey, required: true },
    { name: 'hashType', kind: 'select', label: t.partitionKeyType, required: true, options: types },
    { name: 'range', kind: 'text', label: t.sortKey },
    { name: 'rangeType', kind: 'select', label: t.sortKeyType, required: true, options: types, visible: ({ range }) => range !== '' },
    {
      name: 'capacity',
      kind: 'tiles',
      label: t.capacity,
      required: true,
      section: t.capacity,
      options: [
        { value: 'PAY_PER_REQUEST', label: t.onDemand, description: t.onDemandText },
        { value: 'PROVISIONED', label: t.provisioned, description: t.provisionedText },
      ],
    },
    { name: 'read', kind: 'number', label: t.readUnits, initial: '5', min: 1, max: 40_000, required: true, visible: provisioned },
    { name: 'write', kind: 'number', label: t.writeUnits, initial: '5', min: 1, max: 40_000, required: true, visible: provisioned },
    { name: 'protection', kind: 'toggle', label: t.protection },
    { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
  ];
  return (
    <ActionForm
      title={t.createTable}
      submit={t.createTable}
      fields={fields}
      actionsOf={createActions}
      send={(command) => dynamodb().send(command)}
      onCancel={() => goTo(hrefOf(['dynamodb', 'tables']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['dynamodb', 'tables', name]));
      }}
    />
  );
}
