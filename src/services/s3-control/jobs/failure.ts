/** What ends a whole job, as DescribeJob tells it among the reasons of the failure. */

export class JobFailure extends Error {
  override name = 'JobFailure';
  readonly code: string;

  constructor(code: string, reason: string, options?: ErrorOptions) {
    super(reason.slice(0, 256), options);
    this.code = code;
  }
}
