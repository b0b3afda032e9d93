/** Kinesis's quotas and defaults: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */

const KiB = 1024;
const MiB = 1024 * KiB;
const hourMilliseconds = 3_600_000;

/** Open shards of provisioned streams in one account and region. */
export function shardsPerAccountMax(region: string): number {
  return region === 'us-east-1' || region === 'us-west-2' || region === 'eu-west-1' ? 20_000 : 6_000;
}

export const onDemandStreamsMax = 50;
export const onDemandShardsDefault = 4;
export const warmMebibytesMax = 10 * 1024;
export const commitmentMilliseconds = 24 * hourMilliseconds;
/** More shards than this are not made or reached in one step of UpdateShardCount. */
export const targetShardsMax = 10_000;
export const shardCountChangesPerDayMax = 10;
export const consumersPerStreamMax = 20;

export const recordsPerCallMax = 500;
export const callBytesMax = 10 * MiB;
export const recordKibibytesDefault = 1024;
export const recordKibibytesMax = 10 * 1024;

export const readRecordsMax = 10_000;
export const readBytesMax = 10 * MiB;

/** What one shard takes in and gives out in a second. */
export const shardBytesInMax = MiB;
export const shardRecordsInMax = 1_000;
export const shardBytesOutMax = 2 * MiB;
export const shardReadsMax = 5;

export const iteratorMilliseconds = 300_000;
export const tokenMilliseconds = 300_000;
export const subscriptionMilliseconds = 300_000;
export const resubscribeMilliseconds = 5_000;

export const retentionHoursMin = 24;
export const retentionHoursMax = 8_760;
export const retentionMilliseconds = (hours: number): number => hours * hourMilliseconds;

/** For so long KMS is not asked again about a caller, as on AWS. */
export const dataKeyReuseMilliseconds = 300_000;
/** A data key gets a successor after this. */
export const dataKeyServesMilliseconds = 24 * hourMilliseconds;
/** So seldom is it written down that a data key is still in use. */
export const dataKeyKeptAnewMilliseconds = hourMilliseconds;

/** https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-key-template.html */
export const channelFreshnessSecondsDefault = 300;
export const channelFreshnessSecondsMin = 300;
export const channelFreshnessSecondsMax = 900;

export const listedStreamsDefault = 100;
export const describedShardsDefault = 100;
export const listedShardsDefault = 1_000;
export const listedConsumersDefault = 100;
export const tagsPerStreamMax = 50;
export const policyBytesMax = 20 * KiB;
