/** What metadata tables are configured to be, and what is told of them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-configuring.html. Pure. */

import { parseArn } from '../../../framework/arn.ts';
import { tableArn, type TableEncryption } from '../../../framework/s3-tables/tables.ts';
import { invalidArgument, malformedXml } from '../errors.ts';
import type { Input, Output } from '../sdk.ts';
import type { LiveTable, MetadataConfiguration, WantedTable } from './tables.ts';

type Given = Input<'CreateBucketMetadataConfiguration'>['MetadataConfiguration'];
type GivenEncryption = NonNullable<Given['JournalTableConfiguration']>['EncryptionConfiguration'];
type Result = NonNullable<
  NonNullable<Output<'GetBucketMetadataConfiguration'>['GetBucketMetadataConfigurationResult']>['MetadataConfigurationResult']
>;

const expirationDaysMin = 7;
const expirationDaysMax = 2_147_483_647;

/** After how many days records go; undefined for never. Throws MalformedXML, InvalidArgument. */
export function readExpiration(given: { Expiration?: string | undefined; Days?: number | undefined } | undefined): number | undefined {
  if (given?.Expiration === 'DISABLED' && given.Days === undefined) return undefined;
  if (given?.Expiration !== 'ENABLED' || given.Days === undefined) throw malformedXml();
  if (!Number.isInteger(given.Days) || given.Days < expirationDaysMin || given.Days > expirationDaysMax)
    throw invalidArgument(`Days must be between ${expirationDaysMin} and ${expirationDaysMax}`, 'Days', given.Days);
  return given.Days;
}

/** Throws MalformedXML for what is neither, InvalidArgument for what is no key of KMS. */
export function readEncryption(given: GivenEncryption): TableEncryption {
  if (!given) return { algorithm: 'AES256' };
  const { SseAlgorithm: algorithm, KmsKeyArn: keyArn } = given;
  if (algorithm === 'AES256') {
    if (keyArn !== undefined) throw malformedXml();
    return { algorithm };
  }
  if (algorithm !== 'aws:kms' || keyArn === undefined) throw malformedXml();
  const key = parseArn(keyArn);
  if (key?.service !== 'kms' || !/^key\/.+/.test(key.resource)) throw invalidArgument('Invalid KMS key ARN.', 'KmsKeyArn', keyArn);
  return { algorithm, keyArn };
}

/** Throws MalformedXML. */
export function readState(given: string | undefined): boolean {
  if (given !== 'ENABLED' && given !== 'DISABLED') throw malformedXml();
  return given === 'ENABLED';
}

/** A table that is to be made. */
export function wantedTable(id: string, name: string, encryption: TableEncryption): WantedTable {
  return { id, name, status: 'CREATING', encryption };
}

function tableMembers(configuration: MetadataConfiguration, table: WantedTable) {
  const isThere = table.status === 'ACTIVE' || table.status === 'BACKFILLING';
  return {
    TableStatus: table.status,
    ...(table.error && { Error: { ErrorCode: table.error.code, ErrorMessage: table.error.message } }),
    TableName: table.name,
    ...(isThere && { TableArn: tableArn({ ...configuration, id: table.id }) }),
  };
}

function liveMembers(configuration: MetadataConfiguration, table: LiveTable | undefined) {
  return table
    ? { ConfigurationState: 'ENABLED' as const, ...tableMembers(configuration, table) }
    : { ConfigurationState: 'DISABLED' as const };
}

/** What is told of a configuration. */
export function resultOf(configuration: MetadataConfiguration, tableBucketArn: string): Result {
  const { first, namespace, journal, inventory, annotation } = configuration;
  return {
    DestinationResult: { TableBucketType: first ? 'customer' : 'aws', TableBucketArn: tableBucketArn, TableNamespace: namespace },
    JournalTableConfigurationResult: {
      ...tableMembers(configuration, journal),
      RecordExpiration: journal.days === undefined ? { Expiration: 'DISABLED' } : { Expiration: 'ENABLED', Days: journal.days },
    },
    ...(!first && {
      InventoryTableConfigurationResult: liveMembers(configuration, inventory),
      AnnotationTableConfigurationResult: {
        ...liveMembers(configuration, annotation),
        ...(annotation?.role !== undefined && { Role: annotation.role }),
      },
    }),
  };
}

/** The same in the first form of the API. */
export function firstResultOf(
  configuration: MetadataConfiguration,
  tableBucketArn: string,
): Output<'GetBucketMetadataTableConfiguration'>['GetBucketMetadataTableConfigurationResult'] {
  const { TableStatus: Status, Error, TableName, TableArn } = tableMembers(configuration, configuration.journal);
  const destination = {
    TableBucketArn: tableBucketArn,
    TableName,
    // The schema wants it, also while there is no table.
    TableArn: TableArn ?? tableArn({ ...configuration, id: configuration.journal.id }),
    TableNamespace: configuration.namespace,
  };
  return { MetadataTableConfigurationResult: { S3TablesDestinationResult: destination }, Status, ...(Error && { Error }) };
}
