/** Real packets while a zone is down: nothing in it answers, not even to the machine or by NAT, whoever restarts; then all does again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { changeZone } from '../../src/framework/zone-faults.ts';
import { networkRecords } from '../../src/services/ec2/network/records.ts';
import { reach } from '../../src/services/ec2/network/reachability.ts';
import { eventually } from '../../src/host/machines/tests/workshop.ts';
import { listening, missing, openGround, probe, type Machine, type Probe } from './ground.ts';

const zone = 'us-east-1a';

test(
  'what lies in a zone that is down neither sends nor receives, over a restart too, and all of it does when it is up',
  { skip: missing },
  async (t) => {
    const ground = await openGround();
    t.after(() => ground.close());
    const change = async (down: boolean): Promise<void> => {
      await ground.cloud.cloud.store.write((tx) => changeZone(tx, { zone, down, destroy: false, now: ground.cloud.cloud.clock.now() }));
      await ground.settled();
    };
    const { Vpc } = await ground.ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
    const VpcId = Vpc!.VpcId!;
    const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
    const { RouteTables } = await ground.ec2.send(new Ec2.DescribeRouteTablesCommand({ Filters }));
    const { InternetGateway } = await ground.ec2.send(new Ec2.CreateInternetGatewayCommand({}));
    const InternetGatewayId = InternetGateway!.InternetGatewayId!;
    await ground.ec2.send(new Ec2.AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    const toInternet = { RouteTableId: RouteTables![0]!.RouteTableId!, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId };
    await ground.ec2.send(new Ec2.CreateRouteCommand(toInternet));
    const { SecurityGroups } = await ground.ec2.send(new Ec2.DescribeSecurityGroupsCommand({ Filters }));
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ground.ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: SecurityGroups![0]!.GroupId!, IpPermissions }));
    const machineIn = async (AvailabilityZone: string, CidrBlock: string): Promise<Machine> => {
      const { Subnet } = await ground.ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
      return ground.machine({ SubnetId: Subnet!.SubnetId! });
    };
    const [lost, safe] = [await machineIn(zone, '10.20.1.0/24'), await machineIn('us-east-1b', '10.20.2.0/24')];
    const neighbour = await ground.machine({ SubnetId: (await subnetOf(ground.ec2, lost))! });
    const { AllocationId, PublicIp } = await ground.ec2.send(new Ec2.AllocateAddressCommand({}));
    await ground.ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, NetworkInterfaceId: lost.interface }));
    await ground.settled();

    const tcp = (namespace: string, address: string): Probe => ({ namespace, protocol: 'tcp', address, port: 80 });
    const into = [tcp(safe.namespace, lost.address), tcp(neighbour.namespace, lost.address), tcp('', PublicIp!)];
    const outOf = [tcp(lost.namespace, safe.address), tcp(lost.namespace, neighbour.address)];
    const ask = (): Promise<boolean[]> => probe([...into, ...outOf], [lost, safe, neighbour].map(listening));
    const model = async (): Promise<boolean> => {
      const records = await ground.cloud.cloud.store.read(networkRecords);
      return reach(records, safe.interface, { protocol: 'tcp', destination: lost.address, port: 80 }).reached;
    };
    assert.deepEqual([await ask(), await model()], [Array(5).fill(true), true]);
    await change(true);
    assert.deepEqual([await ask(), await model()], [Array(5).fill(false), false]);
    await ground.restart();
    assert.deepEqual(await ask(), Array(5).fill(false));
    await change(false);
    // A system that found its cable plugged in again may take a second to believe it.
    await eventually(async () => (await ask()).every(Boolean));
    assert.equal(await model(), true);
  },
);

async function subnetOf(ec2: Ec2.EC2Client, machine: Machine): Promise<string | undefined> {
  const { NetworkInterfaces } = await ec2.send(new Ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [machine.interface] }));
  return NetworkInterfaces![0]!.SubnetId;
}
