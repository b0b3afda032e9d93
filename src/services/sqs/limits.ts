/** SQS's quotas and defaults: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html */

const KiB = 1024;

export const kmsReuseSecondsDefault = 300;
export const queueNameLengthMax = 80;
export const queueTagsMax = 50;
export const policyBytesMax = 8 * KiB;
export const policyStatementsMax = 20;
export const listedQueuesMax = 1000;

export const messageBytesMax = 1024 * KiB;
export const messageAttributesMax = 10;
export const batchEntriesMax = 10;
export const batchEntryIdLengthMax = 80;
export const receivedMessagesMax = 10;
export const waitSecondsMax = 20;
export const visibilitySecondsMax = 43_200;
export const delaySecondsMax = 900;

/** Of standard and FIFO queues alike since November 2024: …/SQSDeveloperGuide/quotas-fifo.html */
export const inFlightMax = 120_000;

/** Of each action on a FIFO queue; in high-throughput mode, of sending to each message group: …/SQSDeveloperGuide/quotas-messages.html */
export const fifoCallsPerSecond = 300;

export const deduplicationMilliseconds = 300_000;
export const receiveAttemptMilliseconds = 300_000;
export const purgeIntervalMilliseconds = 60_000;
/** No call takes as long between reading its queue and writing to it. */
export const lateWriteMilliseconds = 60_000;
export const recreationMilliseconds = 60_000;

/** Messages up to this size lie in their record, larger ones in a blob: the store likes values below 900 bytes. */
export const inlineBytesMax = 512;
/** The larger ones of a call share a blob up to this size: whole, it is still kept in memory between its receives. */
export const bundleBytesMax = 16 * KiB;

export const movedMessagesPerSecondMax = 500;
export const listedMoveTasksMax = 10;

/** So seldom is it written down that messages under a data key still move. */
export const keyMovedAnewMilliseconds = 3_600_000;
/** A data key outlives its last message's coming by the longest retention, and by what may have gone unwritten. */
export const keyOutlivesMilliseconds = 1_209_600_000 + 2 * keyMovedAnewMilliseconds;
