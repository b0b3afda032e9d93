/** Conditional requests: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */

import { AwsError } from '../../../framework/aws-error.ts';
import { conditionalConflict, noSuchKey, notModified, preconditionFailed } from '../errors.ts';
import type { ObjectRecord } from '../tables.ts';
import { quoted, unquoted } from './object.ts';

export type ReadConditions = {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
};

type Verdict = 'holds' | 'fails: match' | 'fails: none-match';

/** Throws PreconditionFailed or NotModified unless a GET or HEAD may go on. An ETag condition outweighs the date beside it. */
export function checkReadConditions(object: ObjectRecord, given: ReadConditions, now: number): void {
  const verdict = judge(object, given, now);
  if (verdict === 'fails: match') throw preconditionFailed(given.IfMatch === undefined ? 'If-Unmodified-Since' : 'If-Match');
  if (verdict === 'fails: none-match')
    throw notModified({ etag: quoted(object.etag), 'last-modified': new Date(object.modified).toUTCString() });
}

type CopyConditions = {
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
};

/** The same for the source of a copy, which is never "not modified" but always PreconditionFailed. */
export function checkCopyConditions(source: ObjectRecord, given: CopyConditions, now: number): void {
  const verdict = judge(
    source,
    {
      IfMatch: given.CopySourceIfMatch,
      IfNoneMatch: given.CopySourceIfNoneMatch,
      IfModifiedSince: given.CopySourceIfModifiedSince,
      IfUnmodifiedSince: given.CopySourceIfUnmodifiedSince,
    },
    now,
  );
  if (verdict === 'fails: match')
    throw preconditionFailed(
      given.CopySourceIfMatch === undefined ? 'x-amz-copy-source-If-Unmodified-Since' : 'x-amz-copy-source-If-Match',
    );
  if (verdict === 'fails: none-match')
    throw preconditionFailed(
      given.CopySourceIfNoneMatch === undefined ? 'x-amz-copy-source-If-Modified-Since' : 'x-amz-copy-source-If-None-Match',
    );
}

function judge(object: ObjectRecord, given: ReadConditions, now: number): Verdict {
  // HTTP dates have whole seconds.
  const modified = Math.floor(object.modified / 1000) * 1000;
  if (given.IfMatch !== undefined) {
    if (!matches(given.IfMatch, object)) return 'fails: match';
  } else if (given.IfUnmodifiedSince && modified > given.IfUnmodifiedSince.getTime()) return 'fails: match';
  if (given.IfNoneMatch !== undefined) {
    if (matches(given.IfNoneMatch, object)) return 'fails: none-match';
  } else if (given.IfModifiedSince) {
    const since = given.IfModifiedSince.getTime();
    // A time to come is no condition: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.3
    if (modified <= since && since <= now) return 'fails: none-match';
  }
  return 'holds';
}

export type WriteConditions = { IfMatch?: string | undefined; IfNoneMatch?: string | undefined };

/** Throws unless a write may replace what stands under the key. To be called inside the write's transaction. */
export function checkWriteConditions(key: string, old: ObjectRecord | undefined, given: WriteConditions): void {
  const { IfMatch, IfNoneMatch } = given;
  if (IfMatch !== undefined && IfNoneMatch !== undefined)
    throw notTaken('If-Match,If-None-Match', 'Multiple conditional request headers present in the request');
  if (IfMatch?.trim() === '*') throw valueNotTaken('If-Match');
  if (IfNoneMatch !== undefined && IfNoneMatch.trim() !== '*') throw valueNotTaken('If-None-Match');
  checkDeleteCondition(key, old, IfMatch);
  if (IfNoneMatch !== undefined && old) throw preconditionFailed('If-None-Match');
}

/**
 * What was begun before the object came that it is to replace is told to begin again:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkNotOvertaken(key: string, old: ObjectRecord | undefined, begun: number, { IfMatch }: WriteConditions): void {
  if (IfMatch !== undefined && old && old.modified > begun) throw conditionalConflict(key, 'If-Match');
}

/** Throws unless the object is the one that a delete asks for; `*` is any. */
export function checkDeleteCondition(key: string, old: ObjectRecord | undefined, IfMatch: string | undefined): void {
  if (IfMatch === undefined) return;
  if (!old) throw noSuchKey(key);
  if (!matches(IfMatch, old)) throw preconditionFailed('If-Match');
}

function valueNotTaken(header: string): AwsError {
  return notTaken(header, `We don't accept the provided value of ${header} header for this API`);
}

function notTaken(header: string, additionalMessage: string): AwsError {
  return new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', {
    status: 501,
    fields: { Header: header, additionalMessage },
  });
}

function matches(header: string, object: ObjectRecord): boolean {
  return header.split(',').some((etag) => etag.trim() === '*' || unquoted(etag) === object.etag);
}
