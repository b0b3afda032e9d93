/** What the network tests share: a cloud with real networks, interfaces with nothing behind them but a namespace, and probes. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { accessSync, readdirSync, realpathSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { networkInterfaces as hostInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateNetworkInterfaceCommand, EC2Client, type CreateNetworkInterfaceCommandInput } from '@aws-sdk/client-ec2';
import type { Host } from '../../src/framework/host.ts';
import { noPeers } from '../../src/framework/peers.ts';
import type { EgressChoice } from '../../src/host/networks/networks.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { simulatedHost } from '../../src/host/simulated/host.ts';
import { thisHost } from '../../src/host/this-host.ts';
import { networkInterfaces } from '../../src/services/ec2/network-interfaces/network-interface.ts';
import { rootOf, startCloud, type LiveCloud } from '../live-cloud.ts';

export const account = '111122223333';

/** Why networks cannot be tested here, for `skip`; it is said aloud. */
export const missing: string | false = (() => {
  const lacks = process.getuid?.() === 0 ? ['ip', 'nft', 'sysctl', 'python3', 'curl'].filter((name) => !isProgram(name)) : ['root'];
  if (lacks.length === 0) return false;
  const reason = `real networks are NOT TESTED here: no ${lacks.join(', no ')}`;
  process.stderr.write(`${reason}\n`);
  return reason;
})();

function isProgram(name: string): boolean {
  return ['/usr/sbin', '/sbin', '/usr/bin', '/bin'].some((directory) => {
    try {
      accessSync(join(directory, name));
      return true;
    } catch {
      return false;
    }
  });
}

export type Probe = { namespace: string; protocol: 'tcp' | 'udp' | 'icmp'; address: string; port?: number; source?: string };
export type Listening = { namespace: string; tcp: number[]; udp: number[] };
export type Machine = { id: string; namespace: string; address: string; /** Its first of IPv6. */ address6?: string; interface: string };

export type Ground = {
  cloud: LiveCloud;
  ec2: EC2Client;
  namespaceOf(id: string): string;
  /** An interface that is plugged into a namespace of its own, as an instance's would be. */
  machine(input: CreateNetworkInterfaceCommandInput, client?: EC2Client): Promise<Machine>;
  settled(): Promise<void>;
  /** Ends the cloud as kill -9 would, as far as the machine sees it, and opens another on its data. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

let machines = 0;

export type GroundOptions = {
  /** EC2 boots nothing in the namespaces of its instances, and tests do there what they like. */
  instances?: 'simulated';
  /** A way out of the machine: through a link that the test has made, and nothing else. */
  egress?: EgressChoice;
  /** Of public addresses. Later starts on the same data keep it by themselves. */
  publicRange?: string;
};

export async function openGround({ instances, egress, publicRange }: GroundOptions = {}): Promise<Ground> {
  const dataDirectory = realpathSync(await mkdtemp(join(tmpdir(), 'haneul-network-')));
  const names = namesFor(labelOf(dataDirectory));
  const twins = simulatedHost();
  const newHost = (): Host => {
    const real = thisHost('', dataDirectory, {}, noPeers, 'container', egress);
    return instances === undefined ? real : { ...twins, networks: real.networks };
  };
  let host = newHost();
  let cloud = await startCloud({ dataDirectory, host, ...(publicRange !== undefined && { publicRange }) });
  const clientOf = (): EC2Client => cloud.client(EC2Client, { credentials: rootOf(account) });
  const ground: Ground = {
    cloud,
    ec2: clientOf(),
    namespaceOf: names.namespace,
    machine: async (input, client = ground.ec2) => {
      const { NetworkInterface: made } = await client.send(new CreateNetworkInterfaceCommand(input));
      const id = `i-${(++machines).toString(16).padStart(17, '0')}`;
      await cloud.cloud.store.write(async (tx) => {
        const region = await client.config.region();
        const row = (await networkInterfaces.get(tx, made!.OwnerId!, region, made!.NetworkInterfaceId!))!;
        const attachment = {
          ...{ id: `eni-attach-${id.slice(2)}`, instance: id, owner: row.account, deviceIndex: 0, status: 'attaching' as const },
          ...{ attachedAt: 0, deleteOnTermination: true },
        };
        await networkInterfaces.put(tx, { ...row, attachment });
      });
      const address6 = made!.Ipv6Addresses?.[0]?.Ipv6Address;
      const machine = { id, namespace: names.namespace(id), address: made!.PrivateIpAddress!, interface: made!.NetworkInterfaceId! };
      return address6 === undefined ? machine : { ...machine, address6 };
    },
    settled: async () => {
      await cloud.cloud.settled();
      const failed = cloud.cloud.reconcilers.status().filter((one) => one.state === 'failing');
      assert.deepEqual(failed, []);
    },
    restart: async () => {
      await cloud.close({ keep: true });
      host = newHost();
      cloud = await startCloud({ dataDirectory, host });
      ground.cloud = cloud;
      ground.ec2 = clientOf();
      await ground.settled();
    },
    close: async () => {
      await cloud.cloud.reset();
      await cloud.cloud.settled();
      await cloud.close();
      const left = remains(names.prefix, names.hostDevice);
      await host.networks.removeAll();
      assert.deepEqual(left, []);
    },
  };
  return ground;
}

/** What a cloud has left on the machine: namespaces hold its bridges, links and tables, and go with them. */
function remains(prefix: string, device: string): string[] {
  const namespaces = readdirSync('/run/netns').filter((name) => name.startsWith(prefix));
  return [...namespaces, ...Object.keys(hostInterfaces()).filter((name) => name === device)];
}

/** Sends all probes at once; each is true when an answer came. */
export function probe(probes: readonly Probe[], listeners: readonly Listening[], seconds = 2): Promise<boolean[]> {
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/python3', [join(import.meta.dirname, 'prober.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output) as boolean[]) : reject(new Error(errors))));
    child.stdin.end(JSON.stringify({ probes, listeners, seconds }));
  });
}

/** Everything that listens in a machine of the tests. */
export const listening = (machine: Machine): Listening => ({ namespace: machine.namespace, tcp: [22, 80, 443], udp: [53, 123] });
