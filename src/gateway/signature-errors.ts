/** How AWS refuses a signature: one factory for each refusal, in the words of each family of services. */

import { AwsError } from '../framework/aws-error.ts';
import type { ErrorFamily } from './call.ts';
import type { Claim, ClaimResult } from './signatures/claim.ts';
import type { Verification } from './signatures/sigv4.ts';

/** Codes by family; a status of 400 is what the JSON protocols answer where others say 403. */
function refusal(
  family: ErrorFamily,
  codes: { s3?: string; query: string; json: string },
  message: string,
  options: { status?: number; fields?: Record<string, unknown> } = {},
): AwsError {
  const code = family === 's3' ? (codes.s3 ?? codes.query) : family === 'json' || family === 'rest' ? codes.json : codes.query;
  return new AwsError(code, message, {
    status: options.status ?? (family === 'json' ? 400 : 403),
    ...(options.fields && { fields: options.fields }),
  });
}

const ec2AuthFailure = (): AwsError =>
  new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', { status: 401 });

export function unknownKey(family: ErrorFamily, accessKeyId: string): AwsError {
  if (family === 's3')
    return new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
      status: 403,
      fields: { AWSAccessKeyId: accessKeyId },
    });
  if (family === 'ec2') return ec2AuthFailure();
  return refusal(
    family,
    { query: 'InvalidClientTokenId', json: 'UnrecognizedClientException' },
    'The security token included in the request is invalid.',
  );
}

/** Haneul's own: the key that everybody knows is not for pages of the web. */
export function testKeyOfWebPage(family: ErrorFamily): AwsError {
  return refusal(
    family,
    { query: 'AccessDenied', json: 'AccessDeniedException' },
    'The test key is taken from programs and from pages of this machine (localhost), not from pages of other origins. Sign with an access key of IAM.',
  );
}

export function badToken(family: ErrorFamily, accessKeyId: string, token: string): AwsError {
  if (family === 's3')
    return new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.', {
      status: 400,
      fields: { 'Token-0': token },
    });
  return unknownKey(family, accessKeyId);
}

export function expiredToken(family: ErrorFamily, token: string | undefined): AwsError {
  if (family === 's3')
    return new AwsError('ExpiredToken', 'The provided token has expired.', {
      status: 400,
      fields: token === undefined ? {} : { 'Token-0': token },
    });
  if (family === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', { status: 400 });
  return refusal(family, { query: 'ExpiredToken', json: 'ExpiredTokenException' }, 'The security token included in the request is expired');
}

export function wrongSignature(family: ErrorFamily, accessKeyId: string, signature: string, verification: Verification): AwsError {
  if (family === 'ec2') return ec2AuthFailure();
  if (family !== 's3') {
    return refusal(
      family,
      { query: 'SignatureDoesNotMatch', json: 'InvalidSignatureException' },
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  const { canonicalRequest, stringToSign } = verification;
  return new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      status: 403,
      fields: {
        AWSAccessKeyId: accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: signature,
        StringToSignBytes: hexBytes(stringToSign),
        ...(canonicalRequest && { CanonicalRequest: canonicalRequest, CanonicalRequestBytes: hexBytes(canonicalRequest) }),
      },
    },
  );
}

function hexBytes(text: string): string {
  return Buffer.from(text, 'latin1')
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');
}

export function missingSignature(family: ErrorFamily): AwsError {
  if (family === 's3') return new AwsError('AccessDenied', 'Access Denied', { status: 403 });
  if (family === 'ec2') return new AwsError('MissingParameter', 'The request must contain the parameter AWSAccessKeyId', { status: 400 });
  if (family === 'query') return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
  return refusal(
    family,
    { query: 'MissingAuthenticationToken', json: 'MissingAuthenticationTokenException' },
    'Missing Authentication Token',
  );
}

/** A claim that is there but cannot be read. */
export function malformedClaim(
  family: ErrorFamily,
  result: Exclude<ClaimResult, { claim: unknown } | undefined>,
  authorization: string | undefined,
): AwsError {
  if (family !== 's3') return incompleteSignature(family, result, authorization);
  switch (result.malformed) {
    case 'twice':
      return s3InvalidArgument(
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
        'Authorization',
        authorization,
      );
    case 'scheme':
      if (authorization?.startsWith('AWS '))
        return new AwsError(
          'InvalidRequest',
          'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
          { status: 400 },
        );
      return s3InvalidArgument('Unsupported Authorization Type', 'Authorization', authorization);
    case 'query':
      return queryParametersError(
        result.missing.length === 0
          ? 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"'
          : 'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      );
    case 'credential':
      return authorization === undefined
        ? queryParametersError(
            'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
          )
        : headerMalformed('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
    default:
      return headerMalformed(`the authorization header requires three components: Credential, SignedHeaders, and Signature.`);
  }
}

function incompleteSignature(
  family: ErrorFamily,
  result: Exclude<ClaimResult, { claim: unknown } | undefined>,
  authorization: string | undefined,
): AwsError {
  const where = authorization === undefined ? 'AWS query-string parameters must include' : 'Authorization header requires';
  const sentences = result.missing.map((name) =>
    result.malformed === 'credential'
      ? `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${name}'.`
      : `${where} '${name}'${authorization === undefined ? '.' : ' parameter.'}`,
  );
  // Only the scheme is repeated: the rest of the header is of no use to the caller and has no place in a log.
  if (authorization !== undefined) sentences.push(`Authorization=${authorization.split(' ', 1)[0]!.slice(0, 64)}`);
  if (family === 'ec2') return ec2AuthFailure();
  return refusal(family, { query: 'IncompleteSignature', json: 'IncompleteSignatureException' }, sentences.join(' '), {
    status: family === 'rest' ? 403 : 400,
  });
}

function s3InvalidArgument(message: string, name: string, value: string | undefined): AwsError {
  return new AwsError('InvalidArgument', message, {
    status: 400,
    fields: { ArgumentName: name, ...(value !== undefined && { ArgumentValue: value.split(' ', 1)[0]!.slice(0, 64) }) },
  });
}

export function queryParametersError(message: string): AwsError {
  return new AwsError('AuthorizationQueryParametersError', message, { status: 400 });
}

export function headerMalformed(what: string): AwsError {
  return new AwsError('AuthorizationHeaderMalformed', `The authorization header is malformed; ${what}`, { status: 400 });
}

/** A credential scope that does not fit the request. */
export function wrongScope(family: ErrorFamily, presigned: boolean, message: string): AwsError {
  if (family === 'ec2') return ec2AuthFailure();
  if (family === 's3')
    return presigned ? queryParametersError(`Error parsing the X-Amz-Credential parameter; ${message}`) : headerMalformed(message);
  return refusal(family, { query: 'SignatureDoesNotMatch', json: 'InvalidSignatureException' }, message);
}

/** A scope for a region in which the endpoint is not. S3 tells the right one in words and in an element, by which clients try again. */
export function wrongRegion(family: ErrorFamily, { presigned, region, regionSet }: Claim, expected: string): AwsError {
  const given = (region || (regionSet ?? '')).slice(0, 64);
  if (family !== 's3') return wrongScope(family, presigned, `Credential should be scoped to a valid region, not '${given}'.`);
  const { code, message, status } = wrongScope(family, presigned, `the region '${given}' is wrong; expecting '${expected}'`);
  return new AwsError(code, message, { status: status!, fields: { Region: expected } });
}

export function noDate(family: ErrorFamily): AwsError {
  if (family === 's3')
    return new AwsError('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header', { status: 403 });
  if (family === 'ec2') return ec2AuthFailure();
  return refusal(
    family,
    { query: 'IncompleteSignature', json: 'IncompleteSignatureException' },
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    { status: family === 'rest' ? 403 : 400 },
  );
}

/** The signature is older or newer than fifteen minutes. */
export function skewed(family: ErrorFamily, signedAt: number, now: number, millisecondsMax: number): AwsError {
  if (family === 's3') {
    return new AwsError('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', {
      status: 403,
      fields: { RequestTime: basicTime(signedAt), ServerTime: isoSeconds(now), MaxAllowedSkewMilliseconds: String(millisecondsMax) },
    });
  }
  if (family === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', { status: 400 });
  const minutes = millisecondsMax / 60_000;
  const message =
    signedAt < now
      ? `Signature expired: ${basicTime(signedAt)} is now earlier than ${basicTime(now - millisecondsMax)} (${basicTime(now)} - ${minutes} min.)`
      : `Signature not yet current: ${basicTime(signedAt)} is still later than ${basicTime(now + millisecondsMax)} (${basicTime(now)} + ${minutes} min.)`;
  return refusal(family, { query: 'SignatureDoesNotMatch', json: 'InvalidSignatureException' }, message);
}

/** A presigned URL past its time. */
export function urlExpired(family: ErrorFamily, expiresAt: number, now: number, expires: string | undefined): AwsError {
  if (family === 's3') {
    return new AwsError('AccessDenied', 'Request has expired', {
      status: 403,
      fields: { ...(expires !== undefined && { 'X-Amz-Expires': expires }), Expires: isoSeconds(expiresAt), ServerTime: isoSeconds(now) },
    });
  }
  if (family === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', { status: 400 });
  return refusal(
    family,
    { query: 'SignatureDoesNotMatch', json: 'InvalidSignatureException' },
    `Signature expired: ${basicTime(expiresAt)} is now earlier than ${basicTime(now)}`,
  );
}

export function urlNotYetValid(): AwsError {
  return new AwsError('AccessDenied', 'Request is not valid yet', { status: 403 });
}

export function headersNotSigned(names: readonly string[]): AwsError {
  return new AwsError('AccessDenied', 'There were headers present in the request which were not signed', {
    status: 403,
    fields: { HeadersNotSigned: names.join(', ') },
  });
}

export function hostNotSigned(family: ErrorFamily, presigned: boolean): AwsError {
  if (family === 's3') return presigned ? queryParametersError('X-Amz-SignedHeaders must include "host".') : headersNotSigned(['host']);
  if (family === 'ec2') return ec2AuthFailure();
  return refusal(
    family,
    { query: 'SignatureDoesNotMatch', json: 'InvalidSignatureException' },
    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  );
}

export function missingPayloadHash(): AwsError {
  return new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256', { status: 400 });
}

export function invalidPayloadHash(value: string): AwsError {
  return new AwsError(
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    {
      status: 400,
      fields: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: value.slice(0, 128) },
    },
  );
}

export function payloadMismatch(declared: string, computed: string): AwsError {
  return new AwsError('XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.", {
    status: 400,
    fields: { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed },
  });
}

/** `20261120T231500Z` */
export function basicTime(milliseconds: number): string {
  return isoSeconds(milliseconds).replaceAll(/[-:]/g, '');
}

/** `2026-11-20T23:15:00Z` */
export function isoSeconds(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1_000);
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1_000).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** Most of the times that are told are of this very second. */
let lastSecond = NaN;
let lastText = '';
