/** Instances with two interfaces, over real packets: each address answers by the interface that has it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { missing, openGround, probe, type Ground, type Listening, type Machine, type Probe } from './ground.ts';

let ground: Ground;
const skip = missing;
before(async () => {
  if (!missing) ground = await openGround({ instances: 'simulated' });
});
after(async () => {
  if (!missing) await ground.close();
});

type Laid = { subnets: string[]; ImageId: string; clients: Machine[] };

/** Three subnets of a zone, and a client in each: the first two are an instance's as well. */
async function lay(): Promise<Laid> {
  const { ec2 } = ground;
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.60.0.0/16', AmazonProvidedIpv6CidrBlock: true }));
  const range = Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;
  const subnets: string[] = [];
  for (const number of [1, 2, 3]) {
    const { Subnet } = await ec2.send(
      new Ec2.CreateSubnetCommand({
        ...{ VpcId: Vpc!.VpcId!, CidrBlock: `10.60.${number}.0/24`, AvailabilityZone: 'us-east-1a' },
        Ipv6CidrBlock: range.replace(/00::\/56$/, `0${number}::/64`),
      }),
    );
    subnets.push(Subnet!.SubnetId!);
  }
  const clients: Machine[] = [];
  for (const SubnetId of subnets) clients.push(await ground.machine({ SubnetId, Ipv6AddressCount: 1 }));
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  return { subnets, clients, ImageId: Images![0]!.ImageId! };
}

async function run(ImageId: string, interfaces: Ec2.InstanceNetworkInterfaceSpecification[]): Promise<string> {
  const call = { ImageId, InstanceType: 't3.medium' as const, MinCount: 1, MaxCount: 1, NetworkInterfaces: interfaces };
  const { Instances } = await ground.ec2.send(new Ec2.RunInstancesCommand(call));
  await ground.settled();
  return Instances![0]!.InstanceId!;
}

async function interfacesOf(instance: string): Promise<Ec2.InstanceNetworkInterface[]> {
  const { Reservations } = await ground.ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [instance] }));
  const { NetworkInterfaces = [] } = Reservations![0]!.Instances![0]!;
  return NetworkInterfaces.sort((a, b) => a.Attachment!.DeviceIndex! - b.Attachment!.DeviceIndex!);
}

const addressesOf = (interfaces: Ec2.InstanceNetworkInterface[]): string[] =>
  interfaces.flatMap(({ PrivateIpAddresses = [], Ipv6Addresses = [] }) => [
    ...PrivateIpAddresses.map((one) => one.PrivateIpAddress!),
    ...Ipv6Addresses.map((one) => one.Ipv6Address!),
  ]);

/** Those addresses of the instance that do not answer some client, or from which it cannot ask one: `CLIENT ADDRESS PROTOCOL`. */
async function silent(instance: string, clients: readonly Machine[]): Promise<string[]> {
  const namespace = ground.namespaceOf(instance);
  const listeners: Listening[] = [namespace, ...clients.map((client) => client.namespace)].map((name) => ({
    ...{ namespace: name, tcp: [80], udp: [] },
  }));
  const asked = addressesOf(await interfacesOf(instance)).flatMap((address) =>
    clients.flatMap((client): Probe[] => [
      { namespace: client.namespace, protocol: 'tcp', address, port: 80 },
      { namespace: client.namespace, protocol: 'icmp', address },
      { namespace, protocol: 'tcp', address: address.includes(':') ? client.address6! : client.address, port: 80, source: address },
    ]),
  );
  const got = await probe(asked, listeners);
  return asked.flatMap((one, at) => (got[at] ? [] : [`${one.protocol} ${one.source ?? ''} ${one.address} from ${one.namespace}`]));
}

const rulesIn = (instance: string, family: string): string[] => {
  const words = [family, '-n', ground.namespaceOf(instance), 'rule', 'show'];
  return execFileSync('/usr/sbin/ip', words, { encoding: 'utf8' }).match(/from (?!all)\S+/g) ?? [];
};

test(
  'every address of an instance answers by its own interface, from its launch on, after a change and after a crash',
  { skip },
  async () => {
    const { subnets, clients, ImageId } = await lay();
    const spec = (DeviceIndex: number): Ec2.InstanceNetworkInterfaceSpecification => ({
      ...{ DeviceIndex, SubnetId: subnets[DeviceIndex]!, SecondaryPrivateIpAddressCount: 1, Ipv6AddressCount: 1 },
    });
    const instance = await run(ImageId, [spec(0), spec(1)]);
    assert.equal(addressesOf(await interfacesOf(instance)).length, 6);
    assert.deepEqual(await silent(instance, clients), []);

    // An address comes, another one goes, and a third moves over to the other interface.
    const [first, second] = await interfacesOf(instance);
    const gone = second!.PrivateIpAddresses![1]!.PrivateIpAddress!;
    await ground.ec2.send(
      new Ec2.AssignPrivateIpAddressesCommand({ NetworkInterfaceId: second!.NetworkInterfaceId!, SecondaryPrivateIpAddressCount: 1 }),
    );
    await ground.ec2.send(
      new Ec2.UnassignPrivateIpAddressesCommand({ NetworkInterfaceId: second!.NetworkInterfaceId!, PrivateIpAddresses: [gone] }),
    );
    await ground.ec2.send(new Ec2.AssignIpv6AddressesCommand({ NetworkInterfaceId: first!.NetworkInterfaceId!, Ipv6AddressCount: 1 }));
    await ground.settled();
    const now = await interfacesOf(instance);
    assert.equal(addressesOf(now).length, 7);
    assert.deepEqual(await silent(instance, clients), []);
    const rules = [...rulesIn(instance, '-4'), ...rulesIn(instance, '-6')];
    const wanted = addressesOf(now).map((address) => `from ${address}`);
    assert.deepEqual(rules.sort(), wanted.sort());

    await ground.restart();
    assert.deepEqual(await silent(instance, clients), []);

    // What a guest does to its own rules is its own affair, and is made good with the next change.
    const inside = (...words: string[]): unknown => execFileSync('/usr/sbin/ip', ['-n', ground.namespaceOf(instance), ...words]);
    inside('rule', 'flush', 'table', '101');
    inside('rule', 'add', 'pref', '100', 'from', '10.60.1.99', 'lookup', '100');
    inside('address', 'del', `${now[1]!.PrivateIpAddresses![1]!.PrivateIpAddress!}/32`, 'dev', 'eth1');
    await ground.ec2.send(
      new Ec2.UnassignPrivateIpAddressesCommand({
        NetworkInterfaceId: second!.NetworkInterfaceId!,
        PrivateIpAddresses: [now[1]!.PrivateIpAddresses![1]!.PrivateIpAddress!],
      }),
    );
    await ground.settled();
    assert.deepEqual(await silent(instance, clients), []);
  },
);

test('an interface that is attached while the instance runs answers too, and leaves nothing when it goes', { skip }, async () => {
  const { subnets, clients, ImageId } = await lay();
  const instance = await run(ImageId, [{ DeviceIndex: 0, SubnetId: subnets[0]! }]);
  assert.deepEqual(rulesIn(instance, '-4'), []);
  const { NetworkInterface } = await ground.ec2.send(
    new Ec2.CreateNetworkInterfaceCommand({ SubnetId: subnets[1]!, SecondaryPrivateIpAddressCount: 1 }),
  );
  const { AttachmentId } = await ground.ec2.send(
    new Ec2.AttachNetworkInterfaceCommand({
      ...{ NetworkInterfaceId: NetworkInterface!.NetworkInterfaceId!, InstanceId: instance, DeviceIndex: 1 },
    }),
  );
  await ground.settled();
  assert.equal(addressesOf(await interfacesOf(instance)).length, 3);
  assert.deepEqual(await silent(instance, clients), []);
  await ground.ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: AttachmentId! }));
  await ground.settled();
  assert.deepEqual(rulesIn(instance, '-4'), []);
  assert.deepEqual(await silent(instance, clients), []);
});
