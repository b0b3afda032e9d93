/** Access points: names for a bucket, each with a policy of its own. */

import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  GetAccessPointCommand,
  GetAccessPointPolicyCommand,
  ListAccessPointsCommand,
  PutAccessPointPolicyCommand,
  type GetAccessPointCommandOutput,
} from '@aws-sdk/client-s3-control';
import { useText } from '../language/catalogue.ts';
import type { Collection } from '../resource/collection.tsx';
import { JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { account, s3Control } from './client.ts';
import { messages } from './messages.ts';

type Keys = keyof (typeof messages)['en'];
type AccessPoint = Partial<GetAccessPointCommandOutput> & { Name?: string | undefined; Bucket?: string | undefined };

async function policyOf(Name: string): Promise<string | undefined> {
  try {
    return (await s3Control().send(new GetAccessPointPolicyCommand({ AccountId: account(), Name }))).Policy;
  } catch (error) {
    if ((error as Error).name === 'NoSuchAccessPointPolicy') return undefined;
    throw error;
  }
}

function Policy({ name }: { name: string }) {
  const t = useText(messages);
  const { value, error } = useAnswer(async () => ({ policy: await policyOf(name) }), [name], 's3-control');
  if (error !== undefined) return <FailureAlert error={error} />;
  if (!value) return null;
  return value.policy === undefined ? t.noPolicy : <JsonView value={JSON.parse(value.policy)} />;
}

const example = (name: string, region: string): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        {
          ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account()}:root` }, Action: 's3:GetObject' },
          Resource: `arn:aws:s3:${region}:${account()}:accesspoint/${name}/object/*`,
        },
      ],
    },
    null,
    2,
  );

export const accessPoints: Collection<AccessPoint, Keys> = {
  ...{ service: 's3-control', path: 'access-points', live: 's3-control', messages },
  ...{ title: 'points', emptyTitle: 'pointsEmpty', emptyText: 'pointsEmptyText' },
  send: (command) => s3Control().send(command),
  load: async (NextToken) => {
    const page = await s3Control().send(new ListAccessPointsCommand({ AccountId: account(), ...(NextToken && { NextToken }) }));
    return { items: page.AccessPointList ?? [], next: page.NextToken };
  },
  find: (Name) => s3Control().send(new GetAccessPointCommand({ AccountId: account(), Name })),
  idOf: ({ Name }) => Name!,
  columns: (t) => [
    { id: 'name', header: t.name, cell: ({ Name }) => Name! },
    { id: 'bucket', header: t.bucket, cell: ({ Bucket }) => <Name>{Bucket}</Name>, text: ({ Bucket = '' }) => Bucket },
    { id: 'alias', header: t.alias, width: 320, cell: ({ Alias }) => Alias ?? '' },
    { id: 'network', header: t.network, cell: ({ NetworkOrigin, VpcConfiguration: vpc }) => vpc?.VpcId ?? NetworkOrigin ?? '' },
  ],
  facts: ({ CreationDate, Endpoints }, t) => [
    { label: t.created, value: timeText(CreationDate) },
    { label: t.endpoints, value: Object.values(Endpoints ?? {}).join(', ') || '–' },
  ],
  tabs: ({ Name }, t) => [{ id: 'policy', label: t.policy, content: <Policy name={Name!} /> }],
  create: {
    ...{ text: 'createPoint', hint: 'createPointText' },
    fields: (t) => [
      {
        ...{ name: 'name', kind: 'text', label: t.name, required: true },
        check: (value) => (/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/.test(value) ? undefined : t.pointFault),
      },
      { name: 'bucket', kind: 'text', label: t.bucket, required: true },
      { name: 'vpc', kind: 'text', label: t.vpc, description: t.vpcHint, placeholder: 'vpc-' },
    ],
    actionsOf: (values) => {
      const [Name, Bucket, VpcId] = [read.text(values, 'name'), read.text(values, 'bucket'), read.text(values, 'vpc')];
      const body = { name: Name, bucket: Bucket, vpc_configuration: VpcId ? [{ vpc_id: VpcId }] : undefined };
      return [
        {
          ...{ service: 's3-control', operation: 'CreateAccessPoint' },
          command: new CreateAccessPointCommand({ AccountId: account(), Name, Bucket, ...(VpcId && { VpcConfiguration: { VpcId } }) }),
          terraform: [{ type: 'aws_s3_access_point', name: Name ?? 'this', body }],
        },
      ];
    },
    made: (_outputs, values) => read.text(values, 'name'),
  },
  deeds: [
    {
      ...{ id: 'policy', text: 'editPolicy', hint: 'editPolicyText' },
      fields: async ({ Name }, t) => {
        const policy = await policyOf(Name!);
        const shown =
          policy === undefined ? example(Name!, await s3Control().config.region()) : JSON.stringify(JSON.parse(policy), null, 2);
        return [{ name: 'policy', kind: 'json', label: t.policy, required: true, rows: 16, initial: shown }];
      },
      actionsOf: ({ Name }, values) => [
        {
          ...{ service: 's3-control', operation: 'PutAccessPointPolicy' },
          command: new PutAccessPointPolicyCommand({ AccountId: account(), Name, Policy: read.text(values, 'policy') }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ Name }) => ({
      ...{ service: 's3-control', operation: 'DeleteAccessPoint' },
      command: new DeleteAccessPointCommand({ AccountId: account(), Name }),
    }),
    warning: 'pointWarning',
  },
};
