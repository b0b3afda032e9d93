/** Jobs: describe, list, and the output of one that is done. */

import { Readable } from 'node:stream';
import { invalidParameter, jobNotDone } from '../errors.ts';
import { jobsListedMax } from '../limits.ts';
import { pageLimit, pageOf } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { jobs, type Job } from '../tables.ts';
import { lookUp, requireVault } from '../vaults/lookup.ts';
import { descriptionOf, isWhole, requireJob } from './job.ts';
import { bytesOf } from './output.ts';

export const DescribeJob: Operation<'DescribeJob'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  return descriptionOf(await request.store.read((tx) => requireJob(tx, name, input.jobId)));
};

export const ListJobs: Operation<'ListJobs'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const limit = pageLimit(input.limit, jobsListedMax);
  const { completed, statuscode } = input;
  if (completed !== undefined && completed !== 'true' && completed !== 'false') throw invalidParameter(`Invalid completed: ${completed}`);
  if (statuscode !== undefined && !['InProgress', 'Succeeded', 'Failed'].includes(statuscode))
    throw invalidParameter(`Invalid statuscode: ${statuscode}`);
  const place = [name.account, name.region, name.name];
  const found: Job[] = [];
  await request.store.read((tx) => requireVault(tx, name));
  for await (const job of jobs.each(request.store, place)) {
    if (input.marker !== undefined && job.id < input.marker) continue;
    if (completed !== undefined && String(job.completed !== undefined) !== completed) continue;
    if (statuscode !== undefined && job.status !== statuscode) continue;
    if (found.push(job) > limit) break;
  }
  const { rows, ...next } = pageOf(found, limit, ({ id }) => id);
  return { JobList: rows.map(descriptionOf), ...next };
};

export const GetJobOutput: Operation<'GetJobOutput'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const job = await request.store.read((tx) => requireJob(tx, name, input.jobId));
  if (job.status !== 'Succeeded') throw jobNotDone(job.id);
  const { archive, inventory } = job;
  const from = job.range?.start ?? 0;
  const size = archive ? job.range!.end - from : inventory!.size!;
  const range = checkedRange(input.range, size);
  const { start, end } = range ?? { start: 0, end: size };
  const content = { id: job.content!, partBytes: archive?.partBytes ?? size };
  return {
    body: Readable.from(bytesOf(request, content, from + start, from + end), { objectMode: false }),
    status: range ? 206 : 200,
    acceptRanges: 'bytes',
    ...(range && { contentRange: `bytes ${start}-${end - 1}/${size}` }),
    contentType: archive ? 'application/octet-stream' : inventory!.format === 'CSV' ? 'text/csv' : 'application/json',
    ...(archive && archive.description !== '' && { archiveDescription: archive.description }),
    ...(isWhole(job) && start === 0 && end === size && { checksum: archive!.treeHash }),
  };
};

function checkedRange(text: string | undefined, size: number): { start: number; end: number } | undefined {
  if (text === undefined) return undefined;
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(text) ?? [];
  const start = Number(first);
  const end = last === undefined ? size : Math.min(size, Number(last) + 1);
  if (first === undefined || start >= end) throw invalidParameter(`Invalid range: ${text}`);
  return { start, end };
}
