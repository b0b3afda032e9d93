/** How many vCPUs an account may have at once: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits */

import type { AwsError } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { activeReservations } from '../capacity-reservations/capacity-reservation.ts';
import { refusal } from '../errors.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import type { Place } from '../resource.ts';
import { instancesIn } from './instance.ts';
import { vcpusMax } from './limits.ts';

const vcpusOf = (type: string): number => instanceTypes.get(type)?.vcpus ?? 0;

/** Spot instances have a quota of their own; on dedicated hosts the hosts are limited instead. Reserved capacity counts, used or not. */
export async function quotaLeft(tx: ReadTransaction, place: Place, { spot }: { spot: boolean }): Promise<number> {
  const reserved = spot ? [] : await activeReservations(tx, place);
  let used = reserved.reduce((sum, row) => sum + row.count * vcpusOf(row.type), 0);
  for (const row of await instancesIn(tx, ['pending', 'running', 'stopping'], place)) {
    if ((row.spot !== undefined) !== spot || row.tenancy === 'host') continue;
    if (row.capacity?.reservation === undefined || row.state === 'stopping') used += vcpusOf(row.type);
  }
  return vcpusMax - used;
}

export const vcpuLimitExceeded = (): AwsError =>
  refusal('VcpuLimitExceeded')(
    `You have requested more vCPU capacity than your current vCPU limit of ${vcpusMax} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  );
