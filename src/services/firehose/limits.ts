/** Firehose's quotas and defaults: https://docs.aws.amazon.com/firehose/latest/dev/limits.html */

const KiB = 1024;
const MiB = 1024 * KiB;

export const streamsPerRegionMax = 5_000;
export const recordBytesMax = 1_024_000;
export const recordsPerCallMax = 500;
export const callBytesMax = 4 * MiB;
export const bufferMebibytesDefault = 5;
export const bufferMebibytesMax = 128;
/** Where records are converted. */
export const convertedMebibytesMin = 64;
export const convertedMebibytesDefault = 128;
export const bufferSecondsDefault = 300;
export const bufferSecondsMax = 900;
export const prefixCharactersMax = 1_024;
/** Once its expressions are evaluated. */
export const evaluatedPrefixCharactersMax = 512;
export const listedStreamsDefault = 10;
export const tagsPerStreamMax = 50;
/** What could not be delivered for so long is given up. */
export const retentionMilliseconds = 24 * 3_600_000;
export const retryMillisecondsMin = 5_000;
export const retryMillisecondsMax = 300_000;
/** Ingested data is billed in steps of so many bytes a record. */
export const billedRecordBytes = 5 * KiB;
export const mebibytes = (count: number): number => count * MiB;

/** What one stream takes in a second from those who put: the three large regions have more. */
export function putQuota(region: string): { records: number; calls: number; bytes: number } {
  return region === 'us-east-1' || region === 'us-west-2' || region === 'eu-west-1'
    ? { records: 500_000, calls: 2_000, bytes: 5 * MiB }
    : { records: 100_000, calls: 1_000, bytes: MiB };
}
