/** S3's quotas and defaults: https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html and …/qfacts.html */

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Since November 2024; it was 100 before: https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html */
export const bucketsPerAccountMax = 10_000;
export const bucketNameLengthMin = 3;
export const bucketNameLengthMax = 63;
export const bucketTagsMax = 50;
export const aclGrantsMax = 100;

export const identifiedConfigurationsMax = 1_000;
export const listedConfigurationsMax = 100;
export const notificationsMax = 100;
export const routingRulesMax = 50;
export const redirectLocationBytesMax = 2 * KiB;
export const corsRulesMax = 100;

export const keyBytesMax = 1024;
export const objectTagsMax = 10;
export const tagKeyLengthMax = 128;
export const tagValueLengthMax = 256;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html#annotations-limits */
export const annotationsMax = 1000;
export const annotationNameBytesMax = 512;
export const annotationBytesMax = MiB;
export const userMetadataBytesMax = 2 * KiB;
export const putBytesMax = 5 * GiB;
export const copySourceBytesMax = 5 * GiB;
export const deletedKeysMax = 1000;

export const partNumberMax = 10_000;
export const partBytesMin = 5 * MiB;
export const partBytesMax = 5 * GiB;
/** 48.8 TiB, which AWS calls 50 TB, since December 2025: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const objectBytesMax = partNumberMax * partBytesMax;

export const lifecycleRulesMax = 1000;
export const lifecycleRuleIdLengthMax = 255;
export const lifecycleSizeBytesMax = 1_099_511_627_776_000;

export const replicationRulesMax = 1000;
export const replicationRuleIdLengthMax = 255;

export const tieringConfigurationsMax = 1000;

export const retentionDaysMax = 36_500;
export const retentionYearsMax = 100;

export const listedKeysMax = 1000;
export const listedBucketsMax = 10_000;

/** Objects up to this size are answered from memory in one piece; larger ones are streamed. */
export const wholeReadBytesMax = 64 * KiB;

export const hourMilliseconds = 3_600_000;
export const dayMilliseconds = 24 * hourMilliseconds;
