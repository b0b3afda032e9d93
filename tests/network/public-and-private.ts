/** The network that most tutorials lay: a public subnet, and a private one that speaks outside through a NAT gateway in it. */

import * as Ec2 from '@aws-sdk/client-ec2';
import type { Ground, Machine } from './ground.ts';

export type PublicAndPrivate = {
  VpcId: string;
  /** The public one first. */
  subnets: [string, string];
  tables: [string, string];
  publicMachine: Machine;
  privateMachine: Machine;
  publicAddress: string;
  nat: { id: string; address: string };
};

export async function layPublicAndPrivate({ ec2, machine, settled }: Ground, privateZone = 'us-east-1a'): Promise<PublicAndPrivate> {
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const { InternetGateway } = await ec2.send(new Ec2.CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new Ec2.AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId }));
  const subnetWith = async (CidrBlock: string, AvailabilityZone: string): Promise<[subnet: string, table: string]> => {
    const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
    const { RouteTable } = await ec2.send(new Ec2.CreateRouteTableCommand({ VpcId }));
    const [SubnetId, RouteTableId] = [Subnet!.SubnetId!, RouteTable!.RouteTableId!];
    await ec2.send(new Ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    return [SubnetId, RouteTableId];
  };
  const [publicSubnet, publicTable] = await subnetWith('10.0.1.0/24', 'us-east-1a');
  const [privateSubnet, privateTable] = await subnetWith('10.0.2.0/24', privateZone);
  const everywhere = { DestinationCidrBlock: '0.0.0.0/0' };
  await ec2.send(new Ec2.CreateRouteCommand({ RouteTableId: publicTable, ...everywhere, GatewayId }));
  const [publicMachine, privateMachine] = [await machine({ SubnetId: publicSubnet }), await machine({ SubnetId: privateSubnet })];
  const own = await ec2.send(new Ec2.AllocateAddressCommand({ Domain: 'vpc' }));
  await ec2.send(new Ec2.AssociateAddressCommand({ AllocationId: own.AllocationId!, NetworkInterfaceId: publicMachine.interface }));
  const shared = await ec2.send(new Ec2.AllocateAddressCommand({ Domain: 'vpc' }));
  const nat = await ec2.send(new Ec2.CreateNatGatewayCommand({ SubnetId: publicSubnet, AllocationId: shared.AllocationId! }));
  await settled();
  const NatGatewayId = nat.NatGateway!.NatGatewayId!;
  await ec2.send(new Ec2.CreateRouteCommand({ RouteTableId: privateTable, ...everywhere, NatGatewayId }));
  await settled();
  return {
    ...{ VpcId, publicMachine, privateMachine, publicAddress: own.PublicIp!, nat: { id: NatGatewayId, address: shared.PublicIp! } },
    ...{ subnets: [publicSubnet, privateSubnet], tables: [publicTable, privateTable] },
  };
}
