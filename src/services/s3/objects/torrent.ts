/** GetObjectTorrent, which AWS has taken out of service: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTorrent.html */

import { torrentGone } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const GetObjectTorrent: Operation<'GetObjectTorrent'> = async () => {
  throw torrentGone();
};
