/** EC2: its contents page. What is not listed here answers NotImplemented. */

import type { ServiceDefinition } from '../../framework/service.ts';
import { defineService } from '../../framework/service.ts';
import { computeOperations } from './compute/operations.ts';
import { computePermissions } from './compute/permissions.ts';
import { computeReconcilers } from './compute/reconcilers.ts';
import { withDryRun } from './dry-run.ts';
import { whyDropped } from './network-insights/why-dropped.ts';
import { networkPermissions } from './network/permissions.ts';
import { networkReconcilers } from './network/reconcilers.ts';
import { networkOperations } from './network/operations.ts';
import type { Ec2 } from './sdk.ts';
import { standing } from './standing/standing.ts';
import { tables } from './tables.ts';
import { withFoundation } from './vpcs/founding.ts';

export const service: ServiceDefinition<Ec2> = defineService<Ec2>({
  name: 'ec2',
  tables,
  operations: withDryRun({
    ...networkOperations,
    ...computeOperations,
  }),
  authorize: withFoundation({
    ...networkPermissions,
    ...computePermissions,
  }),
  ownerPages: { 'why-dropped': whyDropped },
  reconcilers: [...networkReconcilers, ...computeReconcilers, standing],
  needs: [
    { name: 'network tools', why: 'networks are namespaces', programs: ['ip', 'bridge', 'sysctl'], packages: ['iproute2', 'procps'] },
    { name: 'nftables', why: 'security groups and network ACLs drop real packets', programs: ['nft'], packages: ['nftables'] },
    {
      name: 'machines',
      why: 'instances are containers on volumes of their own',
      programs: ['runc', 'crun', 'mkfs.ext4'],
      packages: ['runc', 'crun', 'e2fsprogs'],
    },
    {
      name: 'user-mode-linux',
      why: 'instances have kernels of their own where they are to (--ec2-driver machine)',
      programs: ['linux.uml', 'setpriv'],
      packages: ['user-mode-linux', 'util-linux'],
    },
    {
      name: 'QEMU',
      why: 'instances have kernels of their own and run at full speed where KVM works; it boots a kernel from /boot',
      programs: ['qemu-system-x86_64'],
      packages: ['qemu-system-x86'],
    },
    {
      name: 'disk formats',
      why: 'images and snapshots are imported from qcow2, VHD and VMDK, and exported',
      programs: ['qemu-img', 'setpriv', 'unshare', 'prlimit'],
      packages: ['qemu-utils', 'util-linux'],
    },
    {
      name: 'tiny image',
      why: 'instances boot from it at once',
      programs: ['busybox', 'dropbear'],
      packages: ['busybox-static', 'dropbear-bin'],
    },
  ],
});
