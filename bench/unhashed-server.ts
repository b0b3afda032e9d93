/** The same server with every digest left out: what hashing costs is the difference. Made of the cloud's own parts; no flag of the product does this. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloud } from '../src/cloud.ts';
import type { HashName } from '../src/store/blob-store.ts';

const digestBytes: Record<HashName, number> = {
  ...{ md5: 16, sha1: 20, sha256: 32, sha512: 64, crc32: 4, crc32c: 4, crc64nvme: 8 },
  ...{ xxhash64: 8, xxhash3: 8, xxhash128: 16 },
};

const cloud = await createCloud({ dataDirectory: mkdtempSync(join(tmpdir(), 'haneul-bench-unhashed-')) });
const stage = cloud.blobs.stage.bind(cloud.blobs);
cloud.blobs.stage = async (bytes, { hashes = [], ...options } = {}) => {
  const staged = await stage(bytes, options);
  return { ...staged, hashes: Object.fromEntries(hashes.map((name) => [name, Buffer.alloc(digestBytes[name])])) };
};
await cloud.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
console.log('Ready.');
process.once('SIGTERM', () => void cloud.close().then(() => process.exit(0)));
