/** Clients that keep a connection waiting, against limits that are short. */

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import type { Gateway } from '../../gateway/parts.ts';
import { listen, type ConnectionLimits, type Listener } from '../node-server.ts';

/** Answers `/read` when it has read the body, `/slow` when it is told to, and everything else at once, unread. */
let finishSlow: (() => void) | undefined;
const gateway: Gateway = {
  handle: async (request) => {
    if (request.rawPath === '/read') return { status: 200, headers: {}, body: await text(request.body).catch(() => 'broken') };
    if (request.rawPath === '/slow') await new Promise<void>((resolve) => (finishSlow = resolve));
    return { status: 403, headers: {}, body: 'no' };
  },
};

const short: Partial<ConnectionLimits> = {
  headersMilliseconds: 400,
  idleMilliseconds: 600,
  checkMilliseconds: 20,
  drainBytes: 256 * 1024,
  drainMilliseconds: 400,
};
let listener: Listener;
/** The same, but for a rest of a body it waits long. */
let patient: Listener;
before(async () => {
  listener = await listen(gateway, { host: '127.0.0.1', port: 0, limits: short, closeWithin: 100 });
  patient = await listen(gateway, { host: '127.0.0.1', port: 0, limits: { ...short, drainMilliseconds: 60_000 }, closeWithin: 100 });
});
after(() => Promise.all([listener.close(), patient.close()]));

/** What comes until the server ends the connection; rejects when it never does. */
function untilClosed(talk: (socket: Socket) => void, to = listener): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(to.port, '127.0.0.1', () => talk(socket));
    let heard = '';
    const timer = setTimeout(() => reject(new Error(`still open, after ${JSON.stringify(heard)}`)), 10_000);
    socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => (clearTimeout(timer), resolve(heard)));
  });
}

describe('a connection is ended', () => {
  test('whose headers do not end', async () => {
    assert.match(await untilClosed((socket) => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')), /^HTTP\/1\.1 408 /);
  });

  test('that says nothing at all', async () =>
    assert.equal(await untilClosed(() => {}), 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'));

  test('whose body stands still', async () => {
    assert.equal(
      await untilClosed((socket) => socket.write('PUT /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf')),
      '',
    );
  });

  test('whose body goes on after the answer, by time', async () => {
    const heard = await untilClosed((socket) => {
      socket.write('PUT /no HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n');
      // Never silent for long, never much.
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    assert.match(heard, /^HTTP\/1\.1 403 [^]*no$/);
  });

  test('whose body goes on after the answer, by size', async () => {
    const heard = await untilClosed((socket) => {
      socket.write('PUT /no HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n');
      const block = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (!socket.destroyed && socket.write(block));
      };
      socket.on('drain', more);
      more();
    }, patient);
    assert.match(heard, /^HTTP\/1\.1 403 /);
  });
});

describe('a connection stays', () => {
  test('whose answer is what takes long', async () => {
    const heard = untilClosed((socket) => {
      socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      // Longer than every limit: only then is the answer given.
      socket.setTimeout(2 * short.idleMilliseconds!, () => finishSlow!());
    });
    assert.match(await heard, /^HTTP\/1\.1 403 /);
  });

  test('whose small rest is taken in, and serves the next request', async () => {
    const body = 'x'.repeat(100_000);
    const heard = await untilClosed((socket) => {
      socket.write(`PUT /no HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      socket.write('PUT /read HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\nnext');
    }, patient);
    assert.match(heard, /^HTTP\/1\.1 403 [^]*HTTP\/1\.1 200 [^]*next$/);
  });
});
