/** The built files of the console, as a browser gets them: pressed, kept for ever where their names carry a hash, under a strict policy. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HttpRequest, HttpResponse } from '../../framework/http-message.ts';

/** Where the built console is to be found, and how it comes about. */
export type ConsoleBuild = {
  directory: string;
  /** Begins the build when that is needed. */
  state(): Promise<{ is: 'current' } | { is: 'building' } | { is: 'failed'; why: string }>;
};

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  json: 'application/json',
};

/** https://developer.mozilla.org/docs/Web/HTTP/Headers/Content-Security-Policy */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data: blob:",
  'media-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const guards = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Answers the path below /_console/; what is no file is the page itself, which knows its places. */
export function createConsoleFiles(build: ConsoleBuild): (request: HttpRequest, path: string) => Promise<HttpResponse> {
  return async (request, path) => {
    const state = await build.state();
    if (!path.startsWith('assets/')) {
      if (state.is !== 'current') return waitingPage(state.is === 'failed' ? state.why : undefined);
      return file(build, request, 'index.html', 'no-cache');
    }
    // Whether or not a new build is under way: pages that are open ask for parts of theirs.
    // Names that the build gives: letters, digits, dashes, dots. Nothing climbs out of the folder.
    if (!/^assets\/[\w-]+(\.[\w-]+)+$/.test(path)) return notThere();
    return file(build, request, path, 'public, max-age=31536000, immutable');
  };
}

async function file({ directory }: ConsoleBuild, request: HttpRequest, name: string, caching: string): Promise<HttpResponse> {
  const accepted = request.headers['accept-encoding'] ?? '';
  const headers: Record<string, string> = {
    ...guards,
    'content-type': contentTypes[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    'cache-control': caching,
    vary: 'accept-encoding',
  };
  for (const [encoding, ending] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    if (!new RegExp(`\\b${encoding}\\b`).test(accepted)) continue;
    const pressed = await read(join(directory, name + ending));
    if (pressed) return { status: 200, headers: { ...headers, 'content-encoding': encoding }, body: pressed };
  }
  const plain = await read(join(directory, name));
  return plain ? { status: 200, headers, body: plain } : notThere();
}

function read(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function notThere(): HttpResponse {
  return { status: 404, headers: { ...guards, 'content-type': 'text/plain; charset=utf-8' }, body: 'There is no such file.\n' };
}

/** Until the console is built, or why it is not. It asks again by itself, without a script. */
function waitingPage(failure: string | undefined): HttpResponse {
  const [title, text] =
    failure === undefined
      ? ['Building the console', 'The console is being built: once, and after an update. It opens here in a moment.']
      : ['The console could not be built', `${failure} The log of this cloud says more; the API works all the same.`];
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${
    failure === undefined ? '<meta http-equiv="refresh" content="2">' : ''
  }<title>${title}</title></head><body><h1>${title}</h1><p>${escaped(text)}</p></body></html>\n`;
  return {
    status: 503,
    headers: { ...guards, 'content-type': contentTypes['html']!, 'cache-control': 'no-store', 'retry-after': '2' },
    body,
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
