/** What an account has settled for all of its volumes and snapshots in a region. */

import { table } from '../../store/table.ts';
import type { ReadTransaction } from '../../store/store.ts';
import { managedKey } from './keys.ts';

export type EbsSettings = {
  account: string;
  region: string;
  /** New volumes and snapshots are encrypted whether or not a call says so. */
  encryptByDefault?: boolean;
  /** The key of those that name none; AWS's own when absent. */
  keyArn?: string;
  /** Which sharing of snapshots with all is blocked. */
  publicAccess?: 'block-all-sharing' | 'block-new-sharing';
};

export const ebsSettings = table<EbsSettings>('ec2/ebs-settings', { key: (row) => [row.account, row.region] });

type Place = { readonly account: string; readonly region: string };

export const settingsOf = async (tx: ReadTransaction, { account, region }: Place): Promise<EbsSettings> =>
  (await ebsSettings.get(tx, account, region)) ?? { account, region };

export const defaultKey = ({ keyArn }: EbsSettings): string => keyArn ?? managedKey;
