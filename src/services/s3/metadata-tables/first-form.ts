/** The first form of metadata configurations, whose one table lies in a table bucket of the customer's: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketMetadataTableConfiguration.html */

import { parseArn } from '../../../framework/arn.ts';
import { tableBucketArn } from '../../../framework/s3-tables/tables.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { lookUp } from '../buckets/lookup.ts';
import { invalidArgument, methodNotAllowed } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { firstResultOf, wantedTable } from './configuration.ts';
import { failures } from './maker.ts';
import { dropConfiguration, mayCreate, putNew, requireConfiguration } from './operations.ts';
import type { MetadataConfiguration } from './tables.ts';

const namespace = 'aws_s3_metadata';
const tableName = /^[0-9a-z_]{1,255}$/;

export const CreateBucketMetadataTableConfiguration: Operation<'CreateBucketMetadataTableConfiguration'> = async (request, input) => {
  const { TableBucketArn: arn, TableName: name } = input.MetadataTableConfiguration.S3TablesDestination!;
  const { bucket } = await lookUp(request, input.Bucket);
  const place = parseArn(arn!);
  const tableBucket = /^bucket\/([0-9a-z-]{3,63})$/.exec(place?.resource ?? '')?.[1];
  if (place?.service !== 's3tables' || tableBucket === undefined)
    throw invalidArgument('The table bucket ARN is not valid.', 'TableBucketArn', arn);
  if (place.account !== bucket.account || place.region !== bucket.region)
    throw invalidArgument("The table bucket must be in the bucket's account and Region.", 'TableBucketArn', arn);
  if (!tableName.test(name!)) throw invalidArgument('The table name is not valid.', 'TableName', name);
  const encryption = { algorithm: 'AES256' } as const;
  const table = wantedTable(request.random.uuid(), name!, encryption);
  const allowed = await mayCreate(request, tableBucket, encryption);
  const configuration: MetadataConfiguration = {
    ...{ bucket: bucket.name, account: bucket.account, region: bucket.region, created: request.now, first: true },
    ...{ tableBucket, namespace },
    journal: allowed ? table : { ...table, status: 'FAILED', error: failures.resources },
  };
  await request.store.write((tx) => putNew(tx, configuration));
  return {};
};

export const GetBucketMetadataTableConfiguration: Operation<'GetBucketMetadataTableConfiguration'> = async (request, input) => {
  const configuration = await requireFirst(request, input.Bucket);
  const arn = tableBucketArn(configuration, configuration.tableBucket);
  return { GetBucketMetadataTableConfigurationResult: firstResultOf(configuration, arn) };
};

export const DeleteBucketMetadataTableConfiguration: Operation<'DeleteBucketMetadataTableConfiguration'> = async (request, input) => {
  await requireFirst(request, input.Bucket);
  await request.store.write((tx) => dropConfiguration(tx, input.Bucket));
  return {};
};

/** Configurations in the second form are not to be had by the first. */
async function requireFirst(request: ServiceRequest, name: string): Promise<MetadataConfiguration> {
  const configuration = await requireConfiguration(request, name);
  if (!configuration.first) throw methodNotAllowed(request.http?.method ?? 'GET', 'METADATATABLE');
  return configuration;
}
