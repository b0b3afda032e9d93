/** User data of all kinds: what becomes of it, and that a customer's words stay words. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCloudConfig } from './cloud-config.ts';
import { firstBootScript } from './first-boot.ts';
import { partsOf } from './multipart.ts';

const script = (text: string): string => firstBootScript(Buffer.from(text))!;

test('plain scripts, and nothing, are run as they are', () => {
  for (const data of [Buffer.from('#!/bin/sh\necho hi\n'), gzipSync('#!/bin/sh\n'), Buffer.alloc(0)])
    assert.equal(firstBootScript(data), undefined);
});

test('a cloud-config is read as cloud-init reads it', () => {
  const text = [
    '#cloud-config',
    'hostname: web-1',
    'bootcmd: [echo early]',
    'runcmd:',
    '  - echo "it is $(id -u)"',
    '  - [touch, "/tmp/a b"]',
    'write_files:',
    '  - { path: /etc/motd, permissions: 0640, owner: "root:disk", content: "line\\n" }',
    `  - { path: /opt/packed, encoding: gz+b64, permissions: '0755', content: ${gzipSync('packed').toString('base64')} }`,
    'ssh_authorized_keys: [ssh-ed25519 AAAA me]',
    'users:',
    '  - default',
    '  - { name: ada, gecos: "Ada: L", groups: "disk, wheel", shell: /bin/ash, sudo: "ALL=(ALL) NOPASSWD:ALL", ssh_authorized_keys: [ssh-ed25519 BBBB ada] }',
    'packages: [nginx]',
  ].join('\n');
  const found = readCloudConfig(text);
  assert.equal(found.hostname, 'web-1');
  assert.deepEqual(found.runCommands, ['echo "it is $(id -u)"', ['touch', '/tmp/a b']]);
  assert.deepEqual(
    found.files.map(({ path, mode, owner, zipped }) => [path, mode, owner, zipped]),
    [
      ['/etc/motd', '640', 'root:disk', false],
      ['/opt/packed', '0755', 'root:root', true],
    ],
  );
  assert.deepEqual(found.users[0], {
    ...{ name: 'ada', comment: 'Ada  L', shell: '/bin/ash', groups: ['disk', 'wheel'], sudo: ['ALL=(ALL) NOPASSWD:ALL'] },
    keys: ['ssh-ed25519 BBBB ada'],
  });
  assert.deepEqual(found.left, ['packages is not carried out']);
});

test('what cannot be read is told, never thrown', () => {
  const left = (text: string): string[] => readCloudConfig(text).left;
  assert.match(left('#cloud-config\na: [')[0]!, /it is no YAML/);
  assert.deepEqual(left('#cloud-config\n- a list'), ['it is no mapping']);
  assert.deepEqual(left('#cloud-config\n'), []);
  const hostile =
    'hostname: "a;reboot"\nusers: [{ name: "x:0:0" }, 3]\nwrite_files: [{ path: relative }, { path: /a, owner: "$(id)" }, 7]\nruncmd: [{ a: b }]\n';
  assert.equal(left(hostile).length, 7);
  assert.match(script('#include\nhttp://example.com/'), /neither a script nor a cloud-config/);
  assert.match(firstBootScript(gzipSync(Buffer.alloc(8 * 1024 * 1024)))!, /cannot be unpacked/);
  const bomb = `a: &a [${'x,'.repeat(50)}x]\n${Array.from({ length: 20 }, (_, at) => `b${at}: &b${at} [${'*a,'.repeat(50)}*a]`).join('\n')}\n`;
  assert.match(left(bomb)[0]!, /it is no YAML/);
});

test('user data in parts is taken apart: configs, scripts, encodings', () => {
  const mime = [
    'Content-Type: multipart/mixed; boundary="==BOUND=="',
    'MIME-Version: 1.0',
    '',
    '--==BOUND==',
    'Content-Type: text/cloud-config; charset="us-ascii"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment;',
    ' filename="config.yaml"',
    '',
    Buffer.from('#cloud-config\nruncmd: [echo from-config]\n').toString('base64'),
    '--==BOUND==',
    'Content-Type: text/x-shellscript',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '#!/bin/sh',
    'echo a=3Db',
    '--==BOUND==--',
    'epilogue',
  ].join('\r\n');
  const parts = partsOf(Buffer.from(mime));
  assert.deepEqual(
    parts.map(({ type, name }) => [type, name]),
    [
      ['cloud-config', 'config.yaml'],
      ['script', 'part'],
    ],
  );
  assert.match(parts[1]!.content.toString(), /^#!\/bin\/sh\r?\necho a=b/);
  const text = firstBootScript(Buffer.from(mime))!;
  assert.ok(text.indexOf('from-config') < text.indexOf("run_script part-001 <<'END'"));
});

test('words of a customer are words: quotes, lines and what ends a document do nothing else', () => {
  const nasty = `'; echo BROKEN-OUT; '\nEND\necho BROKEN-OUT $(echo BROKEN-OUT) \`echo BROKEN-OUT\``;
  const config = {
    runcmd: [['printf', '%s', nasty]],
    [nasty]: 1,
    write_files: [{ path: '/dev/null/x', content: nasty }],
    users: [{ name: 'ada', gecos: nasty }],
  };
  const text = script(`#cloud-config\n${JSON.stringify(config)}`);
  const body = text.slice(text.indexOf('run_script() {'));
  // Only the lines that speak and run are tried here; what touches the system stands before them as functions that do nothing.
  const harmless = 'make_user() { :; }\nwrite_file() { cat >/dev/null; }\n';
  const tried = harmless + body.slice(body.indexOf('\n}\n') + 3);
  const said = execFileSync('/bin/sh', ['-c', tried]).toString();
  assert.ok(said.endsWith(nasty), said);
  assert.equal(said.split('\n').filter((line) => line === 'BROKEN-OUT').length, 0);
});
