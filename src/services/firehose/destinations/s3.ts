/** S3 destinations: how they are configured, and what the API shows of them. */

import type {
  DataFormatConversionConfiguration,
  ExtendedS3DestinationConfiguration,
  Processor,
  S3DestinationConfiguration,
} from '@aws-sdk/client-firehose';
import { notImplemented } from '../../../framework/aws-error.ts';
import { fault, invalidArgument, refuse } from '../errors.ts';
import { readConversion } from '../conversion/configuration.ts';
import {
  bufferMebibytesDefault,
  bufferMebibytesMax,
  bufferSecondsDefault,
  bufferSecondsMax,
  convertedMebibytesDefault,
  prefixCharactersMax,
} from '../limits.ts';
import type { Destination } from '../tables.ts';
import { partitionedMebibytesDefault, readPartitioning } from './partitioning.ts';
import { checkPrefixes } from './prefix.ts';
import { isTimeZone } from './timestamp.ts';

type Configuration = S3DestinationConfiguration & Omit<ExtendedS3DestinationConfiguration, keyof S3DestinationConfiguration>;

const patterns: readonly [member: 'RoleARN' | 'BucketARN', path: string, pattern: RegExp][] = [
  ['RoleARN', 'roleARN', /^arn:.*:iam::\d{12}:role\/[a-zA-Z_0-9+=,.@\-_/]+$/],
  ['BucketARN', 'bucketARN', /^arn:.*:s3:::[\w.-]{1,255}$/],
];
const formats = ['UNCOMPRESSED', 'GZIP', 'ZIP', 'Snappy', 'HADOOP_SNAPPY'];

/** Checks a configuration and adds the defaults. Throws ValidationException, InvalidArgumentException, and NotImplemented by name. */
export function readDestination(operation: string, given: Configuration, { extended }: { extended: boolean }): Destination {
  refuse(faultsOf(given));
  refuseUnbuilt(operation, given);
  const prefix = given.Prefix ?? '';
  checkPrefixes(operation, prefix, given.ErrorOutputPrefix);
  const zone = given.CustomTimeZone;
  if (zone !== undefined && zone !== '' && !isTimeZone(zone)) throw invalidArgument(`CustomTimeZone ${zone} is not supported.`);
  const extension = given.FileExtension;
  if (extension !== undefined && !/^$|^\.[0-9a-z!\-_.*'()]+$/.test(extension))
    throw invalidArgument("FileExtension must begin with a period and contain only 0-9a-z!-_.*'()");
  const keyArn = given.EncryptionConfiguration?.KMSEncryptionConfig?.AWSKMSKeyARN;
  const delimiter = delimiterOf(operation, given.ProcessingConfiguration);
  const partitioning = readPartitioning(operation, given as ExtendedS3DestinationConfiguration);
  const conversion = readConversion(operation, given.DataFormatConversionConfiguration, given);
  if (conversion && partitioning)
    throw notImplemented(`firehose:${operation} with DataFormatConversionConfiguration and dynamic partitioning`);
  const mebibytes = partitioning ? partitionedMebibytesDefault : conversion ? convertedMebibytesDefault : bufferMebibytesDefault;
  return {
    ...{ roleArn: given.RoleARN!, bucketArn: given.BucketARN!, prefix, extended },
    ...(given.ErrorOutputPrefix !== undefined && { errorOutputPrefix: given.ErrorOutputPrefix }),
    bufferMebibytes: given.BufferingHints?.SizeInMBs ?? mebibytes,
    bufferSeconds: given.BufferingHints?.IntervalInSeconds ?? bufferSecondsDefault,
    compression: (given.CompressionFormat ?? 'UNCOMPRESSED') as Destination['compression'],
    ...(keyArn !== undefined && { keyArn }),
    ...(extension !== undefined && { fileExtension: extension }),
    ...(zone !== undefined && { timeZone: zone }),
    ...(delimiter !== undefined && { delimiter }),
    ...(partitioning && { partitioning }),
    ...(conversion && { conversion }),
    ...(given.ProcessingConfiguration && { processing: JSON.stringify(given.ProcessingConfiguration) }),
  };
}

function faultsOf(given: Configuration): string[] {
  const faults: string[] = [];
  for (const [member, path, pattern] of patterns)
    if (!pattern.test(given[member] ?? ''))
      faults.push(fault(path, given[member] ?? null, `satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`));
  const within = (path: string, value: number | undefined, min: number, max: number): void => {
    if (value === undefined) return;
    if (value < min) faults.push(fault(path, value, `have value greater than or equal to ${min}`));
    if (value > max) faults.push(fault(path, value, `have value less than or equal to ${max}`));
  };
  within('bufferingHints.sizeInMBs', given.BufferingHints?.SizeInMBs, 1, bufferMebibytesMax);
  within('bufferingHints.intervalInSeconds', given.BufferingHints?.IntervalInSeconds, 0, bufferSecondsMax);
  for (const [path, text] of [
    ['prefix', given.Prefix],
    ['errorOutputPrefix', given.ErrorOutputPrefix],
  ] as const)
    if (text !== undefined && text.length > prefixCharactersMax)
      faults.push(fault(path, text, `have length less than or equal to ${prefixCharactersMax}`));
  if (given.CompressionFormat !== undefined && !formats.includes(given.CompressionFormat))
    faults.push(fault('compressionFormat', given.CompressionFormat, `satisfy enum value set: [${formats.join(', ')}]`));
  return faults;
}

function refuseUnbuilt(operation: string, given: Configuration): void {
  const unbuilt = (name: string): never => {
    throw notImplemented(`firehose:${operation} with ${name}`);
  };
  const format = given.CompressionFormat;
  if (format !== undefined && format !== 'UNCOMPRESSED' && format !== 'GZIP') unbuilt(`CompressionFormat ${format}`);
  if (given.CloudWatchLoggingOptions?.Enabled) unbuilt('CloudWatchLoggingOptions');
  if (given.S3BackupMode === 'Enabled') unbuilt('S3BackupMode');
}

/** What partitions records is read by readPartitioning. */
const partitioningProcessors: readonly (string | undefined)[] = ['MetadataExtraction', 'RecordDeAggregation'];

/** Of all processors the delimiter and those of partitioning are built. */
function delimiterOf(operation: string, processing: Configuration['ProcessingConfiguration']): string | undefined {
  if (!processing?.Enabled) return undefined;
  let delimiter: string | undefined;
  for (const processor of processing.Processors ?? []) {
    if (partitioningProcessors.includes(processor.Type)) continue;
    if (processor.Type !== 'AppendDelimiterToRecord')
      throw notImplemented(`firehose:${operation} with a processor of type ${processor.Type}`);
    delimiter = written(delimiterParameter(processor));
  }
  return delimiter;
}

function delimiterParameter({ Parameters = [] }: Processor): string {
  return Parameters.find(({ ParameterName }) => ParameterName === 'Delimiter')?.ParameterValue ?? '\\n';
}

/** A delimiter is given with backslashes, as in JSON. */
function written(text: string): string {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
  return text.replaceAll(/\\([nrt\\])/g, (_, letter: string) => escapes[letter]!);
}

/** The configuration from which a destination came, to lay an update over it. */
export function configurationOf(destination: Destination): Configuration {
  const { errorOutputPrefix, keyArn, fileExtension, timeZone, processing, partitioning, conversion } = destination;
  return {
    ...{ RoleARN: destination.roleArn, BucketARN: destination.bucketArn, Prefix: destination.prefix },
    ...(errorOutputPrefix !== undefined && { ErrorOutputPrefix: errorOutputPrefix }),
    BufferingHints: { SizeInMBs: destination.bufferMebibytes, IntervalInSeconds: destination.bufferSeconds },
    CompressionFormat: destination.compression,
    ...(keyArn !== undefined && { EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN: keyArn } } }),
    ...(fileExtension !== undefined && { FileExtension: fileExtension }),
    ...(timeZone !== undefined && { CustomTimeZone: timeZone }),
    ...(partitioning && {
      DynamicPartitioningConfiguration: {
        Enabled: true,
        ...(partitioning.retrySeconds !== undefined && { RetryOptions: { DurationInSeconds: partitioning.retrySeconds } }),
      },
    }),
    ...(conversion && { DataFormatConversionConfiguration: JSON.parse(conversion.given) as DataFormatConversionConfiguration }),
    ...(processing !== undefined && {
      ProcessingConfiguration: JSON.parse(processing) as NonNullable<Configuration['ProcessingConfiguration']>,
    }),
  };
}

/** AWS shows an extended destination in both forms. */
export function describedDestination(destination: Destination) {
  const {
    FileExtension,
    CustomTimeZone,
    ProcessingConfiguration,
    DynamicPartitioningConfiguration,
    DataFormatConversionConfiguration,
    ...plain
  } = configurationOf(destination);
  const S3DestinationDescription = {
    ...plain,
    RoleARN: destination.roleArn,
    BucketARN: destination.bucketArn,
    BufferingHints: { SizeInMBs: destination.bufferMebibytes, IntervalInSeconds: destination.bufferSeconds },
    CompressionFormat: destination.compression,
    EncryptionConfiguration: plain.EncryptionConfiguration ?? { NoEncryptionConfig: 'NoEncryption' as const },
    CloudWatchLoggingOptions: { Enabled: false },
  };
  if (!destination.extended) return { S3DestinationDescription };
  return {
    S3DestinationDescription,
    ExtendedS3DestinationDescription: {
      ...S3DestinationDescription,
      ProcessingConfiguration: ProcessingConfiguration ?? { Enabled: false, Processors: [] },
      S3BackupMode: 'Disabled' as const,
      ...(FileExtension !== undefined && { FileExtension }),
      ...(CustomTimeZone !== undefined && { CustomTimeZone }),
      ...(DynamicPartitioningConfiguration && { DynamicPartitioningConfiguration }),
      ...(DataFormatConversionConfiguration && { DataFormatConversionConfiguration }),
    },
  };
}
