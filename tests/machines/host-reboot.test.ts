/** A reboot of the machine: instances that were running come back with their addresses and their data, those that were stopped stay so. */

import assert from 'node:assert/strict';
import { realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import * as Ec2 from '@aws-sdk/client-ec2';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { runAnyhow } from '../../src/host/programs.ts';
import { clearAway, makeHome, reset, up } from '../journeys/running-haneul.ts';
import { cutPowerOf } from './power-cut.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const zone = { AvailabilityZone: 'us-east-1a' };

async function skipVirtual(): Promise<string | undefined> {
  const obstacle = await virtualObstacle();
  return obstacle === undefined ? undefined : `SKIPPED: ${obstacle}`;
}

const drivers = { container: needsRoot, machine: needsRoot ?? (await skipVirtual()) };

for (const [driver, skip] of Object.entries(drivers))
  void suite(`a reboot of the machine under instances driven as ${driver}`, { skip: skip ?? false }, () => reboot(driver));

function reboot(driver: string): void {
  test('what ran runs again with its addresses, volumes and data; what was stopped stays stopped', async (t) => {
    const ends: (() => unknown)[] = [];
    t.after(async () => {
      for (const end of ends.reverse()) await end();
    });
    const home = await makeHome();
    let haneul = await up(home, '--ec2-driver', driver);
    ends.push(() => clearAway(home, haneul));
    const data = await realpath(home.environment['HANEUL_DATA']!);
    const connect = (): Ec2.EC2Client => new Ec2.EC2Client({ endpoint: haneul.endpoint, region: 'us-east-1', credentials });
    let ec2 = connect();
    const look = async (id: string): Promise<Ec2.Instance> =>
      (await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
    const reach = (id: string, state: string): Promise<Ec2.Instance> =>
      eventually(async () => {
        const row = await look(id);
        return row.State!.Name === state && row;
      });
    const key = join(home.directory, 'key');
    const console = async (id: string): Promise<string> => {
      const { Output } = await ec2.send(new Ec2.GetConsoleOutputCommand({ InstanceId: id, Latest: true }));
      return Buffer.from(Output ?? '', 'base64').toString();
    };
    const ssh = (to: Ec2.Instance, command: string): Promise<string> => {
      let said = '';
      const attempt = async (): Promise<string | false> => {
        const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=5', 'LogLevel=ERROR', 'BatchMode=yes'];
        const parameters = [...options.flatMap((option) => ['-o', option]), '-i', key, `root@${to.PublicIpAddress}`, command];
        const { code, stdout, stderr } = await runAnyhow('ssh', parameters);
        said = stderr.toString();
        return code === 0 && stdout.toString().trim();
      };
      return eventually(attempt, async () => `${said}\n${inspect(await look(to.InstanceId!))}\n${await console(to.InstanceId!)}`);
    };

    const { KeyMaterial } = await ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'mine', KeyType: 'ed25519' }));
    await writeFile(key, KeyMaterial!, { mode: 0o600 });
    const { SecurityGroups } = await ec2.send(new Ec2.DescribeSecurityGroupsCommand({ GroupNames: ['default'] }));
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: SecurityGroups![0]!.GroupId!, IpPermissions }));
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    const launch = async (more: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<Ec2.Instance> => {
      const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, KeyName: 'mine' };
      const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...wanted, Placement: zone, ...more }));
      return reach(Instances![0]!.InstanceId!, 'running');
    };

    // One with a volume of its own and an instance store, one with an elastic address, one that is stopped.
    const asContainer = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'haneul:driver', Value: 'container' }] }];
    const storing = await launch({ InstanceType: 'i3.large', TagSpecifications: asContainer });
    const working = await launch();
    const resting = await launch();
    const { AllocationId } = await ec2.send(new Ec2.AllocateAddressCommand({}));
    await ec2.send(new Ec2.AssociateAddressCommand({ AllocationId, InstanceId: working.InstanceId! }));
    const workingBefore = await look(working.InstanceId!);
    const made = await ec2.send(new Ec2.CreateVolumeCommand({ ...zone, Size: 1, Encrypted: true }));
    const volume = async (): Promise<Ec2.Volume> =>
      (await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [made.VolumeId!] }))).Volumes![0]!;
    await eventually(async () => (await volume()).State === 'available');
    await ec2.send(new Ec2.AttachVolumeCommand({ VolumeId: made.VolumeId!, InstanceId: working.InstanceId!, Device: '/dev/sdf' }));
    await eventually(async () => (await volume()).Attachments?.[0]?.State === 'attached');
    const there = (device: string): string => `while ! [ -b ${device} ]; do sleep 0.1; done`;
    await ssh(workingBefore, `${there('/dev/sdf')}; printf on-a-volume > /dev/sdf; echo on-the-root > /root/file; sync; sync; echo done`);
    await ssh(storing, `${there('/dev/sdb')}; printf in-the-store > /dev/sdb; sync; echo done`);
    await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [resting.InstanceId!] }));
    await reach(resting.InstanceId!, 'stopped');

    await haneul.kill();
    const otherProcess = await cutPowerOf(data);
    ends.push(otherProcess.end);
    assert.deepEqual(await leftBehind(data), []);
    haneul = await up(home, '--ec2-driver', driver);
    ec2 = connect();

    const again = await reach(working.InstanceId!, 'running');
    const addresses = ({ PrivateIpAddress, PublicIpAddress, PrivateDnsName }: Ec2.Instance): unknown[] => [
      PrivateIpAddress,
      PublicIpAddress,
      PrivateDnsName,
    ];
    assert.deepEqual(addresses(again), addresses(workingBefore));
    assert.deepEqual(again.LaunchTime, workingBefore.LaunchTime);
    assert.equal(await ssh(again, `${there('/dev/sdf')}; head -c 11 /dev/sdf; cat /root/file`), 'on-a-volumeon-the-root');
    assert.equal(await ssh(again, 'wget -qO- http://169.254.169.254/latest/meta-data/instance-id'), working.InstanceId);
    assert.deepEqual([(await volume()).State, (await volume()).Attachments![0]!.State], ['in-use', 'attached']);
    // A reboot, also of the host, leaves an instance store as it was: it is lost when an instance stops.
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-lifetime.html
    const storingAgain = await reach(storing.InstanceId!, 'running');
    assert.deepEqual(addresses(storingAgain), addresses(storing));
    assert.equal(await ssh(storingAgain, `${there('/dev/sdb')}; head -c 12 /dev/sdb`), 'in-the-store');
    assert.equal((await look(resting.InstanceId!)).State!.Name, 'stopped');
    await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [resting.InstanceId!] }));
    assert.equal((await reach(resting.InstanceId!, 'running')).PrivateIpAddress, resting.PrivateIpAddress);

    await reset(home);
    assert.deepEqual(await leftBehind(data), []);
  });
}
