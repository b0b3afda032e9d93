/** Quotas and defaults of SNS: https://docs.aws.amazon.com/general/latest/gr/sns.html */

export const messageBytesMax = 262_144;
export const subjectCharactersMax = 100;
export const batchEntriesMax = 10;
export const pageRows = 100;
export const fifoSubscriptionsMax = 100;
export const filterPoliciesMax = 10_000;
export const displayNameCharactersMax = 100;
export const policyBytesMax = 30_720;
export const tokenMilliseconds = 3 * 86_400_000;
export const dataKeyMilliseconds = 5 * 60_000;
export const archiveDaysMax = 365;
/** Of a FIFO topic, and of one of its message groups: https://docs.aws.amazon.com/general/latest/gr/sns.html#limits_sns */
export const fifoMessagesPerSecond = 3_000;
export const fifoGroupMessagesPerSecond = 300;
export const deduplicationMilliseconds = 300_000;
/** A raw message that carries more cannot enter a queue. */
export const rawAttributesMax = 10;
/** Contents up to so many characters lie in the record, longer ones in a blob. */
export const inlineCharactersMax = 700;
/** SMS messages of up to 1600 characters are taken. */
export const smsCharactersMax = 1_600;
/** Letters in the mailbox are kept for thirty days. */
export const mailboxMilliseconds = 30 * 86_400_000;
export const entryIdCharactersMax = 80;
