/** Jobs over many objects: copying, tagging, restoring whatever a filter finds in a bucket, with their progress. */

import ProgressBar from '@cloudscape-design/components/progress-bar';
import {
  CreateJobCommand,
  DescribeJobCommand,
  ListJobsCommand,
  UpdateJobStatusCommand,
  type CreateJobCommandOutput,
  type JobDescriptor,
  type JobListDescriptor,
  type JobOperation,
  type JobProgressSummary,
} from '@aws-sdk/client-s3-control';
import { useText } from '../language/catalogue.ts';
import type { Collection } from '../resource/collection.tsx';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { account, s3Control } from './client.ts';
import { messages } from './messages.ts';
import { Name } from '../resource/name.tsx';

type Keys = keyof (typeof messages)['en'];
type Job = Omit<JobListDescriptor, 'Operation'> & Pick<JobDescriptor, 'FailureReasons' | 'RoleArn' | 'Report'> & { operation: string };

const over = new Set(['Complete', 'Failed', 'Cancelled', 'Suspended']);

function Progress({ summary }: { summary: JobProgressSummary | undefined }) {
  const t = useText(messages);
  const { TotalNumberOfTasks: all = 0, NumberOfTasksSucceeded: done = 0, NumberOfTasksFailed: failed = 0 } = summary ?? {};
  return (
    <ProgressBar
      value={all === 0 ? 0 : ((done + failed) / all) * 100}
      ariaLabel={t.progress}
      additionalInfo={`${done + failed} / ${all}${failed > 0 ? ` · ${t.failed}: ${failed}` : ''}`}
    />
  );
}

/** What the operation of a form is. */
function operationOf(values: Values): JobOperation {
  const target = read.text(values, 'target');
  if (values['operation'] === 'copy') return { S3PutObjectCopy: { TargetResource: target ?? '' } };
  if (values['operation'] === 'restore')
    return { S3InitiateRestoreObject: { ExpirationInDays: read.number(values, 'days') ?? 1, GlacierJobTier: 'STANDARD' } };
  return { S3PutObjectTagging: { TagSet: [{ Key: read.text(values, 'tagKey') ?? '', Value: read.text(values, 'tagValue') ?? '' }] } };
}

export const jobs: Collection<Job, Keys> = {
  ...{ service: 's3-control', path: 'jobs', live: 's3-control', messages },
  ...{ title: 'jobs', emptyTitle: 'jobsEmpty', emptyText: 'jobsEmptyText' },
  send: (command) => s3Control().send(command),
  load: async (NextToken) => {
    const page = await s3Control().send(new ListJobsCommand({ AccountId: account(), ...(NextToken && { NextToken }) }));
    return { items: (page.Jobs ?? []).map(({ Operation, ...job }) => ({ ...job, operation: Operation ?? '' })), next: page.NextToken };
  },
  find: async (JobId) => {
    const { Job: found } = await s3Control().send(new DescribeJobCommand({ AccountId: account(), JobId }));
    const { Operation, ...job } = found!;
    return { ...job, operation: Object.entries(Operation ?? {}).find(([, value]) => value !== undefined)?.[0] ?? '' } as Job;
  },
  idOf: ({ JobId }) => JobId!,
  settled: ({ Status }) => over.has(Status ?? ''),
  columns: (t) => [
    { id: 'id', header: t.id, width: 330, cell: ({ JobId }) => JobId! },
    { id: 'status', header: t.status, width: 130, cell: ({ Status }) => Status ?? '' },
    { id: 'operation', header: t.operation, width: 220, cell: ({ operation }) => operation },
    {
      id: 'progress',
      header: t.progress,
      width: 260,
      cell: ({ ProgressSummary }) => <Progress summary={ProgressSummary} />,
      text: ({ ProgressSummary }) => ProgressSummary?.NumberOfTasksSucceeded ?? 0,
    },
    {
      id: 'description',
      header: t.description,
      cell: ({ Description }) => <Name>{Description}</Name>,
      text: ({ Description = '' }) => Description,
    },
    {
      id: 'created',
      header: t.created,
      cell: ({ CreationTime }) => timeText(CreationTime),
      text: ({ CreationTime }) => Number(CreationTime),
    },
  ],
  facts: ({ FailureReasons = [], RoleArn }, t) => [
    { label: t.role, value: RoleArn },
    { label: t.problem, value: FailureReasons.map(({ FailureReason }) => FailureReason).join('\n') || '–' },
  ],
  create: {
    ...{ text: 'createJob', hint: 'createJobText' },
    fields: (t) => [
      { name: 'bucket', kind: 'text', label: t.source, description: t.sourceHint, required: true },
      { name: 'prefix', kind: 'text', label: t.prefix },
      {
        ...{ name: 'operation', kind: 'tiles', label: t.operation, required: true, initial: 'tag' },
        options: [
          { value: 'tag', label: t.tagging, description: t.taggingText },
          { value: 'copy', label: t.copying, description: t.copyingText },
          { value: 'restore', label: t.restoring, description: t.restoringText },
        ],
      },
      { name: 'tagKey', kind: 'text', label: t.tagKey, required: true, visible: (values) => values['operation'] === 'tag' },
      { name: 'tagValue', kind: 'text', label: t.tagValue, visible: (values) => values['operation'] === 'tag' },
      {
        ...{ name: 'target', kind: 'text', label: t.target, required: true, placeholder: 'arn:aws:s3:::other-bucket' },
        visible: (values) => values['operation'] === 'copy',
      },
      {
        name: 'days',
        kind: 'number',
        label: t.days,
        required: true,
        initial: '7',
        min: 1,
        visible: (values) => values['operation'] === 'restore',
      },
      {
        name: 'role',
        kind: 'text',
        label: t.role,
        description: t.roleHint,
        required: true,
        placeholder: `arn:aws:iam::${account()}:role/`,
      },
    ],
    actionsOf: (values) => {
      const [bucket, prefix] = [read.text(values, 'bucket') ?? '', read.text(values, 'prefix')];
      const command = new CreateJobCommand({
        ...{ AccountId: account(), ConfirmationRequired: false, Operation: operationOf(values), Priority: 10 },
        ...{ RoleArn: read.text(values, 'role'), Report: { Enabled: false } },
        ManifestGenerator: {
          S3JobManifestGenerator: {
            ...{ SourceBucket: `arn:aws:s3:::${bucket}`, EnableManifestOutput: false },
            ...(prefix && { Filter: { KeyNameConstraint: { MatchAnyPrefix: [prefix] } } }),
          },
        },
      });
      return [{ service: 's3-control', operation: 'CreateJob', command }];
    },
    made: ([output]) => (output as CreateJobCommandOutput).JobId,
  },
  deeds: [
    {
      ...{ id: 'cancel', text: 'cancelJob', hint: 'cancelJobText' },
      when: ({ Status }) => !over.has(Status ?? ''),
      actionsOf: ({ JobId }) => [
        {
          ...{ service: 's3-control', operation: 'UpdateJobStatus' },
          command: new UpdateJobStatusCommand({ AccountId: account(), JobId, RequestedJobStatus: 'Cancelled' }),
        },
      ],
    },
  ],
};
