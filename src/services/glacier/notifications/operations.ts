/** Which topic is told when jobs of a vault are done: https://docs.aws.amazon.com/amazonglacier/latest/dev/configuring-notifications.html */

import { parseArn } from '../../../framework/arn.ts';
import { invalidParameter, notFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { vaults } from '../tables.ts';
import { lookUp, requireFound, requireVault } from '../vaults/lookup.ts';
import { vaultArn } from '../vaults/vault.ts';

const known = ['ArchiveRetrievalCompleted', 'InventoryRetrievalCompleted'];

export const SetVaultNotifications: Operation<'SetVaultNotifications'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const { SNSTopic: topic = '', Events: events = [] } = input.vaultNotificationConfig ?? {};
  if (parseArn(topic)?.service !== 'sns') throw invalidParameter(`Invalid SNS topic ARN: ${topic}`);
  if (events.length === 0 || !events.every((event) => known.includes(event)))
    throw invalidParameter(`Invalid events: ${events.join(', ')}`);
  await request.store.write(async (tx) => {
    await vaults.put(tx, { ...(await requireVault(tx, name)), notifications: { topic, events } });
  });
  return {};
};

export const GetVaultNotifications: Operation<'GetVaultNotifications'> = async (request, input) => {
  const vault = await requireFound(request, input);
  if (!vault.notifications) throw notFound(`No notification configuration is set for vault: ${vaultArn(vault)}`);
  const { topic, events } = vault.notifications;
  return { vaultNotificationConfig: { SNSTopic: topic, Events: events } };
};

export const DeleteVaultNotifications: Operation<'DeleteVaultNotifications'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  await request.store.write(async (tx) => {
    const { notifications: _, ...vault } = await requireVault(tx, name);
    await vaults.put(tx, vault);
  });
  return {};
};
