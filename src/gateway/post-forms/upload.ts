/** A browser's upload becomes a PutObject, signed in the form's fields: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */

import type { Readable } from 'node:stream';
import { AwsError } from '../../framework/aws-error.ts';
import type { HttpResponse } from '../../framework/http-message.ts';
import { escapeXml } from '../../protocols/xml-writer.ts';
import type { Call } from '../call.ts';
import { basicScope, type Claim } from '../signatures/claim.ts';
import { missingField } from './errors.ts';
import { readForm, withFilename, withinLength } from './form.ts';
import { checkPostPolicy, parsePostPolicy } from './policy.ts';

export type Upload = {
  body: Readable;
  /** What signed the form; undefined for one that anybody may have made. */
  claim: Claim | undefined;
  /** Base64, the text that was signed. */
  policy: string;
  /** To be called once the signature holds: the policy is its signer's word. Throws what S3 throws for a form against it. */
  check(): void;
  /** What the browser is told, out of the answer of PutObject. */
  answer(put: HttpResponse): HttpResponse;
};

/** Names that describe the object, besides `x-amz-…`, and are no headers of their own name. */
const headerNames: ReadonlySet<string> = new Set([
  'cache-control',
  'content-type',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'expires',
]);
const signatureNames: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-signature',
  'x-amz-security-token',
]);

/** Reads a form up to its file and makes a PutObject of the call. */
export async function takeUpload(call: Call): Promise<Upload> {
  if (call.path !== '/')
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
      fields: { Method: 'POST', ResourceType: 'OBJECT' },
    });
  const form = await readForm(call.request);
  const fields = withFilename(form);
  const key = fields.get('key');
  if (key === undefined || key === '') throw missingField('key');
  const policy = fields.get('policy') ?? '';
  const claim = claimOf(fields);
  const parsed = claim && parsePostPolicy(policy);
  call.operation = call.model!.operations.get('PutObject')!;
  call.labels = { Bucket: call.bucket!, Key: key };
  call.wireHeaders = headersOf(call, fields);
  return {
    body: withinLength(form, parsed?.length),
    claim,
    policy,
    check: () => parsed && checkPostPolicy(parsed, fields, call.bucket!, call.now),
    answer: (put) => answerOf(call, fields, key, put),
  };
}

function headersOf({ request }: Call, fields: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  for (const name of ['host', 'origin', 'user-agent', 'referer'])
    if (request.headers[name] !== undefined) headers[name] = request.headers[name];
  for (const [name, text] of fields) {
    if (name === 'acl') headers['x-amz-acl'] = text;
    else if (name === 'tagging') headers['x-amz-tagging'] = tagsOf(text);
    else if (headerNames.has(name) || (name.startsWith('x-amz-') && !signatureNames.has(name)))
      headers[name] = Buffer.from(text).toString('latin1');
  }
  return headers;
}

/** The tags of a form are a document of XML; those of a header are a query. */
function tagsOf(xml: string): string {
  const query = new URLSearchParams();
  for (const [, tag] of xml.matchAll(/<Tag>([\s\S]*?)<\/Tag>/g)) {
    const key = /<Key>([\s\S]*?)<\/Key>/.exec(tag!)?.[1];
    if (key === undefined) throw malformedTagging();
    query.append(unescaped(key), unescaped(/<Value>([\s\S]*?)<\/Value>/.exec(tag!)?.[1] ?? ''));
  }
  // A document of another kind has no tags.
  if (!/^\s*(<\?xml[^>]*>\s*)?<[A-Za-z][^]*>\s*$/.test(xml)) throw malformedTagging();
  return query.toString();
}

function malformedTagging(): AwsError {
  return new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema', {
    status: 400,
  });
}

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };

function unescaped(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => entities[entity]!);
}

/** Who says to have signed. A form with none of the fields is anybody's. */
function claimOf(fields: ReadonlyMap<string, string>): Claim | undefined {
  const v4 = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-signature', 'x-amz-date'].some((name) => fields.has(name));
  const names = v4
    ? ['policy', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature']
    : ['AWSAccessKeyId', 'policy', 'Signature'];
  // A policy that nobody has signed makes nobody of the sender.
  if (!names.some((name) => name !== 'policy' && fields.has(name.toLowerCase()))) return undefined;
  for (const name of names) if (!fields.has(name.toLowerCase())) throw missingField(name);
  return v4 ? v4Claim(fields) : v2Claim(fields);
}

function v4Claim(fields: ReadonlyMap<string, string>): Claim {
  const credential = fields.get('x-amz-credential')!;
  const scope = basicScope(credential);
  if (fields.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256' || !scope)
    throw new AwsError('AuthorizationQueryParametersError', 'Error parsing the X-Amz-Credential parameter.', { status: 400 });
  return {
    ...{ algorithm: 'AWS4-HMAC-SHA256', ...scope, signature: fields.get('x-amz-signature')!, timestamp: fields.get('x-amz-date') },
    ...{ regionSet: undefined, signedHeaders: [], presigned: false, expires: undefined, sessionToken: fields.get('x-amz-security-token') },
  };
}

function v2Claim(fields: ReadonlyMap<string, string>): Claim {
  return {
    ...{ algorithm: 'AWS2-HMAC-SHA1', accessKeyId: fields.get('awsaccesskeyid')!, signature: fields.get('signature')! },
    ...{ scope: '', date: '', region: '', regionSet: undefined, service: 's3', terminator: '', signedHeaders: [], presigned: false },
    ...{ timestamp: undefined, expires: undefined, sessionToken: fields.get('x-amz-security-token') },
  };
}

/** 204, unless the form asks for another status or for a page to go to. */
function answerOf(call: Call, fields: ReadonlyMap<string, string>, key: string, put: HttpResponse): HttpResponse {
  const etag = put.headers['etag'] ?? '';
  const { host = 'localhost' } = call.request.headers;
  const bucket = call.bucket!;
  const path = key.split('/').map(encodeURIComponent).join('/');
  const headers: Record<string, string> = { ...put.headers };
  delete headers['content-length'];
  headers['location'] = `${call.request.secure ? 'https' : 'http'}://${host}/${call.bucketInHost ? '' : `${bucket}/`}${path}`;
  const redirect = redirectOf(fields, { bucket, key, etag });
  if (redirect !== undefined) return { status: 303, headers: { ...headers, location: redirect } };
  const status = fields.get('success_action_status');
  if (status !== '200' && status !== '201') return { status: 204, headers };
  if (status === '200') return { status: 200, headers, body: '' };
  const members = { Location: headers['location'], Bucket: bucket, Key: key, ETag: etag };
  const xml = Object.entries(members).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
  return {
    status: 201,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${xml.join('')}</PostResponse>`,
  };
}

/** A redirection that is no URL is as good as none. */
function redirectOf(fields: ReadonlyMap<string, string>, told: { bucket: string; key: string; etag: string }): string | undefined {
  const asked = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (asked === undefined || !/^https?:\/\//.test(asked) || !URL.canParse(asked)) return undefined;
  const query = Object.entries(told).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${asked}${asked.includes('?') ? '&' : '?'}${query.join('&')}`;
}
