/** What a container is allowed to see, use and do, as the OCI runtime specification writes it. */

import { seccompFilter } from './seccomp.ts';

export type BundleOptions = {
  hostname: string;
  /** The path of its network namespace. */
  network: string;
  /** Where its root file system is mounted. */
  rootDirectory: string;
  /** The first of its 65,536 users on the host. */
  userBase: number;
  cgroup: string;
  /** The socket at which it asks for mounts. */
  door: string;
  command: readonly string[];
  vcpus: number;
  memoryBytes: number;
};

/** No SYS_ADMIN, NET_ADMIN or SYS_PTRACE; SYS_BOOT ends or restarts this system alone, because it has a process namespace of its own. */
const capabilities = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE', 'SYS_BOOT'],
].map((name) => `CAP_${name}`);

const processesMax = 1024;
const cpuPeriodMicroseconds = 100_000;
const terminalGroup = 5;

/** null, zero, full, random, urandom; tty, ptmx and the pseudo-terminals. */
const characterDevices: readonly (readonly [major: number, minor?: number])[] = [
  ...([
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
  ] as const),
  ...([[5, 0], [5, 2], [136]] as const),
];
/** Loop devices: only those whose node the host binds in can be opened, because a node that the container makes is dead. */
const loopMajor = 7;

export function bundle(options: BundleOptions): object {
  const ids = [{ containerID: 0, hostID: options.userBase, size: 65_536 }];
  return {
    ociVersion: '1.0.2',
    hostname: options.hostname,
    root: { path: options.rootDirectory },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: options.command,
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'container=haneul', 'TERM=vt100'],
      cwd: '/',
      noNewPrivileges: false,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts: mounts(),
    linux: {
      uidMappings: ids,
      gidMappings: ids,
      namespaces: [...['user', 'pid', 'mount', 'uts', 'ipc'].map((type) => ({ type })), { type: 'network', path: options.network }],
      cgroupsPath: options.cgroup,
      resources: resources(options),
      seccomp: seccompFilter(process.arch === 'arm64' ? 'arm64' : 'x86_64', options.door),
      maskedPaths,
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}

/** sysfs cannot be mounted by one who does not own the network namespace; an empty /sys tells programs so. */
function mounts(): object[] {
  const mount = (destination: string, type: string, options: string[]): object => ({ destination, type, source: type, options });
  return [
    mount('/proc', 'proc', ['nosuid', 'noexec', 'nodev']),
    mount('/dev', 'tmpfs', ['nosuid', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', `gid=${terminalGroup}`]),
    mount('/dev/shm', 'tmpfs', ['nosuid', 'nodev', 'mode=1777', 'size=65536k']),
    mount('/dev/mqueue', 'mqueue', ['nosuid', 'noexec', 'nodev']),
    mount('/run', 'tmpfs', ['nosuid', 'nodev', 'mode=755', 'size=20%']),
    mount('/sys', 'tmpfs', ['nosuid', 'noexec', 'nodev', 'ro', 'size=0k', 'mode=755']),
  ];
}

function resources({ memoryBytes, vcpus }: BundleOptions): object {
  return {
    memory: { limit: memoryBytes },
    cpu: { quota: Math.round(vcpus * cpuPeriodMicroseconds), period: cpuPeriodMicroseconds, shares: Math.max(2, Math.round(vcpus * 1024)) },
    pids: { limit: processesMax },
    devices: [
      { allow: false, access: 'rwm' },
      ...characterDevices.map(([major, minor]) => ({
        allow: true,
        type: 'c',
        major,
        ...(minor !== undefined && { minor }),
        access: 'rwm',
      })),
      { allow: true, type: 'b', major: loopMajor, access: 'rw' },
    ],
  };
}

/** Files of the kernel that tell about the host or other machines, or act on them. */
const maskedPaths = [
  ...['acpi', 'asound', 'cmdline', 'config.gz', 'interrupts', 'kallsyms', 'kcore', 'keys', 'key-users', 'kmsg', 'kpagecount'],
  ...['kpageflags', 'kpagecgroup', 'latency_stats', 'mdstat', 'modules', 'partitions', 'sched_debug', 'scsi', 'slabinfo', 'swaps'],
  ...['sysrq-trigger', 'timer_list', 'timer_stats', 'vmallocinfo', 'zoneinfo', 'diskstats', 'dma', 'iomem', 'ioports'],
].map((name) => `/proc/${name}`);
