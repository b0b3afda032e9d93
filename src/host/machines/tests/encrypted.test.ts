/** Real containers on encrypted disks: what they write is nowhere on the host's disk, and nothing is left of the layer between. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { leftBehind, lies, needsRoot, openWorkshop, type Workshop } from './workshop.ts';

void suite('containers on encrypted disks', { skip: needsRoot ?? false }, () => {
  let shop: Workshop;
  const key = randomBytes(32);
  before(async () => {
    shop = await openWorkshop();
  });
  after(async () => {
    await shop.close();
    assert.deepEqual(await leftBehind(shop.directory), []);
  });

  test('a root volume and a data volume are read and written as others are, and lie encrypted', async () => {
    const id = 'i-sealed';
    const { record } = await shop.images.open('haneul-tiny');
    await shop.disks.create(`root-${id}`, { bytes: record.bytes + 1024 ** 3, image: 'haneul-tiny', key });
    await shop.disks.create('vol-sealed', { bytes: 16 * 1024 * 1024, key });
    await shop.machines.start(shop.spec(id));
    await shop.ask(id, 'sh', '-c', 'for at in $(seq 1 2000); do echo tell nobody; done > /root/secret; sync');
    await shop.machines.attach(id, '/dev/sdf', 'vol-sealed');
    await shop.ask(id, 'sh', '-c', 'cat /root/secret > /dev/sdf; sync');
    assert.equal((await shop.disks.read('vol-sealed', 0, 11)).toString(), 'tell nobody');
    await shop.machines.detach(id, '/dev/sdf');
    await shop.machines.kill(id);
    await shop.machines.start(shop.spec(id));
    assert.equal(await shop.ask(id, 'sh', '-c', 'wc -l < /root/secret'), '2000');
    await shop.machines.remove(id);
    for (const disk of [`root-${id}`, 'vol-sealed']) assert.equal(await lies(shop, disk, 'tell nobody'), false);
    assert.deepEqual(await leftBehind(shop.directory), []);
  });
});
