/** Whether this machine's disk has room for more of what takes it: asked before anything is written down, so that a full disk refuses in EC2's words. */

import { AwsError } from '../../framework/aws-error.ts';
import type { Host } from '../../framework/host.ts';

/** What is kept free for what runs: its own writes, the records of the cloud, and their log. */
const keptBytes = 64 * 1024 * 1024;

const isFull = async (host: Host): Promise<boolean> => (await host.freeDisk()) < keptBytes;

const why = "the disk of Haneul's data directory is full";

/**
 * Throws InsufficientInstanceCapacity (500).
 * Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export async function requireRoomForInstances(host: Host): Promise<void> {
  if (await isFull(host))
    throw new AwsError('InsufficientInstanceCapacity', `We currently do not have sufficient capacity to launch the instances: ${why}.`, {
      status: 500,
    });
}

/** Throws InsufficientVolumeCapacity (500). */
export async function requireRoomForVolumes(host: Host): Promise<void> {
  if (await isFull(host))
    throw new AwsError('InsufficientVolumeCapacity', `There is not enough capacity to fulfill your EBS volume provision request: ${why}.`, {
      status: 500,
    });
}

/** Throws Unavailable (503): EC2 has no word of its own for snapshots and images that find no room. */
export async function requireRoomForSnapshots(host: Host): Promise<void> {
  if (await isFull(host)) throw new AwsError('Unavailable', `The snapshot cannot be stored: ${why}.`, { status: 503 });
}
