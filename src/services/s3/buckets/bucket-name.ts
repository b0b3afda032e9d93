/** Which names a new bucket may have: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { invalidBucketName } from '../errors.ts';
import { bucketNameLengthMax, bucketNameLengthMin } from '../limits.ts';

const characters = /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/;
const ipAddress = /^\d+\.\d+\.\d+\.\d+$/;
const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--table-s3', '-an'];

/** Throws InvalidBucketName for a name that no general purpose bucket may have. */
export function checkBucketName(name: string): void {
  if (name.endsWith('--x-s3')) throw notImplemented('directory buckets (names that end with --x-s3)');
  if (!isBucketName(name)) throw invalidBucketName(name);
}

export function isBucketName(name: string): boolean {
  if (name.length < bucketNameLengthMin || name.length > bucketNameLengthMax) return false;
  if (!characters.test(name) || ipAddress.test(name) || name.includes('..')) return false;
  return !reservedPrefixes.some((prefix) => name.startsWith(prefix)) && !reservedSuffixes.some((suffix) => name.endsWith(suffix));
}
