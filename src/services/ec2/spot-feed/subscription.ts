/** The subscription to the data feed of spot instances: one an account and region. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-data-feeds.html */

import { table } from '../../../store/table.ts';

export type SpotFeed = {
  account: string;
  region: string;
  /** Drawn at the first subscription: files of one that was deleted are not written over. */
  id: string;
  bucket: string;
  prefix?: string;
  /** Why files cannot be written: nothing is collected until somebody subscribes again. */
  fault?: { code: string; message: string };
};

export const spotFeeds = table<SpotFeed>('ec2/spot-feeds', { key: (row) => [row.account, row.region] });

/** Of a bucket that is not there, or that the account that writes the feed may not write to. */
export const inaccessible = {
  code: 'InaccessibleStorageLocation',
  message: 'The specified bucket does not exist or does not have enough permissions',
};
