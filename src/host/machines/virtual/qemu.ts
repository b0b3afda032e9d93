/** QEMU, with the processor's own virtualisation (KVM) or without (TCG). Debian's package qemu-system-x86 brings it. */

import { join } from 'node:path';
import { MachineFailed } from '../../../framework/machines.ts';
import { isInSky } from '../../sky/inside.ts';
import { networkWords, startWords, type Emulator, type Guest, type RunningEmulator } from './emulator.ts';
import { resumeWords } from './hibernation.ts';
import { kernelIn } from './kernel.ts';
import type { Nic } from './nics.ts';
import { withMonitor } from './qmp.ts';

const mebibyte = 1024 * 1024;
/** A guest that is well lets go of an interface within this. */
const unplugMilliseconds = 5000;
const letters = 'bcdefghijklmnopqrstuvwxyz';
/** Where volumes can be plugged while the guest runs. */
const ports = ['port1', 'port2', 'port3', 'port4', 'port5', 'port6', 'port7', 'port8'];
/** The same for interfaces beside the first, each at its own. */
const nicPorts = ['eth1', 'eth2', 'eth3', 'eth4', 'eth5', 'eth6', 'eth7'];
const accelerators = {
  kvm: { words: ['-accel', 'kvm', '-cpu', 'host'], overheadBytes: 192 * mebibyte },
  tcg: { words: ['-accel', 'tcg,thread=multi,tb-size=64', '-cpu', 'max'], overheadBytes: 384 * mebibyte },
} as const;
const sandbox = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

/** @param kernels keeps the kernel of its guests. */
export function qemu(accelerator: keyof typeof accelerators, kernels: string): Emulator {
  const { words, overheadBytes } = accelerators[accelerator];
  return {
    name: accelerator,
    letters,
    reboots: 'reported',
    lines: [],
    overheadBytes,
    memoryFileBytes: () => mebibyte,
    async files() {
      const { image, initramfs } = await kernelIn(kernels);
      return new Map([
        ['/volumes/kernel', image],
        ['/volumes/initramfs', initramfs],
      ]);
    },
    command: async (guest) => [
      ...['/usr/bin/qemu-system-x86_64', ...machineWords(guest), ...words, ...diskWords(guest), ...lineWords],
      ...(guest.resumes ? resumeWords : []),
    ],
    ready: ({ control }) => withMonitor(join(control, 'qmp'), async () => true).catch(() => false),
    pressPowerButton: ({ control }) => withMonitor(join(control, 'qmp'), async ({ ask }) => void (await ask('system_powerdown'))),
    attach,
    detach,
    grow: ({ control }, letter, size) =>
      withMonitor(join(control, 'qmp'), async ({ ask }) => void (await ask('block_resize', { 'node-name': `volume-${letter}`, size }))),
    plug,
    unplug,
  };
}

function machineWords({ spec, init, nics }: Guest): string[] {
  const kernelWords = ['console=ttyS0', `init=${init}`, 'haneul.agent=ttyS1,ttyS2', ...startWords, ...networkWords(nics)];
  return [
    ...['-name', spec.id, '-machine', 'q35,vmport=off,smbus=off,sata=off,i8042=off,graphics=off'],
    ...['-smp', String(spec.vcpus), '-m', `${Math.floor(spec.memoryBytes / mebibyte)}M`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-sandbox', sandbox],
    ...['-kernel', '/volumes/kernel', '-initrd', '/volumes/initramfs', '-append', kernelWords.join(' ')],
    ...['-device', 'virtio-rng-pci'],
    ...[...ports, ...nicPorts.map(portOf)].flatMap((port, at) => ['-device', `pcie-root-port,id=${port},chassis=${at + 1}`]),
    ...nics.flatMap((nic) => [
      // Older ones read no JSON here.
      ...[
        '-netdev',
        Object.entries(netdevOf(nic))
          .map(([name, value]) => `${name}=${value}`)
          .join(','),
      ],
      ...['-device', JSON.stringify(nicOf(nic))],
    ]),
  ];
}

const portOf = (device: string): string => `port-${device}`;
const netdevOf = ({ device, tap }: Nic) => ({ type: 'tap', id: device, ifname: tap, script: 'no', downscript: 'no' });
const nicName = (device: string): string => `nic-${device}`;
const nicOf = ({ device, mac }: Nic) => ({
  ...{ driver: 'virtio-net-pci', id: nicName(device), netdev: device, mac, romfile: '' },
  ...(nicPorts.includes(device) && { bus: portOf(device) }),
});

function diskWords({ root, volumes }: Guest): string[] {
  const disks = [['a', root], ...volumes] as const;
  return disks.flatMap(([letter, file], at) => [
    ...['-blockdev', JSON.stringify(nodeOf(letter, file))],
    ...['-device', JSON.stringify({ ...diskOf(letter), ...(at > 0 && { bus: ports[at - 1]! }) })],
  ]);
}

const nodeOf = (letter: string, file: string): object => ({
  ...{ driver: 'raw', 'node-name': `volume-${letter}`, discard: 'unmap', cache: { direct: !isInSky } },
  // Past the host's cache, so that the limits of the volume count what the guest does when it does it. Without root there are no limits.
  file: { driver: isInSky ? 'file' : 'host_device', filename: file, locking: 'off', cache: { direct: !isInSky } },
});
const diskOf = (letter: string): object => ({ driver: 'virtio-blk-pci', id: `disk-${letter}`, drive: `volume-${letter}`, serial: letter });

const lineWords = [
  ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
  ...['commands', 'shells'].flatMap((name) => [
    ...['-chardev', `socket,id=${name},path=/control/${name},server=on,wait=off`],
    ...['-serial', `chardev:${name}`],
  ]),
  ...['-qmp', 'unix:/control/qmp,server=on,wait=off'],
  ...['-no-reboot', '-chardev', 'socket,id=report,fd=3', '-mon', 'chardev=report,mode=control'],
];

async function attach({ id, control }: RunningEmulator, letter: string, file: string): Promise<void> {
  await withMonitor(join(control, 'qmp'), async ({ ask }) => {
    await ask('blockdev-add', nodeOf(letter, file));
    for (const bus of ports) {
      try {
        await ask('device_add', { ...diskOf(letter), bus });
        return;
      } catch (error) {
        // The port is taken; the next one may not be.
        if (!(error instanceof MachineFailed) || !/not available|in use/.test(error.message)) throw error;
      }
    }
    await ask('blockdev-del', { 'node-name': `volume-${letter}` });
    throw new MachineFailed(`${id} takes ${ports.length} volumes beside its root`);
  });
}

async function plug({ id, control }: RunningEmulator, nic: Nic): Promise<void> {
  const { device } = nic;
  if (!nicPorts.includes(device)) throw new MachineFailed(`${id} takes ${nicPorts.length} interfaces beside its first while it runs`);
  await withMonitor(join(control, 'qmp'), async ({ ask }) => {
    // Both may have been done by one that was killed before it wrote this down.
    const isNew = await ask('netdev_add', netdevOf(nic)).then(
      () => true,
      (error: unknown) => (says(error, /Duplicate ID/) ? false : raise(error)),
    );
    await ask('device_add', nicOf(nic)).catch(async (error: unknown) => {
      if (!isNew && says(error, /Duplicate device ID/)) return;
      if (isNew) await ask('netdev_del', { id: device });
      throw error;
    });
  });
}

async function unplug({ control }: RunningEmulator, { device }: Pick<Nic, 'device'>, force: boolean): Promise<boolean> {
  const gone = await withMonitor(
    join(control, 'qmp'),
    async ({ ask, event }) => {
      await ask('device_del', { id: nicName(device) });
      await event('DEVICE_DELETED', nicName(device));
      return true;
    },
    unplugMilliseconds,
  ).catch((error: unknown) => (error instanceof MachineFailed ? says(error, /not found/) : raise(error)));
  if (!gone && !force) return false;
  await withMonitor(join(control, 'qmp'), ({ ask }) => ask('netdev_del', { id: device })).catch((error: unknown) =>
    says(error, /not found/) ? undefined : raise(error),
  );
  return true;
}

const says = (error: unknown, words: RegExp): boolean => error instanceof MachineFailed && words.test(error.message);

function raise(error: unknown): never {
  throw error;
}

/** The guest lets go of the disk first. */
async function detach({ control }: RunningEmulator, letter: string): Promise<void> {
  await withMonitor(join(control, 'qmp'), async ({ ask, event }) => {
    await ask('device_del', { id: `disk-${letter}` });
    await event('DEVICE_DELETED', `disk-${letter}`);
    await ask('blockdev-del', { 'node-name': `volume-${letter}` });
  });
}
