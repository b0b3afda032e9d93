/**
 * The same server, which stores S3's bytes as they come: what encrypting costs is the difference. The cipher is taken out of its two modules as
 * they are loaded; no flag of the product does this.
 */

import { mkdtempSync, readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Stands in for a cipher and its opposite: tags of zeros keep all lengths as they are. */
const noCipher =
  '{ update: (bytes) => Buffer.from(bytes), final: () => Buffer.alloc(0), getAuthTag: () => Buffer.alloc(16), setAuthTag() {} }';
const withoutCipher: Readonly<Record<string, readonly [pattern: RegExp, instead: string][]>> = {
  'blob-encryption/frames.ts': [
    [/createCipheriv\('aes-256-gcm', key, nonceOf\(frame\)\)/, noCipher],
    [/createDecipheriv\('aes-256-gcm', key, nonceOf\(frame\), \{ authTagLength: TAG_BYTES \}\)/, noCipher],
  ],
  'blob-encryption/data-keys.ts': [[/return createSecretKey\(createHmac\('sha256', wrapping\)[^;]*;/, 'return wrapping;']],
};

registerHooks({
  load(url, context, next) {
    const changes = Object.entries(withoutCipher).find(([path]) => url.endsWith(path))?.[1];
    if (!changes) return next(url, context);
    let source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
    for (const [pattern, instead] of changes) {
      if (!pattern.test(source)) throw new Error(`${url} has no ${pattern} any more`);
      source = source.replace(pattern, instead);
    }
    return { format: 'module', source, shortCircuit: true };
  },
});

const { createCloud } = await import('../src/cloud.ts');
const cloud = await createCloud({ dataDirectory: mkdtempSync(join(tmpdir(), 'haneul-bench-unencrypted-')) });
await cloud.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
console.log('Ready.');
process.once('SIGTERM', () => void cloud.close().then(() => process.exit(0)));
