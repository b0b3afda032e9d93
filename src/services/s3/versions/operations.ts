/** PutBucketVersioning and GetBucketVersioning: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html */

import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { lockKeepsVersioning, malformedXml, replicationKeepsVersioning, versioningMissing } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { buckets, type Bucket } from '../tables.ts';
import { mfaHeld, requireMfa } from './mfa-delete.ts';

export const PutBucketVersioning: Operation<'PutBucketVersioning'> = async (request, input) => {
  const { Status, MFADelete } = input.VersioningConfiguration;
  if (Status === undefined) throw versioningMissing();
  if (Status !== 'Enabled' && Status !== 'Suspended') throw malformedXml();
  if (MFADelete !== undefined && MFADelete !== 'Enabled' && MFADelete !== 'Disabled') throw malformedXml();
  const held = await mfaHeld(request, input);
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, input.Bucket);
    const next: Bucket = { ...bucket, versioning: Status };
    if (MFADelete !== undefined) next.mfaDelete = MFADelete === 'Enabled';
    if (bucket.replication && Status !== 'Enabled') throw replicationKeepsVersioning();
    if (bucket.objectLock && Status !== 'Enabled') throw lockKeepsVersioning();
    if (bucket.mfaDelete || next.mfaDelete) requireMfa(held);
    await buckets.put(tx, next);
  });
  return {};
};

export const GetBucketVersioning: Operation<'GetBucketVersioning'> = async (request, input) => {
  const { versioning, mfaDelete } = (await lookUp(request, input.Bucket)).bucket;
  return {
    ...(versioning && { Status: versioning }),
    ...(mfaDelete !== undefined && { MFADelete: mfaDelete ? ('Enabled' as const) : ('Disabled' as const) }),
  };
};
