/** What a client says of an object besides its bytes, as it is kept and as it is given back. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidRedirectLocation, metadataTooLarge, redirectLocationTooLong } from '../errors.ts';
import { redirectLocationBytesMax, userMetadataBytesMax } from '../limits.ts';
import { requestedClass } from '../storage-classes/storage-class.ts';
import type { Description, ObjectRecord, SystemHeaders } from '../tables.ts';
import { tagsOfHeader } from '../tagging/tags.ts';

export const defaultContentType = 'binary/octet-stream';

type DescriptionInput = {
  ContentType?: string | undefined;
  CacheControl?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentLanguage?: string | undefined;
  Expires?: Date | undefined;
  WebsiteRedirectLocation?: string | undefined;
  Metadata?: Record<string, string> | undefined;
  Tagging?: string | undefined;
  StorageClass?: string | undefined;
};

/** Reads storage class, headers, user metadata and tags of a request. Throws InvalidStorageClass, MetadataTooLarge, InvalidTag. */
export function descriptionOf(request: ServiceRequest, input: DescriptionInput): Description {
  const description: Description = requestedClass(input.StorageClass);
  const headers = systemHeaders(request, input);
  if (headers) description.headers = headers;
  const metadata = input.Metadata && userMetadata(input.Metadata);
  if (metadata && metadata.length > 0) description.metadata = metadata;
  if (input.Tagging) description.tags = tagsOfHeader(input.Tagging);
  return description;
}

function systemHeaders(request: ServiceRequest, input: DescriptionInput): SystemHeaders | undefined {
  const headers: SystemHeaders = {};
  if (input.ContentType && input.ContentType !== defaultContentType) headers.contentType = input.ContentType;
  if (input.CacheControl) headers.cacheControl = input.CacheControl;
  if (input.ContentDisposition) headers.contentDisposition = input.ContentDisposition;
  const encoding = input.ContentEncoding && withoutChunking(input.ContentEncoding);
  if (encoding) headers.contentEncoding = encoding;
  if (input.ContentLanguage) headers.contentLanguage = input.ContentLanguage;
  const expires = request.http?.headers['expires'] ?? input.Expires?.toUTCString();
  if (expires) headers.expires = expires;
  if (input.WebsiteRedirectLocation) headers.websiteRedirectLocation = checkedLocation(input.WebsiteRedirectLocation);
  for (const _ in headers) return headers;
  return undefined;
}

function checkedLocation(location: string): string {
  if (!/^(\/|https?:\/\/)/.test(location)) throw invalidRedirectLocation();
  if (Buffer.byteLength(location) > redirectLocationBytesMax) throw redirectLocationTooLong(redirectLocationBytesMax);
  return location;
}

/** `aws-chunked` describes the transfer, not the object. */
function withoutChunking(encoding: string): string {
  if (!encoding.includes('aws-chunked')) return encoding;
  return encoding
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== 'aws-chunked')
    .join(',');
}

function userMetadata(given: Record<string, string>): [string, string][] {
  const metadata: [string, string][] = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]);
  const size = metadata.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > userMetadataBytesMax) throw metadataTooLarge(size, userMetadataBytesMax);
  return metadata;
}

/** The description's members of an answer to GET or HEAD. */
export function describedMembers(object: ObjectRecord) {
  const { headers, metadata, tags } = object;
  return {
    ContentType: headers?.contentType ?? defaultContentType,
    ...(headers && {
      CacheControl: headers.cacheControl,
      ContentDisposition: headers.contentDisposition,
      ContentEncoding: headers.contentEncoding,
      ContentLanguage: headers.contentLanguage,
      Expires: dateOf(headers.expires),
      WebsiteRedirectLocation: headers.websiteRedirectLocation,
    }),
    ...(metadata && { Metadata: metadataRecord(metadata) }),
    ...(tags && tags.length > 0 && { TagCount: tags.length }),
  };
}

function dateOf(header: string | undefined): Date | undefined {
  const date = header === undefined ? undefined : new Date(header);
  return date && Number.isNaN(date.getTime()) ? undefined : date;
}

/** Names are a stranger's choice, so the record has no prototype. */
function metadataRecord(metadata: readonly [string, string][]): Record<string, string> {
  const record = Object.create(null) as Record<string, string>;
  for (const [name, value] of metadata) record[name] = value;
  return record;
}
