/** Parameters: listed, shown with their value and its history, made, changed, labelled and deleted. */

import Toggle from '@cloudscape-design/components/toggle';
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  type ParameterHistory,
  type ParameterMetadata,
  type ParameterTier,
  type ParameterType,
} from '@aws-sdk/client-ssm';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import type { Collection } from '../resource/collection.tsx';
import { JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { ssm } from './client.ts';
import { messages } from './messages.ts';

type Keys = keyof (typeof messages)['en'];
type Texts = Readonly<Record<Keys, string>>;

const usualKey = 'alias/aws/ssm';
const valueCharactersMax = 8_192;

/** Read plain until somebody asks for more: decrypting is a right of its own, and is in the trail. */
function Value({ parameter }: { parameter: ParameterMetadata }) {
  const t = useText(messages);
  const [shown, setShown] = useState(false);
  const { value, error } = useAnswer(
    async () => (await ssm().send(new GetParameterCommand({ Name: parameter.Name, WithDecryption: shown }))).Parameter?.Value ?? '',
    [parameter.Name, parameter.Version, shown],
  );
  return (
    <>
      {parameter.Type === 'SecureString' && (
        <Toggle checked={shown} onChange={({ detail }) => setShown(detail.checked)}>
          {t.show}
        </Toggle>
      )}
      {error === undefined ? <JsonView value={value ?? ''} /> : <FailureAlert error={error} />}
    </>
  );
}

function History({ name }: { name: string }) {
  const t = useText(messages);
  return (
    <ResourceTable<ParameterHistory>
      id="ssm-history"
      title={t.history}
      variant="embedded"
      live="ssm"
      load={async (NextToken) => {
        const page = await ssm().send(new GetParameterHistoryCommand({ Name: name, ...(NextToken && { NextToken }) }));
        return { items: page.Parameters ?? [], next: page.NextToken };
      }}
      keyOf={({ Version }) => String(Version)}
      columns={[
        { id: 'version', header: t.version, width: 120, cell: ({ Version }) => Version, text: ({ Version = 0 }) => Version },
        { id: 'value', header: t.value, cell: ({ Value: text }) => text },
        { id: 'labels', header: t.labels, cell: ({ Labels = [] }) => Labels.join(', ') || '–' },
        {
          ...{ id: 'modified', header: t.modified, cell: ({ LastModifiedDate }) => timeText(LastModifiedDate) },
          text: ({ LastModifiedDate }) => Number(LastModifiedDate),
        },
        { id: 'by', header: t.modifiedBy, cell: ({ LastModifiedUser }) => LastModifiedUser },
      ]}
      empty={{ title: t.history, text: t.noHistory }}
    />
  );
}

const valueField = (t: Texts): Field => ({
  ...{ name: 'value', kind: 'textarea', label: t.value, required: true },
  check: (value) => (value.length > valueCharactersMax ? t.advancedText : undefined),
});

const fieldsOf = (t: Texts): Field[] => [
  {
    ...{ name: 'name', kind: 'text', label: t.name, required: true, placeholder: '/shop/prod/database' },
    check: (value) => (/^(?:\/[\w.-]+)+$|^[\w.-]+$/.test(value) ? undefined : t.nameFault),
  },
  { name: 'description', kind: 'text', label: t.description },
  {
    ...{ name: 'tier', kind: 'tiles', label: t.tier, required: true, initial: 'Standard' },
    options: [
      { value: 'Standard', description: t.standardText },
      { value: 'Advanced', description: t.advancedText },
      { value: 'Intelligent-Tiering', description: t.intelligentText },
    ],
  },
  {
    ...{ name: 'type', kind: 'tiles', label: t.type, required: true, initial: 'String' },
    options: [
      { value: 'String', description: t.stringText },
      { value: 'StringList', description: t.listText },
      { value: 'SecureString', description: t.secureText },
    ],
  },
  {
    ...{ name: 'key', kind: 'text', label: t.key, required: true, initial: usualKey },
    visible: ({ type }) => type === 'SecureString',
  },
  {
    ...{ name: 'dataType', kind: 'select', label: t.dataType, required: true, initial: 'text' },
    options: [{ value: 'text' }, { value: 'aws:ec2:image', description: t.imageText }],
    visible: ({ type }) => type === 'String',
  },
  valueField(t),
  { name: 'pattern', kind: 'text', label: t.pattern, description: t.patternHint },
  { name: 'tags', kind: 'tags', label: t.tags },
];

function creation(values: Values) {
  const [Name, Type, Tier] = [read.text(values, 'name'), read.text(values, 'type'), read.text(values, 'tier')];
  const [Value, Description, AllowedPattern] = [read.text(values, 'value'), read.text(values, 'description'), read.text(values, 'pattern')];
  const KeyId = Type === 'SecureString' ? read.text(values, 'key') : undefined;
  const image = Type === 'String' && values['dataType'] === 'aws:ec2:image' ? 'aws:ec2:image' : undefined;
  const Tags = read.tags(values);
  const body = {
    ...{ name: Name, type: Type, tier: Tier, value: Value, description: Description, key_id: KeyId, data_type: image },
    ...{ allowed_pattern: AllowedPattern, tags: Tags && tagMap(Tags) },
  };
  return {
    ...{ service: 'ssm' as const, operation: 'PutParameter' },
    command: new PutParameterCommand({
      ...{ Name, Type: Type as ParameterType, Tier: Tier as ParameterTier, Value, Description, AllowedPattern, KeyId, Tags },
      ...(image && { DataType: image }),
    }),
    terraform: [{ type: 'aws_ssm_parameter', name: Name ?? 'this', body }],
  };
}

async function find(Name: string): Promise<ParameterMetadata> {
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [Name] }];
  let NextToken: string | undefined;
  do {
    const page = await ssm().send(new DescribeParametersCommand({ ParameterFilters, ...(NextToken && { NextToken }) }));
    const found = page.Parameters?.find((one) => one.Name === Name);
    if (found) return found;
    NextToken = page.NextToken;
  } while (NextToken);
  throw Object.assign(new Error('There is no such parameter.'), { name: 'ParameterNotFound' });
}

export const parameters: Collection<ParameterMetadata, Keys> = {
  ...{ service: 'ssm', path: 'parameters', live: 'ssm', messages },
  ...{ title: 'parameters', emptyTitle: 'empty', emptyText: 'emptyText' },
  send: (command) => ssm().send(command),
  load: async (NextToken) => {
    const page = await ssm().send(new DescribeParametersCommand({ MaxResults: 50, ...(NextToken && { NextToken }) }));
    return { items: page.Parameters ?? [], next: page.NextToken };
  },
  find,
  idOf: ({ Name }) => Name!,
  columns: (t) => [
    { id: 'name', header: t.name, cell: ({ Name }) => Name! },
    { id: 'tier', header: t.tier, width: 150, cell: ({ Tier }) => Tier ?? '' },
    { id: 'type', header: t.type, width: 150, cell: ({ Type }) => Type ?? '' },
    {
      ...{ id: 'modified', header: t.modified, cell: ({ LastModifiedDate }) => timeText(LastModifiedDate) },
      text: ({ LastModifiedDate }) => Number(LastModifiedDate),
    },
    { id: 'version', header: t.version, width: 110, cell: ({ Version }) => String(Version ?? 1) },
    {
      id: 'description',
      header: t.description,
      cell: ({ Description }) => Description ?? '',
    },
  ],
  facts: ({ ARN, KeyId, DataType, AllowedPattern, LastModifiedUser }, t) => [
    { label: t.arn, value: ARN },
    { label: t.dataType, value: DataType },
    { label: t.key, value: KeyId ?? '–' },
    { label: t.pattern, value: AllowedPattern },
    { label: t.modifiedBy, value: LastModifiedUser },
  ],
  tabs: (parameter, t) => [
    { id: 'value', label: t.value, content: <Value parameter={parameter} /> },
    { id: 'history', label: t.history, content: <History name={parameter.Name!} /> },
  ],
  create: {
    ...{ text: 'create', hint: 'createText' },
    fields: fieldsOf,
    actionsOf: (values) => [creation(values)],
    made: (_outputs, values) => read.text(values, 'name'),
  },
  deeds: [
    {
      ...{ id: 'edit', text: 'edit', hint: 'editText' },
      fields: (_parameter, t) => [valueField(t)],
      actionsOf: ({ Name }, values) => [
        {
          ...{ service: 'ssm', operation: 'PutParameter' },
          command: new PutParameterCommand({ Name, Value: read.text(values, 'value'), Overwrite: true }),
        },
      ],
    },
    {
      ...{ id: 'label', text: 'label', hint: 'labelText' },
      fields: ({ Version }, t) => [
        { name: 'label', kind: 'text', label: t.labelName, required: true },
        { name: 'version', kind: 'number', label: t.version, required: true, initial: String(Version ?? 1), min: 1 },
      ],
      actionsOf: ({ Name }, values) => [
        {
          ...{ service: 'ssm', operation: 'LabelParameterVersion' },
          command: new LabelParameterVersionCommand({
            ...{ Name, ParameterVersion: read.number(values, 'version'), Labels: [read.text(values, 'label') ?? ''] },
          }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ Name }) => ({ service: 'ssm', operation: 'DeleteParameter', command: new DeleteParameterCommand({ Name }) }),
    warning: 'warning',
  },
};
