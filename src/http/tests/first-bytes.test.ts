/** Connections of which nobody knows yet what they speak. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { tellApart } from '../first-bytes.ts';
import { refuseSilent } from '../node-response.ts';

test('a client that said nothing, was refused and then breaks off is no fault of the server', async () => {
  const spoke = (): void => assert.fail('nothing was said');
  const closed = Promise.withResolvers<boolean>();
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.on('close', closed.resolve);
    tellApart(socket, { http1: spoke, http2: spoke, silent: refuseSilent, withinMilliseconds: 20 });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [answer] = (await once(client, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 408 /);
  client.resetAndDestroy();
  assert.equal(await closed.promise, true, 'the connection was broken off, not ended');
  server.close();
});
