/** The metadata configuration of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketMetadataConfiguration.html */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { managedBucketName, tableBucketArn, type TableEncryption } from '../../../framework/s3-tables/tables.ts';
import { passRole } from '../../../framework/service-role.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { metadataConfigurationExists, noMetadataConfiguration } from '../errors.ts';
import { onBucket } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { buckets } from '../tables.ts';
import { readEncryption, readExpiration, readState, resultOf, wantedTable } from './configuration.ts';
import { failures } from './maker.ts';
import { metadataConfigurations, type MetadataConfiguration, type WantedTable } from './tables.ts';
import { keeperName } from './warehouse.ts';

/** Besides the action on the bucket, giving S3 the role by which it reads annotations. */
export async function onCreateBucketMetadataConfiguration(
  request: ServiceRequest,
  input: Input<'CreateBucketMetadataConfiguration'>,
): Promise<Check[]> {
  const checks = await onBucket('s3:CreateBucketMetadataTableConfiguration')(request, input);
  const role = input.MetadataConfiguration?.AnnotationTableConfiguration?.Role;
  return role === undefined ? checks : [...checks, passRole(role, keeperName)];
}

export async function onUpdateAnnotationTable(
  request: ServiceRequest,
  input: Input<'UpdateBucketMetadataAnnotationTableConfiguration'>,
): Promise<Check[]> {
  const checks = await onBucket('s3:UpdateBucketMetadataAnnotationTableConfiguration')(request, input);
  const role = input.AnnotationTableConfiguration?.Role;
  return role === undefined ? checks : [...checks, passRole(role, keeperName)];
}

export const CreateBucketMetadataConfiguration: Operation<'CreateBucketMetadataConfiguration'> = async (request, input) => {
  const { JournalTableConfiguration: journal, InventoryTableConfiguration: inventory, ...rest } = input.MetadataConfiguration;
  const annotation = rest.AnnotationTableConfiguration;
  const days = readExpiration(journal!.RecordExpiration);
  const { bucket } = await lookUp(request, input.Bucket);
  const wanted = async (name: string, given: Parameters<typeof readEncryption>[0]): Promise<WantedTable> => {
    const encryption = readEncryption(given);
    const table = wantedTable(request.random.uuid(), name, encryption);
    return (await mayCreate(request, managedBucketName, encryption)) ? table : { ...table, status: 'FAILED', error: failures.resources };
  };
  const configuration: MetadataConfiguration = {
    ...{ bucket: bucket.name, account: bucket.account, region: bucket.region, created: request.now },
    ...{ tableBucket: managedBucketName, namespace: `b_${bucket.name}` },
    journal: { ...(await wanted('journal', journal!.EncryptionConfiguration)), ...(days !== undefined && { days }) },
    ...(inventory &&
      readState(inventory.ConfigurationState) && { inventory: await wanted('inventory', inventory.EncryptionConfiguration) }),
    ...(annotation &&
      readState(annotation.ConfigurationState) && {
        annotation: {
          ...(await wanted('annotation', annotation.EncryptionConfiguration)),
          ...(annotation.Role !== undefined && { role: annotation.Role }),
        },
      }),
  };
  await request.store.write((tx) => putNew(tx, configuration));
  return {};
};

/** Throws where the bucket has one already. */
export async function putNew(tx: WriteTransaction, configuration: MetadataConfiguration): Promise<void> {
  const bucket = await requireBucket(tx, configuration.bucket);
  if (await metadataConfigurations.get(tx, bucket.name)) throw metadataConfigurationExists();
  await metadataConfigurations.put(tx, configuration);
  await buckets.put(tx, { ...bucket, metadata: true });
}

/** Tables are made in the caller's name: what the caller may not do is told by the table's status, as AWS tells it. */
export async function mayCreate(request: ServiceRequest, tableBucket: string, { keyArn }: TableEncryption): Promise<boolean> {
  const bucket = tableBucketArn(request, tableBucket);
  const onTables = keyArn === undefined ? ['GetTable', 'PutTablePolicy'] : ['GetTable', 'PutTablePolicy', 'PutTableEncryption'];
  const asked = [
    ...['CreateTableBucket', 'CreateNamespace', 'CreateTable'].map((action) => [action, bucket] as const),
    ...onTables.map((action) => [action, `${bucket}/table/*`] as const),
  ];
  for (const [action, resource] of asked)
    if (!(await request.permits({ action: `s3tables:${action}`, resource, resourceAccount: request.account }))) return false;
  return true;
}

/** Throws MetadataConfigurationNotFound. */
export async function requireConfiguration(request: ServiceRequest, name: string): Promise<MetadataConfiguration> {
  const { bucket } = await lookUp(request, name);
  const configuration = bucket.metadata && (await request.store.read((tx) => metadataConfigurations.get(tx, bucket.name)));
  if (!configuration) throw noMetadataConfiguration(name);
  return configuration;
}

export const GetBucketMetadataConfiguration: Operation<'GetBucketMetadataConfiguration'> = async (request, input) => {
  const configuration = await requireConfiguration(request, input.Bucket);
  const arn = tableBucketArn(configuration, configuration.tableBucket);
  return { GetBucketMetadataConfigurationResult: { MetadataConfigurationResult: resultOf(configuration, arn) } };
};

/** The tables stay as they are. */
export const DeleteBucketMetadataConfiguration: Operation<'DeleteBucketMetadataConfiguration'> = async (request, input) => {
  await requireConfiguration(request, input.Bucket);
  await request.store.write((tx) => dropConfiguration(tx, input.Bucket));
  return {};
};

export async function dropConfiguration(tx: WriteTransaction, name: string): Promise<void> {
  const { metadata: _gone, ...bucket } = await requireBucket(tx, name);
  await metadataConfigurations.delete(tx, name);
  await buckets.put(tx, bucket);
}

async function update(
  request: ServiceRequest,
  bucket: string,
  next: (present: MetadataConfiguration) => MetadataConfiguration,
): Promise<void> {
  await request.store.write(async (tx) => {
    const present = await metadataConfigurations.get(tx, bucket);
    if (!present) throw noMetadataConfiguration(bucket);
    await metadataConfigurations.put(tx, next(present));
  });
}

export const UpdateBucketMetadataJournalTableConfiguration: Operation<'UpdateBucketMetadataJournalTableConfiguration'> = async (
  request,
  input,
) => {
  const days = readExpiration(input.JournalTableConfiguration.RecordExpiration);
  await requireSecondForm(request, input.Bucket);
  await update(request, input.Bucket, ({ journal: { days: _old, ...journal }, ...rest }) => ({
    ...rest,
    journal: { ...journal, ...(days !== undefined && { days }) },
  }));
  return {};
};

/** Tables for configurations in the first form are the journal alone. */
async function requireSecondForm(request: ServiceRequest, name: string): Promise<void> {
  const { first } = await requireConfiguration(request, name);
  if (first) throw notImplemented(`s3:${request.operation} with a V1 metadata configuration`);
}

/** Where it is enabled anew a new table is made; one that is enabled stays as it is. */
export const UpdateBucketMetadataInventoryTableConfiguration: Operation<'UpdateBucketMetadataInventoryTableConfiguration'> = async (
  request,
  input,
) => {
  const { ConfigurationState, EncryptionConfiguration } = input.InventoryTableConfiguration;
  const enabled = readState(ConfigurationState);
  await requireSecondForm(request, input.Bucket);
  const table = await newTable(request, 'inventory', EncryptionConfiguration);
  await update(request, input.Bucket, ({ inventory, ...rest }) => ({ ...rest, ...(enabled && { inventory: inventory ?? table }) }));
  return {};
};

export const UpdateBucketMetadataAnnotationTableConfiguration: Operation<'UpdateBucketMetadataAnnotationTableConfiguration'> = async (
  request,
  input,
) => {
  const { ConfigurationState, EncryptionConfiguration, Role: role } = input.AnnotationTableConfiguration;
  const enabled = readState(ConfigurationState);
  await requireSecondForm(request, input.Bucket);
  const table = await newTable(request, 'annotation', EncryptionConfiguration);
  await update(request, input.Bucket, ({ annotation, ...rest }) => ({
    ...rest,
    ...(enabled && { annotation: { ...(annotation ?? table), ...(role !== undefined && { role }) } }),
  }));
  return {};
};

async function newTable(request: ServiceRequest, name: string, given: Parameters<typeof readEncryption>[0]): Promise<WantedTable> {
  const encryption = readEncryption(given);
  const table = wantedTable(request.random.uuid(), name, encryption);
  return (await mayCreate(request, managedBucketName, encryption)) ? table : { ...table, status: 'FAILED', error: failures.resources };
}
