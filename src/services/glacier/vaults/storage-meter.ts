/** Meters what lies in vaults, by the hour, and what is deleted too soon: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-glacier-pricing.html */

import { hourMilliseconds, hourOf, piecesOf } from '../../../framework/billing/month.ts';
import type { Meter, Usage } from '../../../framework/meter.ts';
import type { Reconciler } from '../../../framework/reconciler.ts';
import { dayMilliseconds } from '../limits.ts';
import { vaults, type Archive, type Vault } from '../tables.ts';
import { vaultArn } from './vault.ts';

const vaultsPerPage = 100;
/** What Glacier keeps of an archive besides its bytes: its index and its description. */
const archiveOverheadBytes = 32 * 1024;
/** An archive is paid for at least so long. */
const daysMin = 90;

/** A vault as it was before it changed, up to a moment. What is in it has been the same since it was last written or metered. */
export function meterVault(meter: Meter, { account, region, name, ...vault }: Vault, until: number): void {
  const bytes = vault.bytes + vault.archives * archiveOverheadBytes;
  if (bytes === 0) return;
  const place = { account, region, service: 'glacier', operation: 'Storage', resource: vaultArn({ account, region, name }) };
  for (const { from, to } of piecesOf({ from: Math.max(vault.metered ?? 0, vault.written ?? vault.created), to: until })) {
    const quantity = Math.round((bytes * (to - from)) / hourMilliseconds);
    if (quantity > 0) meter.record({ ...place, usageType: 'TimedStorage-ByteHrs', quantity, unit: 'ByteHours', at: from });
  }
}

/** What is still to be paid for an archive that is deleted before its shortest stay is over. */
export function earlyDeletion({ account, region, vault, created, size }: Archive, now: number): Usage | undefined {
  const left = created + daysMin * dayMilliseconds - now;
  if (left <= 0) return undefined;
  const quantity = (size + archiveOverheadBytes) * Math.ceil(left / hourMilliseconds);
  return { usageType: 'EarlyDelete-ByteHrs', quantity, unit: 'ByteHours', resource: vaultArn({ account, region, name: vault }), account };
}

export const storageMeter: Reconciler = {
  name: 'glacier/storage-meter',
  run: async ({ store, meter, now, signal }) => {
    const hour = hourOf(now);
    const isDue = ({ archives, metered = 0, written = 0 }: Vault): boolean => archives > 0 && Math.max(metered, written) < hour;
    for await (const seen of vaults.each(store, [], vaultsPerPage)) {
      signal.throwIfAborted();
      if (!isDue(seen)) continue;
      const before = await store.write(async (tx) => {
        const vault = await vaults.get(tx, seen.account, seen.region, seen.name);
        if (!vault || !isDue(vault)) return undefined;
        await vaults.put(tx, { ...vault, metered: hour });
        return vault;
      }, 'relaxed');
      if (before) meterVault(meter, before, hour);
    }
    return { nextAt: hour + hourMilliseconds };
  },
};
