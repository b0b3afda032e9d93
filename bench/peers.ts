/** The peers that Haneul is measured against, fetched by npm when a benchmark first asks for them; never part of Haneul. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start, type Server } from './processes.ts';

const directory = join(import.meta.dirname, '..', '.runtime', 'peers');

function install(name: string): void {
  if (existsSync(join(directory, 'node_modules', name))) return;
  mkdirSync(directory, { recursive: true });
  if (!existsSync(join(directory, 'package.json'))) writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  console.error(`Fetching ${name} …`);
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', directory, name], { stdio: 'inherit' });
}

/** s3rver with one bucket named `bench`. */
export async function startS3rver(): Promise<Server> {
  install('s3rver');
  const port = await freePort();
  const files = mkdtempSync(join(tmpdir(), 'haneul-bench-s3rver-'));
  const script = `
    const S3rver = require('s3rver');
    new S3rver({ port: ${port}, address: '127.0.0.1', silent: true, directory: ${JSON.stringify(files)}, configureBuckets: [{ name: 'bench' }] })
      .run().then(() => console.log('Ready.'));`;
  return start(process.execPath, ['-e', script], /^Ready\.$/, port, { NODE_PATH: join(directory, 'node_modules') });
}

/** A bare node:http server: answers small requests with a fixed body, and streams one file. */
export async function startBareServer(file = ''): Promise<Server> {
  const port = await freePort();
  const script = `
    const http = require('node:http'), fs = require('node:fs'), { pipeline } = require('node:stream');
    const body = Buffer.alloc(512, 97);
    http.createServer((request, response) => {
      if (request.url === '/file') return pipeline(fs.createReadStream(${JSON.stringify(file)}, { highWaterMark: 512 * 1024 }), response, () => {});
      const parts = [];
      request.on('data', (bytes) => parts.push(bytes)).on('end', () => {
        response.writeHead(200, { 'content-type': 'text/xml', 'content-length': body.length });
        response.end(body);
      });
    }).listen(${port}, '127.0.0.1', () => console.log('Ready.'));`;
  return start(process.execPath, ['-e', script], /^Ready\.$/, port);
}

/** dynalite, on disk or in memory. */
export async function startDynalite(onDisk: boolean): Promise<Server> {
  install('dynalite');
  const port = await freePort();
  const path = onDisk ? mkdtempSync(join(tmpdir(), 'haneul-bench-dynalite-')) : undefined;
  const script = `
    const dynalite = require('dynalite');
    dynalite({ ...${JSON.stringify({ path })}, createTableMs: 0, deleteTableMs: 0 }).listen(${port}, '127.0.0.1', () => console.log('Ready.'));`;
  return start(process.execPath, ['-e', script], /^Ready\.$/, port, { NODE_PATH: join(directory, 'node_modules') });
}
