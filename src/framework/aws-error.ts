/** The one error that an operation may answer a caller with. */

/**
 * An error that AWS documents for an operation. The wire form (status, code, fields) comes from the service's schema where it
 * models the error, else from the options given here.
 */
export class AwsError extends Error {
  override name = 'AwsError';
  /** The code as AWS words it, for example `NoSuchBucket` or `ResourceNotFoundException`. */
  readonly code: string;
  /** HTTP status; when absent the schema's `httpError` decides, and 400 where the schema is silent. */
  readonly status: number | undefined;
  /** Its code in the query protocols and in `x-amzn-query-error`, where it differs and no schema says so (SQS: InvalidParameterValue). */
  readonly queryCode: string | undefined;
  /** Members of the error shape besides the message, for example `{ BucketName }`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Response headers that go with the error, for example `x-amz-bucket-region`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.queryCode = options.queryCode;
    this.fields = options.fields ?? {};
    this.headers = options.headers ?? {};
  }
}

export type AwsErrorOptions = {
  status?: number;
  queryCode?: string;
  fields?: Record<string, unknown>;
  headers?: Record<string, string>;
  cause?: unknown;
};

/** What an operation, a parameter or a value that is not built answers: HTTP 501, naming itself. Never a silent success. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `Haneul has not built ${what} yet.`, { status: 501 });
}
