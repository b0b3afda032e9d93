/** Sharing snapshots: with accounts, and with all. */

import { snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { managedKey } from '../../../framework/ebs-snapshots/keys.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterValue, notBuilt, operationNotPermitted } from '../errors.ts';
import { requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import { requireAtHand } from './tier.ts';
import { snapshotType } from './snapshot.ts';

export const DescribeSnapshotAttribute: Operation<'DescribeSnapshotAttribute'> = async (request, input) => {
  if (input.Attribute !== 'createVolumePermission') throw notBuilt('DescribeSnapshotAttribute', `Attribute ${input.Attribute}`);
  const row = await request.store.read((tx) => requireResource(tx, request, snapshotType, input.SnapshotId));
  const permissions = [...(row.public ? [{ Group: 'all' as const }] : []), ...(row.sharedWith ?? []).map((UserId) => ({ UserId }))];
  return { SnapshotId: row.id, CreateVolumePermissions: permissions };
};

export const ModifySnapshotAttribute: Operation<'ModifySnapshotAttribute'> = async (request, input) => {
  const listed = [...(input.UserIds ?? []).map((UserId) => ({ UserId })), ...(input.GroupNames ?? []).map((Group) => ({ Group }))];
  const add: { UserId?: string; Group?: string }[] = input.CreateVolumePermission?.Add ?? (input.OperationType === 'add' ? listed : []);
  const remove: { UserId?: string; Group?: string }[] =
    input.CreateVolumePermission?.Remove ?? (input.OperationType === 'remove' ? listed : []);
  const opensToAll = add.some(({ Group }) => Group === 'all');
  const ownKey = add.length > 0 ? await managedKeyArn(request) : undefined;
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, snapshotType, input.SnapshotId);
    if (add.length > 0) {
      requireAtHand(row, request.now);
      checkShareable(row, opensToAll, ownKey);
      const { publicAccess } = await settingsOf(tx, request);
      if (opensToAll && publicAccess !== undefined)
        throw operationNotPermitted(
          'Public sharing of snapshots is blocked in this account and region (block public access for snapshots).',
        );
    }
    const shared = new Set(row.sharedWith);
    for (const { UserId } of remove) if (UserId !== undefined) shared.delete(UserId);
    for (const { UserId } of add) if (UserId !== undefined) shared.add(checkAccount(UserId));
    const closed = remove.some(({ Group }) => Group === 'all');
    await snapshots.put(tx, { ...row, sharedWith: [...shared], public: opensToAll || (row.public === true && !closed) });
  });
  return {};
};

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html */
function checkShareable({ id, encryption }: Snapshot, withAll: boolean, ownKey: string | undefined): void {
  if (!encryption) return;
  if (withAll) throw operationNotPermitted(`Encrypted snapshots cannot be shared publicly: ${id}`);
  if (encryption.keyArn === ownKey) throw operationNotPermitted(`Snapshots encrypted with the default key of EBS cannot be shared: ${id}`);
}

/** AWS's key for EBS in the account. */
async function managedKeyArn(request: ServiceRequest): Promise<string | undefined> {
  const { account, region } = request;
  const { Aliases = [] } = await request.awsAs(rootUser(account), { account, region, quiet: true }).kms('ListAliases', {});
  const found = Aliases.find(({ AliasName }) => AliasName === managedKey);
  return found?.TargetKeyId === undefined ? undefined : `arn:aws:kms:${region}:${account}:key/${found.TargetKeyId}`;
}

function checkAccount(id: string): string {
  if (!/^\d{12}$/.test(id)) throw invalidParameterValue(`Invalid user id: ${id}`);
  return id;
}
