/** User data in parts, as `cloud-init devel make-mime` writes them: https://cloudinit.readthedocs.io/en/latest/explanation/format.html */

import { gunzipSync } from 'node:zlib';

export type Part = { type: 'cloud-config' | 'script' | 'other'; name: string; content: Buffer };

const plainBytesMax = 1024 * 1024;
const partsMax = 100;
const depthMax = 3;

/** The parts of user data, which is one itself where it is not divided. Throws RangeError for what unpacks to too much. */
export function partsOf(data: Buffer): Part[] {
  const plain = data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data, { maxOutputLength: plainBytesMax }) : data;
  const head = plain.subarray(0, 200).toString('latin1').trimStart().toLowerCase();
  if (!head.startsWith('content-type: multipart/') && !head.startsWith('mime-version:'))
    return [{ type: kindOf(plain), name: 'user-data', content: plain }];
  return entityParts(plain.toString('latin1'), 0).slice(0, partsMax);
}

/** By its first line, as everywhere else. */
function kindOf(content: Buffer): Part['type'] {
  const first = content.subarray(0, 64).toString('latin1').split('\n')[0]!.trimEnd();
  if (first.startsWith('#!')) return 'script';
  return first === '#cloud-config' ? 'cloud-config' : 'other';
}

function entityParts(entity: string, depth: number): Part[] {
  const { headers, body } = splitEntity(entity);
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (/^multipart\//i.test(type) && boundary !== undefined && depth < depthMax)
    return piecesOf(body, boundary).flatMap((piece) => entityParts(piece, depth + 1));
  const content = decoded(body, (headers.get('content-transfer-encoding') ?? '').toLowerCase());
  const name = /filename="?([^";]+)"?/i.exec(headers.get('content-disposition') ?? '')?.[1] ?? 'part';
  if (/^text\/cloud-config\b/i.test(type)) return [{ type: 'cloud-config', name, content }];
  if (/^text\/x-shellscript\b/i.test(type)) return [{ type: 'script', name, content }];
  return [{ type: /^text\/plain\b/i.test(type) ? kindOf(content) : 'other', name, content }];
}

function splitEntity(entity: string): { headers: Map<string, string>; body: string } {
  const [head = ''] = /^[\s\S]*?\r?\n\r?\n/.exec(entity) ?? [entity];
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: entity.slice(head.length) };
}

function piecesOf(body: string, boundary: string): string[] {
  const pieces: string[] = [];
  let current: string[] | undefined;
  for (const line of body.split('\n')) {
    const mark = line.trimEnd();
    if (mark !== `--${boundary}` && mark !== `--${boundary}--`) {
      current?.push(line);
      continue;
    }
    if (current) pieces.push(current.join('\n'));
    current = mark.endsWith(`${boundary}--`) ? undefined : [];
    if (!current) break;
  }
  if (current) pieces.push(current.join('\n'));
  return pieces;
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1');
  const joined = body.replaceAll(/=\r?\n/g, '');
  return Buffer.from(
    joined.replaceAll(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
