/** Tags of jobs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-tags.html */

import type { Operation } from '../sdk.ts';
import { jobs, type Job } from '../tables.ts';
import { checkedTags } from '../tags/tags.ts';
import { requireJob } from './job.ts';

export const GetJobTagging: Operation<'GetJobTagging'> = async (request, input) => {
  const { tags = [] } = await request.store.read((tx) => requireJob(tx, request, input.JobId));
  return { Tags: tags };
};

/** The tags of the job from now on: what it had before goes. */
export const PutJobTagging: Operation<'PutJobTagging'> = async (request, input) => {
  const tags = checkedTags(input.Tags);
  await request.store.write(async (tx) => {
    const { tags: _old, ...job } = await requireJob(tx, request, input.JobId);
    await jobs.put(tx, { ...job, ...(tags.length > 0 && { tags }) } satisfies Job);
  });
  return {};
};

export const DeleteJobTagging: Operation<'DeleteJobTagging'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { tags: _gone, ...job } = await requireJob(tx, request, input.JobId);
    await jobs.put(tx, job);
  });
  return {};
};
