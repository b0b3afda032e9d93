/** AWS Budgets' quotas: https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html */

export const budgetsMax = 20_000;
export const notificationsPerBudgetMax = 10;
/** One topic and ten addresses. */
export const topicsPerNotificationMax = 1;
export const addressesPerNotificationMax = 10;
export const nameCharactersMax = 100;
export const pageMax = 1_000;
