/**
 * Objects as they lie in the store. A bucket may have millions of them, so what nearly all have stands in one line of text, without the
 * names of members and without the bucket and the key, which the store's key says; what few have stands beside it by its name.
 */

import type { KeyPart } from '../../../store/keys.ts';
import type { Packing } from '../../../store/table.ts';
import type { ChecksumAlgorithm, ObjectRecord, SystemHeaders, VersionRecord } from '../tables.ts';

type Rest = Record<string, unknown>;
/** A line, or a line and the rest; or a whole record, of what the line cannot say: a delete marker. */
type Packed = string | [line: string, rest: Rest] | Rest;

const letters: Readonly<Record<ChecksumAlgorithm, string>> = {
  ...{
    CRC32: 'a',
    CRC32C: 'b',
    CRC64NVME: 'c',
    SHA1: 'd',
    SHA256: 'e',
    SHA512: 'f',
    MD5: 'g',
    XXHASH64: 'h',
    XXHASH3: 'i',
    XXHASH128: 'j',
  },
};
const algorithms = new Map(Object.entries(letters).map(([name, letter]) => [letter, name as ChecksumAlgorithm]));
const md5Form = /^[0-9a-f]{32}$/;

export const objectPacking: Packing<ObjectRecord> = {
  since: 2,
  pack: ({ bucket: _bucket, key: _key, ...object }) => packed(object),
  unpack: (packed: Packed, [bucket, key]) => ({ bucket, key, ...unpacked(packed) }) as ObjectRecord,
};

/** The same for versions, of which the store's key says the place as well. */
export const versionPacking: Packing<VersionRecord> = {
  since: 2,
  pack({ bucket: _bucket, key: _key, ...record }) {
    const { version, place: _place, ...rest } = record;
    const named = version === undefined ? { ...rest, null: true } : rest;
    return 'deleteMarker' in named ? named : packed(named as Omit<ObjectRecord, 'bucket' | 'key'>);
  },
  unpack(packed: Packed, [bucket, key, at]: readonly KeyPart[]) {
    const { null: isNull, ...record } = unpacked(packed);
    return { bucket, key, ...(isNull ? { place: at } : { version: at }), ...record } as VersionRecord;
  },
};

/** Modified, size, ETag, checksum, data key, by how much the blob is longer than the object, the blob's id, and the content type, which may hold spaces. */
function packed({ modified, size, etag, checksum, dataKey, blob, headers, ...rest }: Omit<ObjectRecord, 'bucket' | 'key'>): Packed {
  const { contentType = '', ...otherHeaders } = headers ?? {};
  const line = [
    modified.toString(36),
    size.toString(36),
    md5Form.test(etag) ? Buffer.from(etag, 'hex').toString('base64url') : `=${etag}`,
    letters[checksum.algorithm] + checksum.value,
    dataKey ?? '',
    blob ? (blob.size - size).toString(36) : '',
    blob?.id ?? '',
    contentType,
  ];
  const few: Rest = rest;
  if (checksum.composite) few['composite'] = true;
  for (const _ in otherHeaders) few['headers'] = otherHeaders;
  const text = line.join(' ').trimEnd(); // a content type, being the value of a header, does not end with a space
  for (const _ in few) return [text, few];
  return text;
}

function unpacked(packed: Packed): Rest {
  if (typeof packed !== 'string' && !Array.isArray(packed)) return packed;
  const [text, few] = typeof packed === 'string' ? [packed, {} as Rest] : packed;
  const fields = text.split(' ', 7);
  const contentType = text.slice(fields.join(' ').length + 1);
  const [modified, size, etag, checksum, dataKey, longer, id] = fields as [string, string, string, string, string?, string?, string?];
  const { composite, headers, ...rest } = few as Rest & { headers?: SystemHeaders };
  const bytes = Number.parseInt(size, 36);
  return {
    modified: Number.parseInt(modified, 36),
    size: bytes,
    etag: etag.startsWith('=') ? etag.slice(1) : Buffer.from(etag, 'base64url').toString('hex'),
    checksum: { algorithm: algorithms.get(checksum[0]!)!, value: checksum.slice(1), ...(composite === true && { composite }) },
    ...(id && { blob: { id, size: bytes + Number.parseInt(longer!, 36) } }),
    ...(dataKey && { dataKey }),
    ...((contentType || headers) && { headers: { ...(contentType && { contentType }), ...headers } }),
    ...rest,
  };
}
