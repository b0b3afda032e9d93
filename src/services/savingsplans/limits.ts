/** Quotas and spans of Savings Plans: https://docs.aws.amazon.com/savingsplans/latest/userguide/return-sp.html */

/** Dollars an hour. */
export const commitmentMin = 0.001;
export const commitmentMax = 1_000_000;
/** Plans of an account that are active or queued. */
export const plansMax = 1_000;
export const queueYearsMax = 3;
/** A plan may be given back for seven days, in the month of its purchase, up to this commitment. */
export const returnMilliseconds = 7 * 86_400_000;
export const returnedCommitmentMax = 100;
/** Shares of the whole value that may be paid at once, of a partial payment. */
export const partialShare = { min: 0.5, max: 0.99 } as const;
export const perPageMax = 1_000;
