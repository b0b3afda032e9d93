/** EC2: its contents page. What is not listed here answers NotImplemented. */

import type { ServiceDefinition } from '../../framework/service.ts';
import { defineService } from '../../framework/service.ts';
import { withDryRun } from './dry-run.ts';
import { networkPermissions } from './network/permissions.ts';
import { networkReconciler } from './network/reconciler.ts';
import { networkOperations } from './network/operations.ts';
import type { Ec2 } from './sdk.ts';
import { tables } from './tables.ts';
import { withFoundation } from './vpcs/founding.ts';

export const service: ServiceDefinition<Ec2> = defineService<Ec2>({
  name: 'ec2',
  tables,
  operations: withDryRun({
    ...networkOperations,
  }),
  authorize: withFoundation({
    ...networkPermissions,
  }),
  reconcilers: [networkReconciler],
  needs: [
    { name: 'network tools', why: 'networks are namespaces', programs: ['ip', 'bridge', 'sysctl'], packages: ['iproute2', 'procps'] },
    { name: 'nftables', why: 'security groups and network ACLs drop real packets', programs: ['nft'], packages: ['nftables'] },
  ],
});
