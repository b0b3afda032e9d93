/** One report: data files, and what leads to them, in the bucket that the inventory names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */

import { createHash } from 'node:crypto';
import type { Aws } from '../../../framework/clients.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { bucketArn, bucketOfArn, inventoryName } from '../buckets/bucket.ts';
import { rulesOf } from '../lifecycle/rules.ts';
import type { Bucket } from '../tables.ts';
import { columnsOf, type Inventory } from './configuration.ts';
import { contents } from './contents.ts';
import { formats, type FileWriter } from './files.ts';

const linesPerFile = 200_000;

type File = { key: string; size: number; MD5checksum: string };

/** The names are drawn from what the report is of, so that one that is begun again after a crash writes the same objects. */
export async function writeReport(context: ReconcilerContext, bucket: Bucket, inventory: Inventory, midnight: number): Promise<void> {
  const to = inventory.Destination!.S3BucketDestination!;
  const folder = to.Prefix === undefined || to.Prefix === '' || to.Prefix.endsWith('/') ? (to.Prefix ?? '') : `${to.Prefix}/`;
  const place = `${folder}${bucket.name}/${inventory.Id}`;
  const aws = asInventory(context, bucket);
  const put: Put = (Key, Body, more = {}) =>
    aws.s3('PutObject', { Bucket: targetOf(inventory), Key, Body, ACL: 'bucket-owner-full-control', ...more });
  const writing = { context, bucket, inventory, midnight, place, put };
  const { files, lines } = await writeFiles(writing);
  await leadTo(writing, files);
  meterListed(context, bucket, lines);
}

type Put = (key: string, body: Buffer | string, more?: object) => Promise<unknown>;
type Writing = { context: ReconcilerContext; bucket: Bucket; inventory: Inventory; midnight: number; place: string; put: Put };

function targetOf({ Destination }: Inventory): string {
  return bucketOfArn(Destination!.S3BucketDestination!.Bucket!)!;
}

function formatOf({ Destination }: Inventory) {
  return formats[Destination!.S3BucketDestination!.Format as keyof typeof formats];
}

/** An empty bucket has one file without lines. */
async function writeFiles(writing: Writing): Promise<{ files: File[]; lines: number }> {
  const { context, bucket, inventory } = writing;
  const listed = { bucket, rules: await rulesOf(context.store, bucket), now: context.now };
  const newFile = (): FileWriter => formatOf(inventory).open(listed, columnsOf(inventory));
  const files: File[] = [];
  let lines = 0;
  let file: FileWriter | undefined;
  for await (const record of contents(
    context.store,
    bucket.name,
    inventory.Filter?.Prefix ?? '',
    inventory.IncludedObjectVersions === 'All',
  )) {
    context.signal.throwIfAborted();
    file ??= newFile();
    await file.write(record);
    if (++lines % linesPerFile !== 0) continue;
    files.push(await writeFile(writing, files.length, await file.end()));
    file = undefined;
  }
  if (file || files.length === 0) files.push(await writeFile(writing, files.length, await (file ?? newFile()).end()));
  return { files, lines };
}

async function writeFile({ bucket, inventory, midnight, place, put }: Writing, number: number, bytes: Buffer): Promise<File> {
  const key = `${place}/data/${uuidOf([bucket.name, bucket.created, inventory.Id, midnight, number].join('\n'))}${formatOf(inventory).extension}`;
  await put(key, bytes, { ContentType: formatOf(inventory).contentType, ...encryptionOf(inventory) });
  return { key, size: bytes.length, MD5checksum: md5(bytes) };
}

/** The checksum comes last: who is notified of it finds all the rest. */
async function leadTo({ context, bucket, inventory, midnight, place, put }: Writing, files: readonly File[]): Promise<void> {
  const minute = new Date(midnight).toISOString().slice(0, 16).replace(':', '-');
  const manifest = JSON.stringify({
    sourceBucket: bucket.name,
    destinationBucket: inventory.Destination!.S3BucketDestination!.Bucket,
    version: '2016-11-30',
    creationTimestamp: String(context.now),
    fileFormat: inventory.Destination!.S3BucketDestination!.Format,
    fileSchema: formatOf(inventory).schema(columnsOf(inventory)),
    files,
  });
  await put(
    `${place}/hive/dt=${minute.replace('T', '-')}/symlink.txt`,
    files.map(({ key }) => `s3://${targetOf(inventory)}/${key}`).join('\n'),
  );
  await put(`${place}/${minute}Z/manifest.json`, manifest, { ContentType: 'application/json' });
  await put(`${place}/${minute}Z/manifest.checksum`, md5(manifest));
}

function asInventory(context: ReconcilerContext, { name, account, region }: Bucket): Aws {
  const principal: ServicePrincipal = {
    ...{ type: 'Service', account, arn: '', id: inventoryName, name: inventoryName },
    ...{ sourceArn: bucketArn(name), sourceAccount: account },
  };
  return context.awsAs(principal, { account, region });
}

function encryptionOf({ Destination }: Inventory) {
  const { SSEKMS, SSES3 } = Destination!.S3BucketDestination!.Encryption ?? {};
  if (SSEKMS) return { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: SSEKMS.KeyId };
  return SSES3 ? { ServerSideEncryption: 'AES256' as const } : {};
}

/** https://aws.amazon.com/s3/pricing: by the objects that are listed. */
function meterListed({ meter, now }: ReconcilerContext, { name, account, region }: Bucket, lines: number): void {
  const of = { account, region, service: 's3', operation: 'Inventory', resource: bucketArn(name), at: now };
  if (lines > 0) meter.record({ ...of, usageType: 'Inventory-ObjectsListed', quantity: lines, unit: 'Count' });
}

function md5(bytes: Buffer | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
