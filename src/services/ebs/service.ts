/** The direct API of EBS: its contents page. What is not listed here answers NotImplemented. */

import { blockContents, snapshotBlocks, snapshots } from '../../framework/ebs-snapshots/snapshot.ts';
import { ebsSettings } from '../../framework/ebs-snapshots/settings.ts';
import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { GetSnapshotBlock } from './blocks/get.ts';
import { ListChangedBlocks, ListSnapshotBlocks } from './blocks/list.ts';
import { PutSnapshotBlock } from './blocks/put.ts';
import { onBothSnapshots, onSnapshot, onStart } from './permissions.ts';
import type { Ebs } from './sdk.ts';
import { CompleteSnapshot } from './snapshots/complete.ts';
import { StartSnapshot } from './snapshots/start.ts';

export const service: ServiceDefinition<Ebs> = defineService<Ebs>({
  name: 'ebs',
  tables: [snapshots, snapshotBlocks, blockContents, ebsSettings],
  operations: { StartSnapshot, PutSnapshotBlock, CompleteSnapshot, ListSnapshotBlocks, ListChangedBlocks, GetSnapshotBlock },
  authorize: {
    StartSnapshot: onStart,
    PutSnapshotBlock: onSnapshot,
    CompleteSnapshot: onSnapshot,
    ListSnapshotBlocks: onSnapshot,
    ListChangedBlocks: onBothSnapshots,
    GetSnapshotBlock: onSnapshot,
  },
  dataEvents: ['PutSnapshotBlock', 'ListSnapshotBlocks', 'ListChangedBlocks', 'GetSnapshotBlock'],
});
