/** ImportImage, and what became of it. The importer does the work. */

import { describe } from '../describe.ts';
import { requireRoomForSnapshots } from '../disk-room.ts';
import { invalidParameter, invalidParameterCombination, missingParameter, notBuilt } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { newId, requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { requireSnapshot } from '../snapshots/snapshot.ts';
import { requireTask } from '../snapshot-imports/import-task.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { encryptionFor } from '../vm-import/encryption.ts';
import { requireConversions, roleOf, sourceOf } from '../vm-import/source.ts';
import { imageImports, imageImportType, type ImageImport, type ImportedDisk } from './image-import.ts';

const built = new Set([
  ...['Architecture', 'ClientData', 'ClientToken', 'Description', 'DiskContainers', 'DryRun', 'Encrypted', 'Hypervisor', 'KmsKeyId'],
  ...['LicenseType', 'Platform', 'RoleName', 'TagSpecifications', 'BootMode'],
]);
const formats = ['VHD', 'VHDX', 'VMDK', 'RAW', 'OVA'];
const disksMax = 21;
/** An OVA in each of them may have more disks than one. */
const snapshotsMax = 40;
const gibibyte = 1024 ** 3;

export const ImportImage: Operation<'ImportImage'> = async (request, input) => {
  const unbuilt = Object.entries(input).find(([name, value]) => value !== undefined && !built.has(name));
  if (unbuilt) throw notBuilt('ImportImage', unbuilt[0]);
  // What this machine's own images have: another architecture does not run here.
  const architecture = (await request.host.images.list())[0]?.architecture ?? 'x86_64';
  checkMachine(input, architecture);
  const { account, region, now } = request;
  await requireConversions(request);
  await requireRoomForSnapshots(request.host);
  const disks = disksOf(input);
  await request.store.read(async (tx) => {
    for (const { source } of disks)
      if ('snapshot' in source && (await requireSnapshot(tx, request, source.snapshot)).encryption)
        throw notBuilt('ImportImage', 'an encrypted SnapshotId');
  });
  const tags = tagsFor(input.TagSpecifications, imageImportType.name);
  const id = newId(request.random, 'import-ami');
  const snapshotIds = Array.from({ length: snapshotsMax }, () => newId(request.random, 'snap'));
  const row: ImageImport = {
    ...{ account, region, id, created: now, state: 'active', message: 'pending', progress: 1, disks, snapshotIds },
    roleArn: await roleOf(request, input.RoleName, id),
    ...{ description: input.Description ?? '', image: newId(request.random, 'ami') },
    architecture,
    ...(input.BootMode !== undefined && { bootMode: input.BootMode }),
    ...(input.Hypervisor !== undefined && { hypervisor: input.Hypervisor }),
    ...(await encryptionFor(request, input, snapshotIds[0]!)),
    ...kept(tags),
  };
  const made = await request.store.write((tx) =>
    once(tx, request, input, imageImports, async () => {
      await imageImports.put(tx, row);
      return row;
    }),
  );
  return taskOf(made);
};

function checkMachine({ Architecture, Platform, LicenseType }: Input<'ImportImage'>, here: string): void {
  if (Architecture !== undefined && !['i386', 'x86_64', 'arm64'].includes(Architecture))
    throw invalidParameter(`The architecture '${Architecture}' is not supported.`);
  if (Architecture !== undefined && Architecture !== here) throw notBuilt('ImportImage', `Architecture ${Architecture}`);
  if (Platform !== undefined && Platform !== 'Linux') throw notBuilt('ImportImage', `Platform ${Platform}`);
  if (LicenseType !== undefined && LicenseType !== 'BYOL') throw notBuilt('ImportImage', `LicenseType ${LicenseType}`);
}

function disksOf({ DiskContainers: containers }: Input<'ImportImage'>): ImportedDisk[] {
  if (!containers?.length) throw missingParameter('DiskContainers');
  if (containers.length > disksMax) throw invalidParameter(`An image may have up to ${disksMax} disks.`);
  return containers.map((one) => {
    const shown = {
      ...(one.DeviceName !== undefined && { device: one.DeviceName }),
      ...(one.Description !== undefined && { description: one.Description }),
      ...(one.Url !== undefined && { url: one.Url }),
    };
    if (one.SnapshotId === undefined) return { source: sourceOf('ImportImage', one, formats), ...shown };
    if (one.Url !== undefined || one.UserBucket !== undefined)
      throw invalidParameterCombination('Specify either SnapshotId or an object, but not both.');
    return { source: { snapshot: one.SnapshotId }, ...shown };
  });
}

const taskOf = (row: ImageImport) => ({
  ...{ ImportTaskId: row.id, Description: row.description, Status: row.state, Platform: 'Linux', LicenseType: 'BYOL' },
  ...{ Architecture: row.architecture, SnapshotDetails: row.disks.flatMap((disk) => detailsOf(row, disk)) },
  ...(row.message !== undefined && { StatusMessage: row.message }),
  ...(row.state === 'active' && { Progress: String(row.progress) }),
  ...(row.bootMode !== undefined && { BootMode: row.bootMode }),
  ...(row.hypervisor !== undefined && { Hypervisor: row.hypervisor }),
  ...(row.encryption && { Encrypted: true, KmsKeyId: row.encryption.keyArn }),
  ...(row.state === 'completed' && { ImageId: row.image }),
  ...tagSet(row),
});

function detailsOf(row: ImageImport, { source, bytes, device, description, url, snapshots }: ImportedDisk) {
  const shown = {
    Status: row.state,
    ...('bucket' in source && { Format: source.format, UserBucket: { S3Bucket: source.bucket, S3Key: source.key } }),
    ...(bytes !== undefined && { DiskImageSize: bytes / gibibyte }),
    ...(device !== undefined && { DeviceName: device }),
    ...(description !== undefined && { Description: description }),
    ...(url !== undefined && { Url: url }),
  };
  if (row.state !== 'completed' || !snapshots) return [shown];
  return snapshots.map(({ id }) => ({ ...shown, SnapshotId: id }));
}

const filters: Filters<ImageImport> = { 'task-state': (row) => row.state };

export const DescribeImportImageTasks: Operation<'DescribeImportImageTasks'> = async (request, input) => {
  await request.store.read(async (tx) => {
    for (const id of input.ImportTaskIds ?? [])
      if (/^import-ami-[0-9a-f]{8,17}$/.test(id)) await requireResource(tx, request, imageImportType, id);
      else await requireTask(tx, request, id);
  });
  const ids = input.ImportTaskIds?.filter((id) => id.startsWith('import-ami-'));
  if (input.ImportTaskIds?.length && ids?.length === 0) return { ImportImageTasks: [] };
  const { rows, next } = await describe(request, input, { type: imageImportType, ids, filters, limits: { min: 1, max: 1000 } });
  return { ImportImageTasks: rows.map(taskOf), ...next };
};
