/** How the console is built, and served with hot reload against a running cloud: `npm run console-dev`. */

import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const cloud = process.env['HANEUL_ENDPOINT'] ?? 'http://localhost:4566';

/** Cloudscape carries its fonts inside its style sheet; as files of their own they are fetched only where they are used. */
function fontsAsFiles(): Plugin {
  return {
    name: 'fonts-as-files',
    enforce: 'post',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
        const text = typeof file.source === 'string' ? file.source : Buffer.from(file.source).toString('utf8');
        file.source = text.replaceAll(/url\("?data:font\/woff2;base64,([A-Za-z0-9+/=]+)"?\)/g, (_whole, data: string) => {
          const name = `font-${createHash('sha256').update(data).digest('hex').slice(0, 8)}.woff2`;
          this.emitFile({ type: 'asset', fileName: `assets/${name}`, source: Buffer.from(data, 'base64') });
          return `url(${name})`;
        });
      }
    },
  };
}

export default defineConfig({
  base: '/_console/',
  plugins: [react(), fontsAsFiles()],
  // Cloudscape's messages come parsed.
  resolve: { alias: { '@formatjs/icu-messageformat-parser': '@formatjs/icu-messageformat-parser/lib/no-parser.js' } },
  build: {
    target: 'es2023',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Each client is one file, loaded with its service; what all clients share is another.
          groups: [
            // What the first page signs and loads with comes without the rest.
            { name: 'signer', test: /node_modules\/(@aws-crypto\/(sha256-js|util)|@smithy\/util-utf8|tslib)\//, priority: 2 },
            { name: 'loader', test: /vite\/preload-helper/, priority: 3 },
            { name: (id: string) => /@aws-sdk\/(client-[a-z0-9-]+)\//.exec(id)?.[1] ?? null, test: /@aws-sdk\/client-/ },
            { name: 'aws-sdk', test: /node_modules\/(@aws-sdk\/(?!client-)|@smithy|@aws-crypto)/, priority: 1 },
          ],
        },
      },
    },
  },
  // Whatever is no file of the console is the cloud's.
  server: { proxy: { '^/(?!_console/)': cloud, '^/_console/api/': cloud } },
});
