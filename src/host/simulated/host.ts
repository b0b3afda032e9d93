/** A machine in name only, for tests: it has the programs that it is told it has. */

import type { Host, Messengers } from '../../framework/host.ts';
import { noPeers } from '../../framework/peers.ts';
import { simulatedDiskFormats } from './disk-formats.ts';
import { simulatedDisks, type SimulatedDisks } from './disks.ts';
import { simulatedImages } from './images.ts';
import { simulatedMachines, type SimulatedMachines } from './machines.ts';
import { simulatedNetworks, type SimulatedNetworks } from './networks.ts';
import { simulatedScripts, type SimulatedScripts } from './scripts.ts';

/**
 * @param programs full paths by program name, for example `{ psql: '/usr/bin/psql' }`.
 * @param documents texts by URL.
 * @param receive stands for whoever is posted to.
 * @param messengers stand for mail servers and the like.
 */
export function simulatedHost(
  programs: Readonly<Record<string, string>> = {},
  documents: Readonly<Record<string, string>> = {},
  receive: Host['post'] = async (url) => {
    throw new Error(`nothing listens at ${url}`);
  },
  messengers: Messengers = {},
): Host & {
  machines: SimulatedMachines;
  networks: SimulatedNetworks;
  scripts: SimulatedScripts;
  disks: SimulatedDisks;
  setFreeMemory(bytes: number): void;
  setFreeDisk(bytes: number): void;
} {
  let [memory, disk] = [Infinity, Infinity];
  const disks = simulatedDisks();
  const machines = simulatedMachines();
  return {
    messengers,
    peers: noPeers,
    machines,
    scripts: simulatedScripts(machines),
    images: simulatedImages(),
    disks,
    diskFormats: simulatedDiskFormats(disks),
    networks: simulatedNetworks(),
    post: receive,
    freeMemory: async () => memory,
    setFreeMemory: (bytes) => void (memory = bytes),
    freeDisk: async () => disk,
    setFreeDisk: (bytes) => void (disk = bytes),
    async fetchDocument(url) {
      const text = documents[url];
      if (text === undefined) throw new Error(`${url} answered 404`);
      return text;
    },
    async find(program) {
      return Object.hasOwn(programs, program) ? programs[program] : undefined;
    },
  };
}
