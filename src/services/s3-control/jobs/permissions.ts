/** What the work on jobs asks to be allowed: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-tags-examples.html */

import type { JobOperation } from '@aws-sdk/client-s3-control';
import type { Check, ConditionContext } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import { requestTagContext, resourceTagContext, tagsOf } from '../../../framework/tags.ts';
import { checkAccount } from '../permissions.ts';
import type { Input } from '../sdk.ts';
import { jobs, type Job } from '../tables.ts';
import { checkNewJob } from './checks.ts';
import { jobArn, operationName, suspendedCause } from './job.ts';

/** The service that a job's role has to trust. */
export const batchService = 'batchoperations.s3.amazonaws.com';

export function onCreateJob(request: ServiceRequest, input: Input<'CreateJob'>): Check[] {
  checkAccount(request, input.AccountId);
  checkNewJob(input);
  const tags = tagsOf((input.Tags ?? []) as { Key: string; Value: string }[]);
  const context = {
    's3:RequestJobPriority': String(input.Priority),
    's3:RequestJobOperation': operationName(input.Operation as JobOperation),
    ...requestTagContext(tags),
  };
  const checks: Check[] = [{ action: 's3:CreateJob', resource: '*', context }, passRole(input.RoleArn, batchService)];
  if (tags.length > 0) checks.push({ action: 's3:PutJobTagging', resource: jobArn({ ...request, id: '*' }), context });
  return checks;
}

type JobInput = { AccountId?: string | undefined; JobId: string };

/** Authorises work on one job, which policies know by its operation, its priority and its tags. */
export function onJob<Given extends JobInput>(action: string, more: (input: Given) => ConditionContext = () => ({})) {
  return async (request: ServiceRequest, input: Given): Promise<Check[]> => {
    checkAccount(request, input.AccountId);
    const job = await request.store.read((tx) => jobs.get(tx, request.account, request.region, input.JobId));
    return [{ action, resource: jobArn({ ...request, id: input.JobId }), context: { ...(job && contextOf(job)), ...more(input) } }];
  };
}

function contextOf(job: Job): ConditionContext {
  return {
    's3:ExistingJobPriority': String(job.priority),
    's3:ExistingJobOperation': operationName(job.operation),
    ...(job.status === 'Suspended' && { 's3:JobSuspendedCause': suspendedCause }),
    ...resourceTagContext(job.tags ?? []),
  };
}

export const onUpdateJobPriority = onJob<Input<'UpdateJobPriority'>>('s3:UpdateJobPriority', ({ Priority }) => ({
  's3:RequestJobPriority': String(Priority),
}));
export const onPutJobTagging = onJob<Input<'PutJobTagging'>>('s3:PutJobTagging', ({ Tags }) =>
  requestTagContext(tagsOf(Tags as { Key: string; Value: string }[])),
);
