/** Files in which other clouds and hypervisors keep disks, as services see them: made into disks of this host, and made of them. */

export type DiskFormat = 'raw' | 'qcow2' | 'vhd' | 'vhdx' | 'vmdk';

/** What is wrong with a file that was given as a disk; the message is for whoever gave it. */
export class DiskRefused extends Error {
  override name = 'DiskRefused';
}

/** Files lie as the bytes of disks (framework/disks.ts) with ids of their own. */
export interface DiskFormats {
  /** Why disks cannot be converted here, for a user; undefined when they can. */
  obstacle(): Promise<string | undefined>;
  /**
   * Makes a disk of a file, in place of what there is under that name. Rejects with DiskRefused for what is no file of that format, for one
   * that stands on other files, and for a disk of more bytes than `bytesMax`.
   */
  unpack(file: string, format: DiskFormat, disk: string, bytesMax: number): Promise<void>;
  /** Makes a file of a disk, in place of what there is under that name. */
  pack(disk: string, format: 'raw' | 'vhd' | 'vmdk', file: string): Promise<void>;
  /** Takes the disks out of an OVA, in its order, as `PREFIX-0`, `PREFIX-1` …: files of VMDK. Rejects with DiskRefused. */
  takeOut(file: string, prefix: string): Promise<string[]>;
  /**
   * Makes a root volume, from which machines boot, of the system on a disk; the disk itself is used up. Its size is that of the disk, or more where the system
   * needs it. Rejects with DiskRefused where there is none that boots here.
   */
  settle(disk: string, root: string): Promise<void>;
}

/** How root volumes that `settle` has made are booted: a name among the host's images that no list shows. */
export const settledImage = 'haneul-settled';
