/** IAM tells time in whole seconds. */

export function dateOf(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
