/** What every course on AWS has its students do, by the AWS CLI, on real machines: from a key pair to the end of all instances. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { labelOf } from '../../src/host/networks/names.ts';
import { clearAway, haneul as haneulCommand, makeHome, up } from '../journeys/running-haneul.ts';
import { worldBeyond } from '../network/world-beyond.ts';

const zone = 'us-east-1a';

/** A web server beyond the machine; ends with its input. */
async function serveBeyond(namespace: string, server: string): Promise<() => void> {
  const program = [
    'import http.server, sys, threading',
    'class Answer(http.server.BaseHTTPRequestHandler):',
    '    def do_GET(self):',
    '        self.send_response(200); self.end_headers(); self.wfile.write(self.client_address[0].encode())',
    '    def log_message(self, *words): pass',
    `web = http.server.HTTPServer(("${server}", 80), Answer)`,
    'threading.Thread(target=web.serve_forever, daemon=True).start()',
    'print("ready", flush=True)',
    'sys.stdin.read()',
  ].join('\n');
  const child = spawn('ip', ['netns', 'exec', namespace, 'python3', '-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return () => child.stdin.end();
}

void test(
  'a bastion, a private host behind a NAT gateway, a volume that moves, and a spot interruption',
  { skip: needsRoot ?? false },
  async (t) => {
    const ends: (() => unknown)[] = [];
    t.after(async () => {
      for (const end of ends.reverse()) await end();
    });
    const world = worldBeyond();
    ends.push(world.end);
    await world.make();
    ends.push(await serveBeyond(world.beyond, world.server));
    const home = await makeHome();
    const haneul = await up(home, '--egress', world.uplink, '--egress-resolver', world.farEnd);
    ends.push(() => clearAway(home, haneul));
    const data = await realpath(home.environment['HANEUL_DATA']!);
    const environment = {
      ...{ HOME: home.directory, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' },
    };
    /** The text of a call's answer, by a query where one is given. */
    const aws = async (words: string, ...more: string[]): Promise<string> => {
      const given = ['--endpoint-url', haneul.endpoint, '--output', 'text', 'ec2', ...words.split(' '), ...more];
      return (await run('aws', given, { environment, milliseconds: 180_000 })).toString().trim();
    };
    const until = (wanted: string, words: string, ...more: string[]): Promise<unknown> =>
      eventually(async () => (await aws(words, ...more)) === wanted);

    // A key pair, and a network with a public and a private subnet.
    const key = join(home.directory, 'key.pem');
    await writeFile(key, `${await aws('create-key-pair --key-name me --key-type ed25519 --query KeyMaterial')}\n`, { mode: 0o600 });
    const vpc = await aws('create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId');
    const subnetOf = (cidr: string): Promise<string> =>
      aws(`create-subnet --vpc-id ${vpc} --cidr-block ${cidr} --availability-zone ${zone} --query Subnet.SubnetId`);
    const [publicSubnet, privateSubnet] = [await subnetOf('10.0.1.0/24'), await subnetOf('10.0.2.0/24')];
    const gateway = await aws('create-internet-gateway --query InternetGateway.InternetGatewayId');
    await aws(`attach-internet-gateway --internet-gateway-id ${gateway} --vpc-id ${vpc}`);
    const tableFor = async (subnet: string): Promise<string> => {
      const table = await aws(`create-route-table --vpc-id ${vpc} --query RouteTable.RouteTableId`);
      await aws(`associate-route-table --route-table-id ${table} --subnet-id ${subnet}`);
      return table;
    };
    const [publicTable, privateTable] = [await tableFor(publicSubnet), await tableFor(privateSubnet)];
    await aws(`create-route --route-table-id ${publicTable} --destination-cidr-block 0.0.0.0/0 --gateway-id ${gateway}`);
    const groupOf = (name: string): Promise<string> =>
      aws(`create-security-group --group-name ${name} --vpc-id ${vpc} --query GroupId --description ${name}`);
    const [outer, inner] = [await groupOf('bastion'), await groupOf('inner')];
    await aws(`authorize-security-group-ingress --group-id ${outer} --protocol tcp --port 22 --cidr 0.0.0.0/0`);
    const door = `--group-id ${inner} --protocol tcp --port 22 --source-group ${outer}`;
    await aws(`authorize-security-group-ingress ${door}`);

    // A bastion that the world reaches, and a private host that the bastion reaches.
    const image = await aws('describe-images --filters Name=name,Values=haneul-tiny --query Images[0].ImageId');
    const launch = (subnet: string, group: string, ...more: string[]): Promise<string> =>
      aws(
        `run-instances --image-id ${image} --instance-type t3.micro --key-name me --subnet-id ${subnet} --security-group-ids ${group} --query Instances[0].InstanceId`,
        ...more,
      );
    const bastion = await launch(publicSubnet, outer, '--associate-public-ip-address');
    const hidden = await launch(privateSubnet, inner);
    const told = (id: string, what: string): Promise<string> =>
      aws(`describe-instances --instance-ids ${id} --query Reservations[0].Instances[0].${what}`);
    for (const id of [bastion, hidden])
      await until('running', `describe-instances --instance-ids ${id} --query Reservations[0].Instances[0].State.Name`);
    const bastionAddress = await told(bastion, 'PublicIpAddress');
    const hiddenAddress = await told(hidden, 'PrivateIpAddress');
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=10', 'LogLevel=ERROR', 'BatchMode=yes'];
    const common = ['-i', key, ...options.flatMap((option) => ['-o', option])];
    const through = `ssh ${common.join(' ')} -W %h:%p root@${bastionAddress}`;
    const attempt = (address: string, command: string) => {
      const way = address === bastionAddress ? [] : ['-o', `ProxyCommand=${through}`];
      return runAnyhow('ssh', [...common, ...way, `root@${address}`, command], { milliseconds: 60_000 });
    };
    const ssh = (address: string, command: string): Promise<string> =>
      eventually(async () => {
        const { code, stdout } = await attempt(address, command);
        return code === 0 && stdout.toString().trim();
      });
    assert.equal(await ssh(bastionAddress, 'hostname'), (await told(bastion, 'PrivateDnsName')).split('.')[0]);
    assert.equal(await ssh(hiddenAddress, 'hostname'), (await told(hidden, 'PrivateDnsName')).split('.')[0]);

    // SDKs on it trust the cloud's own authority.
    const trusted = 'grep -q CERTIFICATE /etc/ssl/certs/ca-certificates.crt && grep AWS_CA_BUNDLE /etc/environment';
    assert.equal(await ssh(bastionAddress, trusted), 'AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt');

    // The private host has no way out before there is a NAT gateway. Beyond the machine everybody has its address.
    const fetch = `timeout 10 wget -qO- http://${world.server}/`;
    assert.notEqual((await attempt(hiddenAddress, fetch)).code, 0);
    const address = await aws('allocate-address --domain vpc --query AllocationId');
    const nat = await aws(`create-nat-gateway --subnet-id ${publicSubnet} --allocation-id ${address} --query NatGateway.NatGatewayId`);
    await until('available', `describe-nat-gateways --nat-gateway-ids ${nat} --query NatGateways[0].State`);
    await aws(`create-route --route-table-id ${privateTable} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id ${nat}`);
    assert.equal(await ssh(hiddenAddress, fetch), world.ownEnd);

    // A group's change cuts the door that was open.
    await aws(`revoke-security-group-ingress ${door}`);
    await eventually(async () => (await attempt(hiddenAddress, 'true')).code !== 0);
    await aws(`authorize-security-group-ingress ${door}`);
    assert.equal(await ssh(hiddenAddress, 'echo open again'), 'open again');

    // A volume is attached, given a file system, snapshotted, and restored on the other machine.
    const volumeOf = async (more: string, instance: string): Promise<string> => {
      const volume = await aws(`create-volume --availability-zone ${zone} ${more} --query VolumeId`);
      await until('available', `describe-volumes --volume-ids ${volume} --query Volumes[0].State`);
      await aws(`attach-volume --volume-id ${volume} --instance-id ${instance} --device /dev/sdf`);
      return volume;
    };
    const untilThere = 'while ! [ -b /dev/sdf ]; do sleep 0.1; done';
    const first = await volumeOf('--size 1', hidden);
    await ssh(hiddenAddress, `${untilThere}; mke2fs -L precious /dev/sdf > /dev/null && sync`);
    const snapshot = await aws(`create-snapshot --volume-id ${first} --query SnapshotId`);
    await until('completed', `describe-snapshots --snapshot-ids ${snapshot} --query Snapshots[0].State`);
    await volumeOf(`--snapshot-id ${snapshot}`, bastion);
    // Where ext2 keeps its label.
    assert.equal(await ssh(bastionAddress, `${untilThere}; dd if=/dev/sdf bs=1 skip=1144 count=8 2>/dev/null`), 'precious');

    // A spot instance reads in its metadata that it will be interrupted.
    const spot = await launch(publicSubnet, outer, '--associate-public-ip-address', '--instance-market-options', 'MarketType=spot');
    await until('running', `describe-instances --instance-ids ${spot} --query Reservations[0].Instances[0].State.Name`);
    const spotAddress = await told(spot, 'PublicIpAddress');
    const direct = (command: string) => runAnyhow('ssh', [...common, `root@${spotAddress}`, command], { milliseconds: 60_000 });
    const notice = 'wget -qO- http://169.254.169.254/latest/meta-data/spot/instance-action';
    await eventually(async () => (await direct('true')).code === 0);
    assert.notEqual((await direct(notice)).code, 0);
    const fault = await haneulCommand(home, 'fault', 'spot', spot);
    assert.equal(fault.code, 0, fault.stderr);
    const action = await eventually(async () => (await direct(notice)).stdout.toString());
    assert.equal((JSON.parse(action) as { action: string }).action, 'terminate');

    // All end, and leave nothing on the machine.
    await aws(`terminate-instances --instance-ids ${bastion} ${hidden} ${spot}`);
    for (const id of [bastion, hidden, spot])
      await until('terminated', `describe-instances --instance-ids ${id} --query Reservations[0].Instances[0].State.Name`);
    for (const id of [bastion, hidden, spot]) assert.deepEqual(await leftBehind(id), []);
    assert.equal((await haneulCommand(home, 'reset', '--yes')).code, 0);
    const namespaces = (await run('ip', ['netns', 'list'])).toString().split('\n');
    assert.deepEqual(
      namespaces.filter((line) => line.includes(labelOf(data))),
      [],
    );
    assert.doesNotMatch((await run('nft', ['list', 'tables'])).toString(), new RegExp(`${labelOf(data)}-egress`));
  },
);
