/** Dynamic partitioning: which processors it needs, and what it refuses: https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning.html */

import type { ExtendedS3DestinationConfiguration, Processor } from '@aws-sdk/client-firehose';
import { notImplemented } from '../../../framework/aws-error.ts';
import { invalidArgument } from '../errors.ts';
import type { Partitioning } from '../tables.ts';
import { compileQuery } from './metadata-query.ts';
import { partitionKeysOf } from './prefix.ts';

const bufferMebibytesMin = 64;
const retrySecondsMax = 7_200;

/** Undefined where it is off. Throws InvalidArgumentException, and NotImplemented for queries beyond paths. */
export function readPartitioning(operation: string, given: ExtendedS3DestinationConfiguration): Partitioning | undefined {
  const configuration = given.DynamicPartitioningConfiguration;
  const keys = partitionKeysOf(given.Prefix ?? '');
  if (!configuration?.Enabled) {
    if (keys.length > 0) throw invalidArgument('Prefix cannot contain partitionKeyFromQuery when dynamic partitioning is not enabled.');
    return undefined;
  }
  const processors = (given.ProcessingConfiguration?.Enabled && given.ProcessingConfiguration.Processors) || [];
  const query = parameterOf(processors, 'MetadataExtraction', 'MetadataExtractionQuery');
  if (query === undefined)
    throw invalidArgument('Processing Configuration with MetadataExtraction is required when dynamic partitioning is enabled.');
  if (keys.length === 0)
    throw invalidArgument('S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled');
  const mebibytes = given.BufferingHints?.SizeInMBs;
  if (mebibytes !== undefined && mebibytes < bufferMebibytesMin)
    throw invalidArgument(`BufferingHints.SizeInMBs must be at least ${bufferMebibytesMin} MiB when Dynamic Partitioning is enabled.`);
  const seconds = configuration.RetryOptions?.DurationInSeconds;
  if (seconds !== undefined && (seconds < 0 || seconds > retrySecondsMax))
    throw invalidArgument(`RetryOptions.DurationInSeconds must be between 0 and ${retrySecondsMax}.`);
  const compiled = compileQuery(query);
  if (!compiled) throw notImplemented(`firehose:${operation} with the MetadataExtractionQuery ${query}`);
  const unknown = keys.find((key) => !compiled.names.includes(key));
  if (unknown !== undefined)
    throw invalidArgument(`Prefix names the partition key ${unknown}, which MetadataExtractionQuery does not give.`);
  const subrecords = subrecordsOf(processors);
  return { query, ...(seconds !== undefined && { retrySeconds: seconds }), ...(subrecords && { subrecords }) };
}

export const partitionedMebibytesDefault = bufferMebibytesMin;

function subrecordsOf(processors: readonly Processor[]): Partitioning['subrecords'] {
  const type = parameterOf(processors, 'RecordDeAggregation', 'SubRecordType');
  if (type === undefined || type === 'JSON') return type;
  const delimiter = parameterOf(processors, 'RecordDeAggregation', 'Delimiter');
  if (type !== 'DELIMITED' || delimiter === undefined)
    throw invalidArgument('RecordDeAggregation needs SubRecordType JSON, or DELIMITED with a Delimiter.');
  return { delimiter: Buffer.from(delimiter, 'base64').toString() };
}

function parameterOf(processors: readonly Processor[], type: string, name: string): string | undefined {
  const processor = processors.find((one) => one.Type === type);
  return processor?.Parameters?.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;
}
