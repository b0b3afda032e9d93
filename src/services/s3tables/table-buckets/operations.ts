/** Table buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-buckets.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { managedBucketName, tableBucketArn, tableBuckets, tableNamespaces, type TableBucket } from '../../../framework/s3-tables/tables.ts';
import { badRequest, managedOnly, tableBucketExists, tableBucketNotEmpty } from '../errors.ts';
import { pageOf } from '../listing.ts';
import type { Operation } from '../sdk.ts';
import { requireTableBucket } from './lookup.ts';

const nameForm = /^[0-9a-z][0-9a-z-]{1,61}[0-9a-z]$/;
const reserved = /^(?:xn--|sthree-|amzn-s3-demo|aws)|(?:-s3alias|--ol-s3|--x-s3|--table-s3)$/;

function summaryOf(bucket: TableBucket) {
  return {
    ...{ arn: tableBucketArn(bucket, bucket.name), name: bucket.name, ownerAccountId: bucket.account },
    ...{ createdAt: new Date(bucket.created), tableBucketId: bucket.id },
    type: bucket.name === managedBucketName ? ('aws' as const) : ('customer' as const),
  };
}

export const ListTableBuckets: Operation<'ListTableBuckets'> = async (request, input) => {
  const rows = await request.store.read((tx) => tableBuckets.scan(tx, [request.account, request.region]));
  const listed = rows.map(({ row }) => row).filter((row) => input.type === undefined || summaryOf(row).type === input.type);
  const { page, ...more } = pageOf(listed, ({ name }) => name, input.maxBuckets, input);
  return { tableBuckets: page.map(summaryOf), ...more };
};

export const GetTableBucket: Operation<'GetTableBucket'> = async (request, input) =>
  summaryOf(await requireTableBucket(request, input.tableBucketARN));

export const GetTableBucketEncryption: Operation<'GetTableBucketEncryption'> = async (request, input) => {
  await requireTableBucket(request, input.tableBucketARN);
  return { encryptionConfiguration: { sseAlgorithm: 'AES256' } };
};

/** For metadata configurations in the first form, which name a table bucket of the customer's. */
export const CreateTableBucket: Operation<'CreateTableBucket'> = async (request, input) => {
  const { name } = input;
  for (const parameter of ['encryptionConfiguration', 'storageClassConfiguration', 'tags'] as const)
    if (input[parameter] !== undefined) throw notImplemented(`s3tables:CreateTableBucket with ${parameter}`);
  if (!nameForm.test(name) || reserved.test(name)) throw badRequest('The specified bucket name is not valid.');
  const row: TableBucket = { account: request.account, region: request.region, name, id: request.random.uuid(), created: request.now };
  await request.store.write(async (tx) => {
    if (await tableBuckets.get(tx, row.account, row.region, name)) throw tableBucketExists();
    await tableBuckets.put(tx, row);
  });
  return { arn: tableBucketArn(row, name) };
};

export const DeleteTableBucket: Operation<'DeleteTableBucket'> = async (request, input) => {
  const { account, region, name } = await requireTableBucket(request, input.tableBucketARN);
  if (name === managedBucketName) throw managedOnly();
  await request.store.write(async (tx) => {
    if ((await tableNamespaces.scan(tx, [account, region, name], { limit: 1 })).length > 0) throw tableBucketNotEmpty();
    await tableBuckets.delete(tx, account, region, name);
  });
  return {};
};
