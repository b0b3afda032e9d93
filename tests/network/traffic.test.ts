/** Bytes that the kernel has carried are on the bill, each once, whoever looks and however often Haneul starts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, listening, missing, openGround, probe, type Ground } from './ground.ts';
import { layPublicAndPrivate } from './public-and-private.ts';

async function bytesOf({ cloud }: Ground, id: string): Promise<Record<string, number>> {
  await cloud.advance(60_000);
  const rows = await cloud.cloud.meter.query(account, 0, cloud.cloud.clock.now() + 1);
  const sums: Record<string, number> = {};
  for (const { resource, usageType, operation, unit, quantity } of rows)
    if (resource.endsWith(id) && unit === 'Bytes') sums[`${usageType} ${operation}`] = (sums[`${usageType} ${operation}`] ?? 0) + quantity;
  return sums;
}

test('what goes between zones, out through gateways and back is counted for who sends and who gets it', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { publicMachine, privateMachine, publicAddress, nat } = await layPublicAndPrivate(ground, 'us-east-1b');
  // A ping is 28 bytes each way: between zones, and through the NAT gateway to a public address of this cloud.
  const pings = [publicMachine.address, publicAddress].map((address) => ({
    ...{ namespace: privateMachine.namespace, protocol: 'icmp' as const, address },
  }));
  const ping = 28;
  assert.equal((await probe(pings, [listening(publicMachine)]))[0], true);
  const sender = await bytesOf(ground, privateMachine.id);
  const sent = sender['DataTransfer-Regional-Bytes InterZone-Out']!;
  assert.ok(sent >= 2 * ping && sent % ping === 0, `one to the other zone, one to the gateway there: ${sent}`);
  assert.ok(sender['DataTransfer-Regional-Bytes InterZone-In']! >= ping);
  assert.equal((await bytesOf(ground, publicMachine.id))['DataTransfer-Regional-Bytes InterZone-Out'], ping);
  const gateway = await bytesOf(ground, nat.id);
  assert.ok(gateway['NatGateway-Bytes NatGateway']! >= ping);
  assert.equal(gateway['DataTransfer-Regional-Bytes PublicIP-Out'], ping);

  await ground.restart();
  assert.deepEqual(await bytesOf(ground, privateMachine.id), sender);
  assert.equal((await probe(pings, [listening(publicMachine)]))[0], true);
  const after = await bytesOf(ground, privateMachine.id);
  assert.equal(after['DataTransfer-Regional-Bytes InterZone-Out'], 2 * sent);
});
