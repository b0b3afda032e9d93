/** Quotas and spans of Systems Manager. */

/** How long a token opens the channel of a session that was started. */
export const tokenMilliseconds = 10 * 60_000;
/** Sessions that are over are forgotten after this. */
export const sessionMilliseconds = 30 * 86_400_000;
/** Terminals that one cloud holds open at once. */
export const channelsMax = 50;
/** Connections that one session carries at once, and bytes of them that may wait for the instance. */
export const streamsMax = 256;
export const heldBytesMax = 4 * 1024 * 1024;
/** What a client may ask of a terminal's size, in characters. */
export const terminalSideMax = 1_000;
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
export const parametersPerPageMax = 10;
/** Of DescribeParameters and GetParameterHistory. */
export const describedPerPageMax = 50;
/** Rows that one page of a filtered list looks at: a page may be shorter than asked for, and even empty, as on AWS. */
export const rowsPerPageMax = 2_000;

/** https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm: parameters of an account in a region. */
export const parametersMax = { Standard: 10_000, Advanced: 100_000 } as const;
export const valueBytesMax = { Standard: 4096, Advanced: 8192 } as const;
export const versionsMax = 100;
export const labelsPerVersionMax = 10;
export const labelCharactersMax = 100;
export const hierarchyLevelsMax = 15;
/** Of the whole ARN: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
export const arnCharactersMax = 1011;
export const descriptionCharactersMax = 1024;
export const allowedPatternCharactersMax = 1024;
export const policiesMax = 10;
export const policiesCharactersMax = 4096;
