/**
 * The memory of a machine of QEMU, kept while it does not run: the stream that QEMU would send to another host goes to a disk beside the
 * root volume, encrypted as that is, and comes back at the next start. https://www.qemu.org/docs/master/devel/migration/main.html
 */

import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineFailed, type MachineSpec } from '../../../framework/machines.ts';
import type { DiskStore } from '../../disks/disks.ts';
import type { RunningEmulator } from './emulator.ts';
import { withMonitor } from './qmp.ts';

const mebibyte = 1024 * 1024;
/** Devices and what tells pages apart, beside the memory itself. */
const moreBytes = 256 * mebibyte;
const bytesPerSecondMax = 8 * 1024 * mebibyte;
const waitMilliseconds = 50;
const endMillisecondsMax = 20_000;
const socketName = 'memory';

/** Words for an emulator that waits for memory before it runs. */
export const resumeWords = ['-incoming', `unix:/control/${socketName}`];

/** The disk of a machine's memory. */
export const memoryDisk = ({ id }: MachineSpec): string => `memory-${id}`;

/**
 * Stops the guest and keeps its memory; it stays stopped. Resolves to how many bytes that were. Rejects with MachineFailed when it could not
 * be kept, and the guest goes on.
 */
export async function saveMemory(disks: DiskStore, spec: MachineSpec, running: RunningEmulator, user: number): Promise<number> {
  const disk = memoryDisk(spec);
  const monitor = join(running.control, 'qmp');
  const listener = createServer().listen(join(running.control, socketName));
  try {
    await once(listener, 'listening');
    await chown(join(running.control, socketName), user, user);
    await disks.delete(disk);
    await disks.beside(spec.rootDisk, disk, spec.memoryBytes + moreBytes);
    const coming = once(listener, 'connection', { signal: AbortSignal.timeout(endMillisecondsMax) }) as Promise<[Socket]>;
    await withMonitor(monitor, async ({ ask }) => {
      await ask('stop');
      await ask('migrate-set-parameters', { 'max-bandwidth': bytesPerSecondMax });
      await ask('migrate', { uri: `unix:/control/${socketName}` });
    });
    const bytes = await keep(disks, disk, spec.memoryBytes + moreBytes, (await coming)[0]);
    await untilStatus(monitor, 'query-migrate', (status) => status !== 'active' && status !== 'setup', 'completed');
    await disks.sync(disk);
    return bytes;
  } catch (error) {
    await goOn(running).catch(() => undefined); // it has ended, then
    await disks.delete(disk);
    throw new MachineFailed(`${spec.id} does not hibernate: ${(error as Error).message}`, { cause: error });
  } finally {
    listener.close();
  }
}

async function keep(disks: DiskStore, disk: string, bytesMax: number, from: Socket): Promise<number> {
  let held: Buffer[] = [];
  let [heldBytes, written] = [0, 0];
  const flush = async (): Promise<void> => {
    await disks.write(disk, written, Buffer.concat(held));
    written += heldBytes;
    [held, heldBytes] = [[], 0];
  };
  for await (const piece of from as AsyncIterable<Buffer>) {
    held.push(piece);
    heldBytes += piece.length;
    if (written + heldBytes > bytesMax) throw new MachineFailed('its memory is larger than it may be');
    if (heldBytes >= mebibyte) await flush();
  }
  await flush();
  return written;
}

/** Gives an emulator that waits for it the memory that was kept; the guest is still stopped. Rejects when QEMU does not take it. */
export async function restoreMemory(disks: DiskStore, spec: MachineSpec, running: RunningEmulator, bytes: number): Promise<void> {
  const disk = memoryDisk(spec);
  await disks.beside(spec.rootDisk, disk, spec.memoryBytes + moreBytes);
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes; at += mebibyte) yield disks.read(disk, at, Math.min(mebibyte, bytes - at));
  };
  const socket = connect(join(running.control, socketName));
  await once(socket, 'connect');
  await pipeline(Readable.from(pieces()), socket);
  await untilStatus(join(running.control, 'qmp'), 'query-status', (status) => status !== 'inmigrate', 'paused');
}

/** Lets a stopped guest run; one that runs does so anyway. */
export async function goOn({ control }: RunningEmulator): Promise<void> {
  await withMonitor(join(control, 'qmp'), ({ ask }) => ask('cont'));
}

async function untilStatus(monitor: string, question: string, done: (status: string) => boolean, wanted: string): Promise<void> {
  for (let waited = 0; waited < endMillisecondsMax; waited += waitMilliseconds) {
    const { status } = (await withMonitor(monitor, ({ ask }) => ask(question))) as { status: string };
    if (status === wanted) return;
    if (done(status)) throw new MachineFailed(`QEMU: ${status}`);
    await pause(waitMilliseconds);
  }
  throw new MachineFailed('QEMU does not come to an end with it');
}
