/** DynamoDB's quotas and defaults, units last: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */

export const requestBytesMax = 16 * 1024 * 1024;
export const itemBytesMax = 400 * 1024;
export const partitionKeyBytesMax = 2048;
export const sortKeyBytesMax = 1024;
/** Characters of a name that stands in a key schema. */
export const keyNameLengthMax = 255;
/** A page of Query or Scan ends with the item that reaches it. */
export const pageBytesMax = 1024 * 1024;

export const localIndexesMax = 5;
export const globalIndexesMax = 20;
/** The SDK's model tells none of these; AWS's table of quotas does. */
export const vectorIndexesMax = 20;
export const vectorDimensionsMax = 8_192;
export const inlineFiltersMax = 20;
export const searchedVectorsMax = 1_000;
/** Of what SearchVectors answers: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearch.Requirements.html */
export const searchBytesMax = 16 * 1024 * 1024;
export const projectedAttributesMax = 100;
/** Attributes of a global index's partition key, and as many of its sort key. */
export const keyAttributesMax = 4;
export const throughputUnitsMax = 1_000_000_000_000;
export const tablesListedMax = 100;
export const policyBytesMax = 20 * 1024;
export const tagsPerTableMax = 50;

export const batchGetKeysMax = 100;
export const batchWriteRequestsMax = 25;
export const batchBytesMax = 16 * 1024 * 1024;
export const transactionActionsMax = 100;
export const transactionBytesMax = 4 * 1024 * 1024;
/** A client request token is remembered for so long. */
export const requestTokenMilliseconds = 600_000;

/** So long a new table is CREATING where nobody describes it. */
export const transitionMilliseconds = 300;

/** For so long KMS is not asked again about a table's key, as on AWS. */
export const keyReuseMilliseconds = 300_000;
/** Where KMS could not be asked it is asked again so soon. */
export const kmsRetryMilliseconds = 5_000;
/** A table's data key outlives it by this: its stream can be read for a day. */
export const keyWithoutTableMilliseconds = 25 * 3_600_000;

/** Unused throughput is kept for so long. */
export const burstSeconds = 300;

/** What an account may provision in a region, as DescribeLimits tells it. */
export const accountThroughputUnitsMax = 80_000;
export const tableThroughputUnitsMax = 40_000;

/** What a table on demand takes from its first moment, units a second. */
export const onDemandInitialReads = 12_000;
export const onDemandInitialWrites = 4_000;
