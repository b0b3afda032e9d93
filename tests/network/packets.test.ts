/** Real packets in real networks: what groups and ACLs let through arrives, and nothing else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { listening, missing, openGround, probe, type Machine } from './ground.ts';

test('machines of one group reach each other in and across subnets, and none reaches another network', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { ec2 } = ground;
  const build = async (): Promise<Machine[]> => {
    const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const VpcId = Vpc!.VpcId!;
    const made: Machine[] = [];
    for (const CidrBlock of ['10.0.1.0/24', '10.0.2.0/24']) {
      const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock }));
      for (const last of [10, 11])
        made.push(await ground.machine({ SubnetId: Subnet!.SubnetId!, PrivateIpAddress: CidrBlock.replace('0/24', String(last)) }));
    }
    return made;
  };
  const [one, two] = [await build(), await build()];
  await ground.settled();
  const listeners = [...one, ...two].map(listening);
  const pairs = one.flatMap((from) => one.filter((to) => to !== from).map((to) => ({ from, to })));
  const within = pairs.flatMap(({ from, to }) =>
    (['tcp', 'udp', 'icmp'] as const).map((protocol) => ({
      ...{ namespace: from.namespace, protocol, address: to.address },
      port: protocol === 'tcp' ? 80 : 53,
    })),
  );
  const got = await probe(within, listeners);
  assert.deepEqual(
    within.filter((_, at) => !got[at]),
    [],
  );

  // The same addresses exist in the other network; ours are answered by ours alone, and nothing there is heard here.
  const [lonely] = two;
  const silent = [one[0]!].map((from) => ({ namespace: from.namespace, protocol: 'tcp' as const, address: '10.0.3.10', port: 80 }));
  assert.deepEqual(await probe([...silent, { namespace: lonely!.namespace, protocol: 'tcp', address: '10.0.1.1', port: 22 }], listeners), [
    false,
    false,
  ]);
});
