/** What is wrong with a filter policy, in AWS's words. */

export class FilterFault extends Error {
  override name = 'FilterFault';
}
