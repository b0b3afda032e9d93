/** How a machine has ended is told by how its emulator did, and by the last words of its kernel where that fell. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../programs.ts';

const script = join(import.meta.dirname, '..', 'virtual', 'endings.pl');
const endOf = async (how: string, word: string, rebooted = ''): Promise<string> =>
  (await run('perl', ['-e', 'require shift; print end_of(@ARGV)', script, how, word, rebooted])).toString();

test('an emulator that ends by itself, is killed, or has been asked for a reboot', async () => {
  assert.equal(await endOf('code 0', 'anything'), 'code 0');
  assert.equal(await endOf('code 0', 'anything', '1'), 'reboot');
  assert.equal(await endOf('code 78', ''), 'reboot');
  assert.equal(await endOf('signal 9', 'reboot: System halted'), 'signal 9');
});

test('a kernel that falls behind its last word has come to what that says; one that falls before has failed', async () => {
  assert.equal(await endOf('signal 31', 'reboot: System halted\r'), 'code 0');
  assert.equal(await endOf('signal 31', 'reboot: Power down'), 'code 0');
  assert.equal(await endOf('signal 31', 'reboot: Restarting system'), 'reboot');
  assert.equal(
    await endOf('signal 31', ' [<6002c0ae>] new_thread_handler+0x7f/0xb0'),
    'failed the emulator ended with signal 31:  [<6002c0ae>] new_thread_handler+0x7f/0xb0',
  );
  assert.equal(await endOf('code 1', 'reboot: System halted'), 'failed the emulator ended with code 1: reboot: System halted');
});
