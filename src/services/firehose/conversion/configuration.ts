/** DataFormatConversionConfiguration: https://docs.aws.amazon.com/firehose/latest/APIReference/API_DataFormatConversionConfiguration.html */

import type { DataFormatConversionConfiguration, Deserializer, ParquetSerDe } from '@aws-sdk/client-firehose';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { Compression } from '../../../framework/parquet-file.ts';
import { invalidArgument } from '../errors.ts';
import { convertedMebibytesMin } from '../limits.ts';
import type { Conversion } from '../tables.ts';

type Beside = { CompressionFormat?: string | undefined; BufferingHints?: { SizeInMBs?: number | undefined } | undefined };

/** Without Enabled AWS takes a conversion as enabled. Throws InvalidArgumentException, and NotImplemented by name. */
export function readConversion(
  operation: string,
  given: DataFormatConversionConfiguration | undefined,
  { CompressionFormat, BufferingHints }: Beside,
): Conversion | undefined {
  if (!given || given.Enabled === false) return undefined;
  const { SchemaConfiguration: schema, InputFormatConfiguration: input, OutputFormatConfiguration: output } = given;
  if (!schema || !input?.Deserializer || !output?.Serializer)
    throw invalidArgument(
      'DataFormatConversionConfiguration must have SchemaConfiguration, InputFormatConfiguration and OutputFormatConfiguration when it is enabled.',
    );
  if (CompressionFormat !== undefined && CompressionFormat !== 'UNCOMPRESSED')
    throw invalidArgument('CompressionFormat must be UNCOMPRESSED when data format conversion is enabled.');
  if ((BufferingHints?.SizeInMBs ?? convertedMebibytesMin) < convertedMebibytesMin)
    throw invalidArgument(`BufferingHints.SizeInMBs must be at least ${convertedMebibytesMin} when data format conversion is enabled.`);
  if (output.Serializer.OrcSerDe) throw notImplemented(`firehose:${operation} with OrcSerDe`);
  if (!output.Serializer.ParquetSerDe) throw invalidArgument('Serializer must have one of ParquetSerDe and OrcSerDe.');
  const { RoleARN: roleArn, DatabaseName: database, TableName: table, Region, CatalogId, VersionId = 'LATEST' } = schema;
  if (!roleArn || !database || !table) throw invalidArgument('SchemaConfiguration must have RoleARN, DatabaseName and TableName.');
  return {
    ...{ roleArn, database, table, version: VersionId },
    ...(Region !== undefined && { region: Region }),
    ...(CatalogId !== undefined && { catalog: CatalogId }),
    ...readDeserializer(operation, input.Deserializer),
    compression: compressionOf(output.Serializer.ParquetSerDe),
    given: JSON.stringify({ ...given, Enabled: true }),
  };
}

function readDeserializer(
  operation: string,
  { OpenXJsonSerDe: openx, HiveJsonSerDe: hive }: Deserializer,
): Pick<Conversion, 'keys' | 'dots'> {
  if ((openx === undefined) === (hive === undefined))
    throw invalidArgument('Deserializer must have one of OpenXJsonSerDe and HiveJsonSerDe.');
  if (hive?.TimestampFormats?.length) throw notImplemented(`firehose:${operation} with TimestampFormats`);
  // Names of columns are in lower case, so that this would find fewer of them.
  if (openx?.CaseInsensitive === false) throw notImplemented(`firehose:${operation} with CaseInsensitive false`);
  const keys = Object.entries(openx?.ColumnToJsonKeyMappings ?? {});
  return { ...(keys.length > 0 && { keys }), ...(openx?.ConvertDotsInJsonKeysToUnderscores && { dots: true }) };
}

function compressionOf({ Compression: name = 'SNAPPY' }: ParquetSerDe): Compression {
  if (name !== 'SNAPPY' && name !== 'GZIP' && name !== 'UNCOMPRESSED')
    throw invalidArgument('Compression must be one of UNCOMPRESSED, GZIP and SNAPPY.');
  return name;
}
