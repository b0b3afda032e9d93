/** Quotas and defaults of CloudWatch Logs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */

export const batchEventsMax = 10_000;
export const batchBytesMax = 1_048_576;
/** What each event counts beyond its text. */
export const eventOverheadBytes = 26;
export const batchSpanMilliseconds = 86_400_000;
export const futureMilliseconds = 2 * 3_600_000;
export const pastMilliseconds = 14 * 86_400_000;
export const listedMax = 50;
export const eventsMax = 10_000;
export const answerBytesMax = 1_048_576;
/** Longer messages lie in blobs. */
export const inlineCharactersMax = 700;
export const retentionDays: ReadonlySet<number> = new Set([
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
]);
