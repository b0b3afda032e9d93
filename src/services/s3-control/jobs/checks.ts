/** What a new job may ask for: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html */

import type {
  JobManifest,
  JobOperation,
  JobReport,
  S3ComputeObjectChecksumOperation,
  S3CopyObjectOperation,
  S3JobManifestGenerator,
} from '@aws-sdk/client-s3-control';
import { notImplemented } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import { invalidRequest } from '../errors.ts';
import { jobDescriptionLengthMax, jobObjectTagsMax, jobPriorityMax, jobTokenLengthMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import { checkedTags } from '../tags/tags.ts';
import { isAboutReplication, operationName } from './job.ts';

const unbuilt: ReadonlySet<string> = new Set(['LambdaInvoke']);

/** Throws InvalidRequest for what no job may be, and NotImplemented for operations that are not built. */
export function checkNewJob(input: Input<'CreateJob'>): void {
  checkOperation(input.Operation as JobOperation);
  checkPriority(input.Priority);
  lengthOf('ClientRequestToken', input.ClientRequestToken, jobTokenLengthMax);
  if (input.Description !== undefined) lengthOf('Description', input.Description, jobDescriptionLengthMax);
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+/.test(input.RoleArn)) throw invalidRequest('Invalid role ARN');
  const generator = input.ManifestGenerator?.S3JobManifestGenerator;
  if ((input.Manifest === undefined) === (generator === undefined))
    throw invalidRequest('A job must have exactly one of Manifest and ManifestGenerator');
  if (input.Manifest) checkManifest(input.Manifest as JobManifest);
  if (generator) checkGenerator(generator as S3JobManifestGenerator);
  checkReport(input.Report as JobReport);
}

export function checkPriority(priority: number): void {
  if (!Number.isInteger(priority) || priority < 0 || priority > jobPriorityMax)
    throw invalidRequest(`Priority must be between 0 and ${jobPriorityMax}`);
}

function lengthOf(name: string, text: string | undefined, max: number): void {
  if (!text || text.length > max) throw invalidRequest(`${name} must have between 1 and ${max} characters`);
}

function checkOperation(operation: JobOperation): void {
  const named = Object.values(operation).filter((each) => each !== undefined).length;
  if (named !== 1) throw invalidRequest('Exactly one operation must be specified');
  const name = operationName(operation);
  if (unbuilt.has(name)) throw notImplemented(`s3-control:CreateJob with ${name}`);
  if (operation.S3PutObjectCopy) checkCopy(operation.S3PutObjectCopy);
  if (operation.S3PutObjectTagging) checkTagSet(operation.S3PutObjectTagging.TagSet ?? []);
  if (operation.S3PutObjectAcl) checkAcl(operation.S3PutObjectAcl.AccessControlPolicy);
  if (operation.S3InitiateRestoreObject) {
    const { ExpirationInDays: days, GlacierJobTier: tier } = operation.S3InitiateRestoreObject;
    if (days === undefined || !Number.isInteger(days) || days < 1) throw invalidRequest('ExpirationInDays must be at least 1');
    if (tier !== undefined && tier !== 'BULK' && tier !== 'STANDARD') throw invalidRequest('Invalid Glacier job tier');
  }
  if (operation.S3ComputeObjectChecksum) checkChecksum(operation.S3ComputeObjectChecksum);
  const hold = operation.S3PutObjectLegalHold?.LegalHold?.Status;
  if (operation.S3PutObjectLegalHold && hold !== 'ON' && hold !== 'OFF') throw invalidRequest('Invalid legal hold status');
  const retention = operation.S3PutObjectRetention?.Retention;
  if (operation.S3PutObjectRetention && (retention?.Mode === undefined) !== (retention?.RetainUntilDate === undefined))
    throw invalidRequest('Mode and RetainUntilDate must be specified together');
}

const checksumTypes: Readonly<Record<string, readonly string[]>> = {
  CRC64NVME: ['FULL_OBJECT'],
  ...Object.fromEntries(
    ['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'SHA512', 'MD5', 'XXHASH64', 'XXHASH3', 'XXHASH128'].map((name) => [
      name,
      ['FULL_OBJECT', 'COMPOSITE'],
    ]),
  ),
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-at-rest.html */
function checkChecksum({ ChecksumAlgorithm: name, ChecksumType: type = 'FULL_OBJECT' }: S3ComputeObjectChecksumOperation): void {
  if (name !== undefined && !Object.hasOwn(checksumTypes, name)) throw invalidRequest('Invalid checksum algorithm');
  if (!checksumTypes[name ?? 'CRC64NVME']!.includes(type)) throw invalidRequest('Invalid checksum type for the checksum algorithm');
}

function checkCopy(copy: S3CopyObjectOperation): void {
  bucketOfArn('TargetResource', copy.TargetResource);
  checkTagSet(copy.NewObjectTagging ?? []);
  const both = copy.CannedAccessControlList !== undefined && (copy.AccessControlGrants?.length ?? 0) > 0;
  if (both) throw invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed');
}

function checkTagSet(tags: readonly { Key?: string | undefined; Value?: string | undefined }[]): void {
  if (tags.length > jobObjectTagsMax) throw invalidRequest(`Object tags cannot be greater than ${jobObjectTagsMax}`);
  checkedTags(tags);
}

function checkAcl(policy: NonNullable<JobOperation['S3PutObjectAcl']>['AccessControlPolicy']): void {
  if ((policy?.CannedAccessControlList === undefined) === (policy?.AccessControlList === undefined))
    throw invalidRequest('Exactly one of CannedAccessControlList and AccessControlList must be specified');
}

function checkManifest({ Spec: spec, Location: location }: JobManifest): void {
  if (!spec || !location?.ETag) throw invalidRequest('Invalid manifest');
  objectOfArn(location.ObjectArn);
  if (spec.Format === 'S3InventoryReport_CSV_20161130') {
    if ((spec.Fields?.length ?? 0) > 0)
      throw invalidRequest('Fields must not be specified for manifests in the S3InventoryReport_CSV_20161130 format');
    return;
  }
  if (spec.Format !== 'S3BatchOperations_CSV_20180820') throw invalidRequest('Invalid manifest format');
  const fields = spec.Fields ?? [];
  const known = fields.every((field) => ['Ignore', 'Bucket', 'Key', 'VersionId'].includes(field));
  const count = (name: string) => fields.filter((field) => field === name).length;
  if (!known || count('Bucket') !== 1 || count('Key') !== 1 || count('VersionId') > 1)
    throw invalidRequest('Fields of the manifest must name Bucket and Key once, and may name VersionId and Ignore');
}

function checkGenerator(generator: S3JobManifestGenerator): void {
  bucketOfArn('SourceBucket', generator.SourceBucket);
  if (isAboutReplication(generator) && generator.Filter?.MatchAnyObjectEncryption)
    throw notImplemented('s3-control:CreateJob with MatchAnyObjectEncryption for what is to be replicated');
  if (!generator.EnableManifestOutput) return;
  const output = generator.ManifestOutputLocation;
  if (!output) throw invalidRequest('ManifestOutputLocation is required when EnableManifestOutput is true');
  bucketOfArn('ManifestOutputLocation', output.Bucket);
  if (output.ManifestFormat !== 'S3InventoryReport_CSV_20211130') throw invalidRequest('Invalid manifest format');
  if (output.ManifestEncryption?.SSEKMS && !output.ManifestEncryption.SSEKMS.KeyId) throw invalidRequest('Invalid manifest encryption');
}

function checkReport(report: JobReport): void {
  if (!report.Enabled) return;
  bucketOfArn('Report bucket', report.Bucket);
  if (report.Format !== 'Report_CSV_20180820') throw invalidRequest('Invalid report format');
  if (report.ReportScope !== 'AllTasks' && report.ReportScope !== 'FailedTasksOnly') throw invalidRequest('Invalid report scope');
}

/** The bucket that an ARN names. Throws InvalidRequest. */
export function bucketOfArn(what: string, text: string | undefined): string {
  const arn = parseArn(text ?? '');
  if (arn?.service !== 's3' || arn.account !== '' || !/^[a-z0-9][a-z0-9.-]+$/.test(arn.resource))
    throw invalidRequest(`${what}: invalid bucket ARN`);
  return arn.resource;
}

/** The object that an ARN names. Throws InvalidRequest. */
export function objectOfArn(text: string | undefined): { bucket: string; key: string } {
  const [, bucket, key] = /^([a-z0-9][a-z0-9.-]+)\/(.+)$/s.exec(parseArn(text ?? '')?.resource ?? '') ?? [];
  if (bucket === undefined || key === undefined) throw invalidRequest('Invalid manifest location');
  return { bucket, key };
}
