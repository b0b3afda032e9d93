/** What changes while an instance with a kernel of its own runs: interfaces, IPv6 addresses, sizes of volumes; in each emulator that is here. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { programIn } from '../../src/host/images/host-programs.ts';
import { copyWithLibraries } from '../../src/host/images/tree.ts';
import { emulatorsHere } from '../../src/host/machines/virtual/emulators.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { run } from '../../src/host/programs.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const emulators = needsRoot === undefined ? await emulatorsHere() : [];
/** By its path, for busybox has one too. */
const mke2fs = (await programIn('mke2fs')) ?? 'mke2fs';
const zone = 'us-east-1a';
const kernels = [
  {
    name: 'the first emulator',
    launch: {},
    skip: emulators.length === 0 && 'SKIPPED: there is no emulator here',
    growsLive: emulators[0] !== 'uml',
  },
  {
    name: 'QEMU, with an encrypted root volume',
    // What may hibernate is one of QEMU's.
    launch: {
      HibernationOptions: { Configured: true },
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 8 } }],
    },
    skip: !emulators.some((name) => name !== 'uml') && 'SKIPPED: needs qemu-system-x86 and a kernel in /boot',
    growsLive: true,
  },
];

void suite(
  'changes to instances with kernels of their own',
  { skip: needsRoot ?? (emulators.length === 0 && 'SKIPPED: no emulator') },
  () => {
    let home: Home;
    let haneul: RunningHaneul;
    let ec2: Ec2.EC2Client;
    let ImageId: string;
    let SubnetId: string;
    let peer: Ec2.Instance;

    before(async () => {
      home = await makeHome();
      haneul = await up(home, '--ec2-driver', 'machine');
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      ec2 = new Ec2.EC2Client({ endpoint: haneul.endpoint, region: 'us-east-1', credentials });
      ImageId = await importImage();
      SubnetId = await makeSubnet();
      const Tags = [{ Key: 'haneul:driver', Value: 'container' }];
      peer = await launch({ TagSpecifications: [{ ResourceType: 'instance', Tags }] });
    });
    after(async () => {
      await clearAway(home, haneul);
      assert.deepEqual(await leftBehind(home.environment['HANEUL_DATA']!), []);
    });

    /** A shell, and the tools of ext4. */
    async function importImage(): Promise<string> {
      const tree = join(home.directory, 'tree');
      await mkdir(join(tree, 'bin'), { recursive: true });
      await copyFile('/bin/busybox', join(tree, 'bin/busybox'));
      await symlink('busybox', join(tree, 'bin/sh'));
      await copyWithLibraries(tree, [mke2fs, (await programIn('resize2fs'))!]);
      const tar = join(home.directory, 'with-e2fsprogs.tar');
      await run('tar', ['--create', '--file', tar, '--directory', tree, '.']);
      const said = await haneulCommand(home, 'image', 'import', tar);
      assert.equal(said.code, 0, said.stderr);
      return /ami-[0-9a-f]{17}/.exec(said.stdout)![0];
    }

    async function makeSubnet(): Promise<string> {
      const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }));
      const Ipv6CidrBlock = Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!.replace(/::\/56$/, '::/64');
      const wanted = { VpcId: Vpc!.VpcId!, CidrBlock: '10.0.1.0/24', Ipv6CidrBlock, AvailabilityZone: zone };
      return (await ec2.send(new Ec2.CreateSubnetCommand(wanted))).Subnet!.SubnetId!;
    }

    async function launch(more: Partial<Ec2.RunInstancesCommandInput>): Promise<Ec2.Instance> {
      const wanted = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, SubnetId, Ipv6AddressCount: 1 };
      const made = (await ec2.send(new Ec2.RunInstancesCommand({ ...wanted, ...more }))).Instances![0]!;
      return eventually(async () => {
        const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [made.InstanceId!] }));
        const row = Reservations![0]!.Instances![0]!;
        assert.ok(['pending', 'running'].includes(row.State!.Name!), JSON.stringify(row.StateReason));
        return row.State!.Name === 'running' && row;
      });
    }

    const inside = async (id: string, script: string, ...words: string[]): Promise<string> => {
      const { stdout, stderr } = await haneulCommand(home, 'shell', id, '--', '/bin/busybox', 'sh', '-c', script, 'sh', ...words);
      return `${stdout}${stderr}`.trim();
    };
    const says = (id: string, wanted: RegExp, script: string, ...words: string[]): Promise<string> =>
      eventually(async () => {
        const said = await inside(id, script, ...words);
        return wanted.test(said) && said;
      });
    const lookAt = async (id: string): Promise<Ec2.NetworkInterface> =>
      (await ec2.send(new Ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }))).NetworkInterfaces![0]!;
    const address6 = ({ NetworkInterfaces }: Ec2.Instance): string => NetworkInterfaces![0]!.Ipv6Addresses![0]!.Ipv6Address!;

    for (const { name, launch: more, skip, growsLive } of kernels)
      test(`of ${name}: interfaces, addresses and volumes change while it runs`, { skip }, async () => {
        const instance = await launch(more);
        const id = instance.InstanceId!;
        const ping = (from: string, to: string, version: string): Promise<string> =>
          says(id, /1 packets received/, 'ping -"$3" -c 1 -W 5 -I "$1" "$2"', from, to, version);
        await ping(address6(instance), address6(peer), '6');

        const [primary] = instance.NetworkInterfaces!;
        const asked = { NetworkInterfaceId: primary!.NetworkInterfaceId!, Ipv6AddressCount: 1 };
        const { AssignedIpv6Addresses } = await ec2.send(new Ec2.AssignIpv6AddressesCommand(asked));
        await ping(AssignedIpv6Addresses![0]!, address6(peer), '6');
        await ec2.send(
          new Ec2.UnassignIpv6AddressesCommand({ NetworkInterfaceId: asked.NetworkInterfaceId, Ipv6Addresses: AssignedIpv6Addresses }),
        );
        await says(id, /^absent$/, 'ip address | grep -qF "$1" || echo absent', AssignedIpv6Addresses![0]!);

        const { NetworkInterface } = await ec2.send(new Ec2.CreateNetworkInterfaceCommand({ SubnetId, Ipv6AddressCount: 1 }));
        const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
        const { AttachmentId } = await ec2.send(
          new Ec2.AttachNetworkInterfaceCommand({ NetworkInterfaceId, InstanceId: id, DeviceIndex: 1 }),
        );
        await eventually(async () => (await lookAt(NetworkInterfaceId)).Attachment?.Status === 'attached');
        await ping('eth1', peer.PrivateIpAddress!, '4');
        await ping('eth1', address6(peer), '6');
        await ec2.send(new Ec2.DetachNetworkInterfaceCommand({ AttachmentId: AttachmentId! }));
        await eventually(async () => (await lookAt(NetworkInterfaceId)).Status === 'available');
        await says(id, /^absent$/, '[ -e /sys/class/net/eth1 ] || echo absent');
        await ec2.send(new Ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));

        const volume = { AvailabilityZone: zone, Size: 1, VolumeType: 'gp3' as const, Encrypted: growsLive };
        const VolumeId = (await ec2.send(new Ec2.CreateVolumeCommand(volume))).VolumeId!;
        const volumeIs = (state: string): Promise<true> =>
          eventually(async () => {
            const [row] = (await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [VolumeId] }))).Volumes!;
            return (row!.Attachments?.[0]?.State ?? row!.State) === state;
          }) as Promise<true>;
        const attach = async (): Promise<void> => {
          await volumeIs('available');
          await ec2.send(new Ec2.AttachVolumeCommand({ InstanceId: id, VolumeId, Device: '/dev/sdf' }));
          await volumeIs('attached');
        };
        await attach();
        const make = `${mke2fs} -t ext4 -q -F /dev/sdf && mkdir -p /mnt/data && mount -t ext4 /dev/sdf /mnt/data && echo kept > /mnt/data/word && echo made`;
        await says(id, /made$/, `[ -b /dev/sdf ] && { ${make}; }`);
        await ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, Size: 2 }));
        if (!growsLive) {
          await says(id, /^out$/, 'umount /mnt/data; echo out');
          await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId }));
          await attach();
          await says(id, /^in$/, '[ -b /dev/sdf ] && mount -t ext4 /dev/sdf /mnt/data && echo in');
        }
        await says(id, /^2147483648$/, 'blockdev --getsize64 /dev/sdf');
        const said = await inside(
          id,
          'resize2fs /dev/sdf >/dev/null 2>&1; df -m /mnt/data | tail -n 1 | awk "{print \\$2}"; cat /mnt/data/word',
        );
        const [mebibytes, word] = said.split('\n');
        assert.ok(Number(mebibytes) > 1800, said);
        assert.equal(word, 'kept');
      });
  },
);
