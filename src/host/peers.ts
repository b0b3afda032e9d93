/** Speaks to other Haneuls over HTTP, each message signed with Signature Version 4 by a key of theirs. */

import { isIP } from 'node:net';
import type { Peers } from '../framework/peers.ts';
import { sha256, signRequest } from '../framework/request-signature.ts';

const timeoutMilliseconds = 15_000;
const answerBytesMax = 64 * 1024;

export type Peer = { region: string; endpoint: URL; accessKeyId: string; secretAccessKey: string };

/** `REGION=https://KEY:SECRET@HOST:PORT`. Throws with a sentence for the operator, in which the secret does not appear. */
export function parsePeer(text: string): Peer {
  const [, region, url] = /^([a-z]{2}(?:-[a-z]+)+-\d+)=(.+)$/.exec(text) ?? [];
  if (region === undefined || !URL.canParse(url!)) throw new Error('a peer is REGION=https://KEY:SECRET@HOST:PORT');
  const endpoint = new URL(url!);
  const [accessKeyId, secretAccessKey] = [endpoint.username, endpoint.password].map(decodeURIComponent);
  if (!/^https?:$/.test(endpoint.protocol) || !accessKeyId || !secretAccessKey || endpoint.pathname !== '/')
    throw new Error(`the peer of ${region} is REGION=https://KEY:SECRET@HOST:PORT`);
  if (endpoint.protocol === 'http:' && !isLoopback(endpoint.hostname))
    throw new Error(`the peer of ${region} is beyond this machine, where items must not travel in the clear: give it an https address`);
  endpoint.username = endpoint.password = '';
  return { region, endpoint, accessKeyId, secretAccessKey };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

export function openPeers(peers: readonly Peer[]): Peers {
  const byRegion = new Map(peers.map((peer) => [peer.region, peer]));
  return {
    regions: new Set(byRegion.keys()),
    send: async (region, page, body) => {
      const peer = byRegion.get(region);
      if (!peer) throw new Error(`no peer has the region ${region}`);
      return post(peer, page, body);
    },
  };
}

async function post(peer: Peer, page: string, body: string): Promise<{ status: number; body: string }> {
  const target = new URL(`/_aws/${page}`, peer.endpoint);
  const { request: send } = await (target.protocol === 'https:' ? import('node:https') : import('node:http')); // loaded where it is used
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const headers = { ...signed(peer, target, bytes), 'content-length': bytes.length, connection: 'close' };
    const outgoing = send(
      target,
      { method: 'POST', agent: false, headers, signal: AbortSignal.timeout(timeoutMilliseconds) },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > answerBytesMax) incoming.destroy(new Error('the peer answers at too great a length'));
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

function signed(peer: Peer, { host, pathname }: URL, body: Uint8Array): Record<string, string> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', host, path: pathname, query: {}, headers, bodySha256: sha256(body) };
  return signRequest(peer, { region: peer.region, service: 'dynamodb' }, request, Date.now()).headers;
}
