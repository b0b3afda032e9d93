/** Messages leave through a mail server and webhooks that really listen. */

import assert from 'node:assert/strict';
import { createServer as createWebServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { OutgoingMessage } from '../framework/host.ts';
import { openMessengers } from './messengers.ts';

const message: OutgoingMessage = {
  id: 'id-1',
  kind: 'email',
  sender: 'News',
  to: 'ann@example.com',
  subject: '안녕',
  body: 'a line\n.\nanother',
};

/** Says what a mail server says, takes one letter, and answers each recipient as it is told. */
async function mailServer(t: TestContext, recipientAnswer = '250 ok'): Promise<{ port: number; letters: string[] }> {
  const letters: string[] = [];
  const server = createServer((socket) => {
    let text = '';
    let letter: string | undefined;
    socket.on('error', () => socket.destroy());
    socket.write('220 here\r\n');
    socket.on('data', (bytes) => {
      text += bytes.toString();
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (letter !== undefined) {
          if (line !== '.') {
            letter += `${line}\n`;
            continue;
          }
          letters.push(letter);
          letter = undefined;
          socket.write('250 taken\r\n');
        } else if (line === 'DATA') {
          letter = '';
          socket.write('354 go on\r\n');
        } else if (line.startsWith('RCPT')) socket.write(`${recipientAnswer}\r\n`);
        else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, letters };
}

test('a letter leaves by SMTP, from the address that the operator names', async (t) => {
  const { port, letters } = await mailServer(t);
  const { email, sms } = openMessengers({ smtp: `smtp://127.0.0.1:${port}?from=cloud@example.com` });
  assert.equal(await email!(message), 'sent');
  assert.equal(sms, undefined);
  const [letter] = letters;
  assert.match(letter!, /^From: News <cloud@example\.com>$/m);
  assert.match(letter!, /^To: .*ann@example\.com/m);
  assert.match(letter!, /^Message-ID: <id-1@sns\.amazonaws\.com>$/m);
  assert.match(letter!, /^Subject: =\?UTF-8\?/m);
});

test('a letter that the server refuses for good is not tried again; one that it puts off is', async (t) => {
  const never = await mailServer(t, '550 nobody of that name');
  assert.equal(await openMessengers({ smtp: `smtp://127.0.0.1:${never.port}` }).email!(message), 'refused');
  const later = await mailServer(t, '451 later');
  await assert.rejects(openMessengers({ smtp: `smtp://127.0.0.1:${later.port}` }).email!(message));
});

test('an address cannot smuggle other recipients or headers in', async (t) => {
  const { port, letters } = await mailServer(t);
  const { email } = openMessengers({ smtp: `smtp://127.0.0.1:${port}` });
  await email!({ ...message, subject: 'a\r\nBcc: eve@example.com', sender: 'x\r\nBcc: eve@example.com' });
  assert.doesNotMatch(letters[0]!, /^Bcc:/im);
});

test('a webhook takes text messages as JSON, and its answer counts', async (t) => {
  const taken: unknown[] = [];
  let status = 204;
  const server = createWebServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      taken.push(JSON.parse(body));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { sms } = openMessengers({ smsWebhook: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms` });
  const text: OutgoingMessage = { ...message, kind: 'sms', to: '+15550100' };
  assert.equal(await sms!(text), 'sent');
  assert.deepEqual(taken, [text]);
  status = 400;
  assert.equal(await sms!(text), 'refused');
  status = 503;
  await assert.rejects(sms!(text), /503/);
});
