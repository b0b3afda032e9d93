/** Quotas and spans of Systems Manager. */

/** How long a token opens the channel of a session that was started. */
export const tokenMilliseconds = 10 * 60_000;
/** Sessions that are over are forgotten after this. */
export const sessionMilliseconds = 30 * 86_400_000;
/** Terminals that one cloud holds open at once. */
export const channelsMax = 50;
/** What a client may ask of a terminal's size, in characters. */
export const terminalSideMax = 1_000;
/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
export const parametersPerPageMax = 10;
