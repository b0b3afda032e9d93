/** What forbids an ordinary user namespaces of his own, in words that say what to do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explained, forbiddenBy } from './permission.ts';

const settings =
  (values: Readonly<Record<string, string>>) =>
  async (name: string): Promise<string | undefined> =>
    values[name];

test('the setting that forbids user namespaces is named, with the command that changes it', async () => {
  assert.match(
    (await forbiddenBy(settings({ 'kernel/unprivileged_userns_clone': '0' })))!,
    /sysctl -w kernel\.unprivileged_userns_clone=1/,
  );
  assert.match((await forbiddenBy(settings({ 'user/max_user_namespaces': '0' })))!, /sysctl -w user\.max_user_namespaces=/);
});

test('a kernel that allows them, or has not these settings, forbids nothing', async () => {
  const allowing = { 'kernel/unprivileged_userns_clone': '1', 'user/max_user_namespaces': '96364' };
  assert.equal(await forbiddenBy(settings(allowing)), undefined);
  assert.equal(await forbiddenBy(settings({})), undefined);
});

test('AppArmor is blamed for what it takes away from namespaces that are there, and for nothing else', async () => {
  const restricting = settings({ 'kernel/apparmor_restrict_unprivileged_userns': '1' });
  assert.match(await explained('mount: Permission denied', restricting), /sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0/);
  assert.match(await explained('/usr/bin/newuidmap: not allowed', restricting), /^the kernel refuses .*newuidmap: not allowed/);
  assert.match(await explained('mount: Permission denied', settings({})), /^the kernel refuses .*mount: Permission denied/);
});
