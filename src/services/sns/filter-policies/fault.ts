/** What is wrong with a filter policy, in AWS's words. */

export class FilterFault extends Error {
  override name = 'FilterFault';
  /** True where the policy does not fit its scope, which AWS says without naming the policy. */
  readonly ofScope: boolean;

  constructor(message: string, ofScope = false) {
    super(message);
    this.ofScope = ofScope;
  }
}
