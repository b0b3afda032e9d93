/** Images of this host, as EC2 sees them: root file systems that machines boot. */

export type HostImage = {
  /** `haneul-tiny`, `haneul-host`, `debian-12` … */
  name: string;
  description: string;
  architecture: 'x86_64' | 'arm64';
  /** The size of the disk that it fills, before it is grown. */
  bytes: number;
  /** True when machines can be started from it at once; a built-in one is made when first used. */
  ready: boolean;
};

export interface Images {
  /** What can be booted here, in order of names. Those whose programs this machine lacks are left out. */
  list(): Promise<HostImage[]>;
}
