/** Objects of S3 that are disks: how a call names one, and the role that reads it. https://docs.aws.amazon.com/vm-import/latest/userguide/ */

import type { DiskFormat } from '../../../framework/disk-formats.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { assumeServiceRole } from '../../../framework/service-role.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import { invalidParameter, invalidParameterCombination, missingParameter, notBuilt } from '../errors.ts';

/** What the role must trust. */
export const importService = 'vmie.amazonaws.com';

/** `format` as AWS writes it: `VMDK`. */
export type DiskSource = { bucket: string; key: string; format: string };

type Container = {
  Format?: string | undefined;
  Url?: string | undefined;
  UserBucket?: { S3Bucket?: string | undefined; S3Key?: string | undefined } | undefined;
};

/** Throws InvalidParameter and its like. @param formats that the operation takes, in capitals. */
export function sourceOf(operation: string, disk: Container, formats: readonly string[]): DiskSource {
  const format = disk.Format?.toUpperCase();
  if (format === undefined) throw missingParameter('Format');
  if (!formats.includes(format))
    throw invalidParameter(`The disk image format '${disk.Format}' is not supported. Supported formats: ${formats.join(', ')}`);
  if (disk.Url !== undefined && disk.UserBucket !== undefined)
    throw invalidParameterCombination('Specify either Url or UserBucket, but not both.');
  const named = /^s3:\/\/([^/]+)\/(.+)$/.exec(disk.Url ?? '');
  if (disk.Url !== undefined && !named) throw notBuilt(operation, 'a Url other than s3://');
  const bucket = disk.UserBucket?.S3Bucket ?? named?.[1];
  const key = disk.UserBucket?.S3Key ?? named?.[2];
  if (!bucket || !key) throw missingParameter('UserBucket');
  return { bucket, key, format };
}

export const formatOf = ({ format }: DiskSource): DiskFormat => format.toLowerCase() as DiskFormat;

const defaultRole = 'vmimport';

/** https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html: `vmimport`, unless the call names another one. */
export async function roleOf(request: ServiceRequest, name: string | undefined, task: string): Promise<string> {
  const { account, region } = request;
  const roleArn = `arn:aws:iam::${account}:role/${name ?? defaultRole}`;
  const role = await assumeServiceRole(request, { roleArn, service: importService, account, region, session: task });
  if (!role)
    throw invalidParameter(`The service role ${name ?? defaultRole} provided does not exist or does not have sufficient permissions`);
  return roleArn;
}

/** Throws Unsupported (400) where this machine cannot convert disks, saying what it lacks. */
export async function requireConversions({ host }: ServiceRequest): Promise<void> {
  const obstacle = await host.diskFormats.obstacle();
  if (obstacle !== undefined) throw new AwsError('Unsupported', `Disks cannot be converted here: ${obstacle}`, { status: 400 });
}
