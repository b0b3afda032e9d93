/** Finding items by query or scan, page by page, and writing them by form or as JSON. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import {
  DeleteItemCommand,
  QueryCommand,
  ScanCommand,
  type QueryCommandInput,
  type ScanCommandOutput,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { ActionButton } from '../resource/action-button.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { Name } from '../resource/name.tsx';
import { Empty } from '../resource/resource-table.tsx';
import { messages as shared } from '../resource/messages.ts';
import { notify } from '../shell/notices.ts';
import { dynamodb, keyValue, shortText, type Item } from './client.ts';
import { ItemEditor } from './item-editor.tsx';
import { messages } from './messages.ts';

type Condition = 'any' | '=' | '<' | '<=' | '>' | '>=' | 'begins_with' | 'between';
type Ask = {
  how: 'scan' | 'query';
  index: string;
  hash: string;
  condition: Condition;
  value: string;
  upper: string;
  filterName: string;
  filterValue: string;
};

const pageItems = 100;

/** Keys of the table, or of one of its indexes. */
function keysOf(table: TableDescription, index: string): { hash: string; range?: string | undefined } {
  const schema =
    index === ''
      ? table.KeySchema
      : [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].find(({ IndexName }) => IndexName === index)
          ?.KeySchema;
  const named = (kind: string): string | undefined => schema?.find(({ KeyType }) => KeyType === kind)?.AttributeName;
  return { hash: named('HASH') ?? '', range: named('RANGE') };
}

function typeOf(table: TableDescription, name: string | undefined): string {
  return table.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? 'S';
}

export function keyOfItem(table: TableDescription, item: Item): Item {
  return Object.fromEntries((table.KeySchema ?? []).map(({ AttributeName }) => [AttributeName!, item[AttributeName!]!]));
}

/** The call that an ask stands for. */
function actionOf(table: TableDescription, ask: Ask, after: Item | undefined): Action {
  const { hash, range } = keysOf(table, ask.index);
  const Names: Record<string, string> = {};
  const Values: Item = {};
  let filter: string | undefined;
  if (ask.filterName !== '' && ask.filterValue !== '') {
    Names['#filter'] = ask.filterName;
    Values[':filter'] = { S: ask.filterValue };
    filter = 'contains(#filter, :filter)';
  }
  let keys: string | undefined;
  if (ask.how === 'query') {
    Names['#hash'] = hash;
    Values[':hash'] = keyValue(typeOf(table, hash), ask.hash);
    keys = '#hash = :hash';
    if (range && ask.condition !== 'any') {
      Names['#range'] = range;
      Values[':range'] = keyValue(typeOf(table, range), ask.value);
      if (ask.condition === 'between') Values[':upper'] = keyValue(typeOf(table, range), ask.upper);
      keys +=
        { between: ' AND #range BETWEEN :range AND :upper', begins_with: ' AND begins_with(#range, :range)' }[ask.condition as string] ??
        ` AND #range ${ask.condition} :range`;
    }
  }
  const input: QueryCommandInput = {
    TableName: table.TableName,
    Limit: pageItems,
    ReturnConsumedCapacity: 'TOTAL',
    ...(ask.index !== '' && { IndexName: ask.index }),
    ...(keys && { KeyConditionExpression: keys }),
    ...(filter && { FilterExpression: filter }),
    ...(Object.keys(Names).length > 0 && { ExpressionAttributeNames: Names, ExpressionAttributeValues: Values }),
    ...(after && { ExclusiveStartKey: after }),
  };
  return ask.how === 'query'
    ? { service: 'dynamodb', operation: 'Query', command: new QueryCommand(input) }
    : { service: 'dynamodb', operation: 'Scan', command: new ScanCommand(input) };
}

export function Explore({ table }: { table: TableDescription }) {
  const t = useText(messages);
  const s = useText(shared);
  const [ask, setAsk] = useState<Ask>({
    how: 'scan',
    index: '',
    hash: '',
    condition: 'any',
    value: '',
    upper: '',
    filterName: '',
    filterValue: '',
  });
  const [found, setFound] = useState<ScanCommandOutput & { all: Item[] }>();
  const [chosen, setChosen] = useState<Item[]>([]);
  const [editing, setEditing] = useState<Item | 'new'>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const run = (more: boolean): Promise<void> =>
    attempt(async () => {
      const { command } = actionOf(table, ask, more ? found?.LastEvaluatedKey : undefined);
      const page = (await dynamodb().send(command as ScanCommand)) as ScanCommandOutput;
      setFound((before) => ({ ...page, all: [...(more ? (before?.all ?? []) : []), ...(page.Items ?? [])] }));
      setChosen([]);
    });
  const keys = (table.KeySchema ?? []).map(({ AttributeName }) => AttributeName!);
  const names = [
    ...keys,
    ...[...new Set((found?.all ?? []).flatMap((item) => Object.keys(item)))].filter((name) => !keys.includes(name)),
  ].slice(0, 12);
  const nameOf = (item: Item): string => keys.map((key) => shortText(item[key])).join(' / ');
  return (
    <SpaceBetween size="l">
      <AskForm table={table} ask={ask} onChange={(change) => setAsk({ ...ask, ...change })} onRun={() => void run(false)} busy={busy} />
      {problem !== undefined && <FailureAlert error={problem} />}
      <Table<Item>
        items={found?.all ?? []}
        trackBy={nameOf}
        selectionType="multi"
        selectedItems={chosen}
        onSelectionChange={({ detail }) => setChosen(detail.selectedItems)}
        ariaLabels={{
          selectionGroupLabel: s.selection,
          allItemsSelectionLabel: () => s.selection,
          itemSelectionLabel: (_state, item) => nameOf(item),
          tableLabel: t.items,
        }}
        resizableColumns
        empty={<Empty title={t.noItems} text={t.noItemsText} />}
        header={
          <Header
            variant="h2"
            counter={found ? `(${found.all.length}${found.LastEvaluatedKey ? '+' : ''})` : ''}
            description={
              found
                ? fill(t.found, {
                    count: found.Count ?? 0,
                    scanned: found.ScannedCount ?? 0,
                    units: found.ConsumedCapacity?.CapacityUnits ?? 0,
                  })
                : undefined
            }
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!found?.LastEvaluatedKey} onClick={() => void run(true)}>
                  {t.runMore}
                </Button>
                <ActionButton
                  text={s.delete}
                  disabled={chosen.length === 0}
                  said={fill(t.itemDeleted, { count: chosen.length })}
                  actionsOf={() => chosen.map((item) => deletionOf(table, item))}
                  send={(command) => dynamodb().send(command)}
                  onDone={() => void run(false)}
                />
                <Button variant="primary" onClick={() => setEditing('new')}>
                  {t.createItem}
                </Button>
              </SpaceBetween>
            }
          >
            {t.items}
          </Header>
        }
        columnDefinitions={(names.length > 0 ? names : keys).map((name, at) => ({
          id: name,
          header: name,
          minWidth: 120,
          cell: (item: Item) =>
            at === 0 ? (
              <Button variant="inline-link" onClick={() => setEditing(item)}>
                {shortText(item[name]) || '–'}
              </Button>
            ) : (
              <Name>{shortText(item[name])}</Name>
            ),
        }))}
      />
      <FromShell actions={ask.how === 'query' && ask.hash === '' ? [] : [actionOf(table, ask, undefined)]} />
      {editing !== undefined && (
        <ItemEditor
          table={table}
          item={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            notify({ type: 'success', content: t.itemSaved });
            void run(false);
          }}
        />
      )}
    </SpaceBetween>
  );
}

function deletionOf(table: TableDescription, item: Item): Action {
  const { TableName } = table;
  return { service: 'dynamodb', operation: 'DeleteItem', command: new DeleteItemCommand({ TableName, Key: keyOfItem(table, item) }) };
}

function AskForm({
  table,
  ask,
  onChange,
  onRun,
  busy,
}: {
  table: TableDescription;
  ask: Ask;
  onChange(change: Partial<Ask>): void;
  onRun(): void;
  busy: boolean;
}) {
  const t = useText(messages);
  const { hash, range } = keysOf(table, ask.index);
  const pick = (name: keyof Ask, options: { value: string; label: string }[]) => (
    <Select
      options={options}
      selectedOption={options.find(({ value }) => value === ask[name]) ?? null}
      onChange={({ detail }) => onChange({ [name]: detail.selectedOption.value })}
    />
  );
  const text = (name: keyof Ask) => (
    <Input value={ask[name]} spellcheck={false} onChange={({ detail }) => onChange({ [name]: detail.value })} />
  );
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].map(({ IndexName }) => ({
    value: IndexName!,
    label: IndexName!,
  }));
  const conditions: { value: Condition; label: string }[] = [
    { value: 'any', label: t.noCondition },
    { value: '=', label: t.equals },
    { value: '<', label: t.less },
    { value: '<=', label: t.lessEqual },
    { value: '>', label: t.greater },
    { value: '>=', label: t.greaterEqual },
    { value: 'begins_with', label: t.begins },
    { value: 'between', label: t.between },
  ];
  return (
    <Container header={<Header variant="h2">{t.explore}</Header>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onRun();
        }}
      >
        <div className="tiles">
          <FormField label={t.scanOrQuery}>
            {pick('how', [
              { value: 'scan', label: t.scan },
              { value: 'query', label: t.query },
            ])}
          </FormField>
          <FormField label={t.index}>{pick('index', [{ value: '', label: table.TableName! }, ...indexes])}</FormField>
          {ask.how === 'query' && <FormField label={`${t.partitionKey}: ${hash}`}>{text('hash')}</FormField>}
          {ask.how === 'query' && range && <FormField label={`${t.condition}: ${range}`}>{pick('condition', conditions)}</FormField>}
          {ask.how === 'query' && range && ask.condition !== 'any' && <FormField label={t.value}>{text('value')}</FormField>}
          {ask.how === 'query' && range && ask.condition === 'between' && <FormField label={t.upper}>{text('upper')}</FormField>}
          <FormField label={t.filterName}>{text('filterName')}</FormField>
          <FormField label={t.filterValue}>{text('filterValue')}</FormField>
        </div>
        <Box margin={{ top: 'm' }}>
          <Button variant="primary" loading={busy} formAction="submit">
            {t.run}
          </Button>
        </Box>
      </form>
    </Container>
  );
}
