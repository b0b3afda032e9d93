/**
 * The second snapshot of a volume of 1 GiB, 10 MiB of which have changed, plain and encrypted: how long until it is completed, and what is
 * stored of it. Beside it what the machine needs to copy the volume's file and to read it, which bounds any snapshot by reading.
 * `node bench/ebs-snapshots.ts`
 */

import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { startHaneul } from './haneul.ts';

const gibibyte = 1024 ** 3;
const mebibyte = 1024 ** 2;
const changedMebibytes = 10;
const rounds = Number(process.env['ROUNDS'] ?? 3);
const run = promisify(execFile);

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - begun) / 1e9;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Random bytes over a file: whole, or in so many pieces of 1 MiB that lie apart. */
async function scribble(path: string, pieces?: number): Promise<void> {
  const file = await open(path, 'r+');
  const count = pieces ?? gibibyte / mebibyte;
  const stride = Math.floor(gibibyte / mebibyte / count);
  for (let n = 0; n < count; n++) await file.write(randomBytes(mebibyte), 0, mebibyte, n * stride * mebibyte);
  await file.sync();
  await file.close();
}

const storedBytes = async (data: string): Promise<number> =>
  Number((await run('du', ['--summarize', '--block-size=1', join(data, 'blobs')])).stdout.split('\t')[0]);

async function measure(ec2: EC2Client, data: string, encrypted: boolean): Promise<void> {
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, Encrypted: encrypted }));
  await until(async () => (await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId!] }))).Volumes![0]!.State === 'available');
  const path = join(data, 'disks', `${VolumeId!}.disk`);
  const snapshot = async (): Promise<void> => {
    const { SnapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId: VolumeId! }));
    await until(
      async () => (await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId!] }))).Snapshots![0]!.State === 'completed',
    );
  };
  await scribble(path);
  const full = await timed(snapshot);
  const times: number[] = [];
  const stored: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await scribble(path, changedMebibytes);
    const before = await storedBytes(data);
    times.push(await timed(snapshot));
    stored.push(((await storedBytes(data)) - before) / mebibyte);
  }
  const copy = await timed(() => run('cp', ['--sparse=always', path, `${path}.copy`]));
  await rm(`${path}.copy`);
  const read = await timed(async () => {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path, { highWaterMark: 524_288 })) hash.update(piece as Buffer);
  });
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  console.log(
    `${encrypted ? 'encrypted' : 'plain'}: full ${seconds(full)}; ${changedMebibytes} MiB changed: ${seconds(median(times))}, ` +
      `${median(stored).toFixed(1)} MiB stored; the machine: cp ${seconds(copy)}, reading with SHA-256 ${seconds(read)}`,
  );
}

const server = await startHaneul();
try {
  const ec2 = new EC2Client({
    ...{ endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const encrypted of [false, true]) await measure(ec2, server.data, encrypted);
} finally {
  await server.stop();
}
