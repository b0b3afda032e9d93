/** How fast volumes of each type are: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */

import type { DiskSpeed } from '../../../framework/disks.ts';
import type { Volume } from './volume.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
/** One operation of an SSD volume is of this at most. */
const operationBytesMax = 256 * kibibyte;
const gibibytesPerTebibyte = 1024;

const burstOperations = 3000;
/** From this size on a volume's own speed is what it bursts to otherwise. */
const burstGibibytesMax = 1000;

type Kind = Pick<Volume, 'type' | 'gibibytes' | 'iops' | 'throughput'>;

/** What a volume is held to. Types that burst are given their burst: their credits are not counted. */
export function speedOf({ type, gibibytes, iops = 0, throughput = 125 }: Kind): DiskSpeed {
  switch (type) {
    case 'gp3':
      return speed(iops || burstOperations, throughput);
    case 'gp2': {
      const operations = gibibytes < burstGibibytesMax ? Math.max(burstOperations, iops) : iops;
      return speed(operations, gibibytes <= 170 ? 128 : 250);
    }
    case 'io1':
      // 256 KiB an operation up to 500 MiB/s, then 16 KiB an operation up to 1,000.
      return speed(iops, Math.max(Math.min(500, operationMebibytes(iops)), Math.min(1000, (iops * 16) / kibibyte)));
    case 'io2':
      return speed(iops, Math.min(4000, Math.max(1, operationMebibytes(iops))));
    case 'st1':
      return speed(500, Math.min(500, (250 * gibibytes) / gibibytesPerTebibyte));
    case 'sc1':
      return speed(250, Math.min(250, (80 * gibibytes) / gibibytesPerTebibyte));
    case 'standard':
      return speed(200, 90);
  }
}

const operationMebibytes = (iops: number): number => (iops * operationBytesMax) / mebibyte;

const speed = (operationsPerSecond: number, mebibytesPerSecond: number): DiskSpeed => ({
  operationsPerSecond,
  bytesPerSecond: Math.round(mebibytesPerSecond * mebibyte),
});
