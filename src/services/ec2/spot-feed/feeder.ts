/** Writes the files of the data feed: each hour in which spot instances ran, once it is over and all of it is metered. */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AwsError } from '../../../framework/aws-error.ts';
import { hourMilliseconds } from '../../../framework/billing/month.ts';
import { dataFeedAccount } from '../../../framework/policy/principals.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { instancesIn } from '../instances/instance.ts';
import { meteredRuns } from '../instances/metering.ts';
import { fileText } from './file.ts';
import { inaccessible, spotFeeds, type SpotFeed } from './subscription.ts';
import { dropSpotUses, spotHours, spotUses, type SpotUse } from './usage.ts';

const compress = promisify(gzip);
const everyMilliseconds = 5 * 60_000;
/** An hour that is not whole by then is told as it is, and the rest of it in one more file. */
const patienceMilliseconds = 3 * hourMilliseconds;
/** For so long it is known how many files an hour has: nothing is metered later. */
const keptMilliseconds = 7 * 24 * hourMilliseconds;

export const spotFeeder: Reconciler = {
  name: 'ec2/spot-feed',
  watches: [spotFeeds, spotUses],
  every: everyMilliseconds,
  run: async (context) => {
    const feeds = (await context.store.read((tx) => spotFeeds.scan(tx))).map(({ row }) => row);
    const failures: unknown[] = [];
    for (const feed of feeds.filter(({ fault }) => !fault))
      await writeAll(context, feed).catch((error: unknown) => {
        failures.push(error);
      });
    if (failures.length > 0) throw failures[0];
  },
};

async function writeAll(context: ReconcilerContext, feed: SpotFeed): Promise<void> {
  for (;;) {
    await context.giveWay();
    const uses = await context.store.write((tx) => sealNext(tx, feed, context.now));
    if (uses.length === 0 || !(await write(context, feed, uses))) return;
  }
}

/**
 * The oldest file that is due. From here on nothing is added to it: after a crash the same file is written again under the same name,
 * and what is metered of its hour goes to the next one.
 */
async function sealNext(tx: WriteTransaction, feed: SpotFeed, now: number): Promise<SpotUse[]> {
  const { account, region } = feed;
  const over = [account, region, now - hourMilliseconds + 1];
  const [first] = await spotUses.between(tx, [account, region], over, { limit: 1 });
  if (!first) return [];
  const { hour, file } = first.row;
  const open = (await spotHours.get(tx, account, region, hour))?.file ?? 1;
  if (file === open) {
    if (!(await isWhole(tx, feed, hour, now))) return [];
    await spotHours.put(tx, { account, region, hour, file: open + 1 });
  }
  return (await spotUses.scan(tx, [account, region, hour, file])).map(({ row }) => row);
}

/** Whether nothing more will be metered of an hour, nor forgiven: an instance may be taken back for nothing until it is an hour old. */
async function isWhole(tx: ReadTransaction, feed: SpotFeed, hour: number, now: number): Promise<boolean> {
  const end = hour + hourMilliseconds;
  if (now >= end + patienceMilliseconds) return true;
  for (const { id, spot, launched } of await instancesIn(tx, ['running', 'stopping', 'shutting-down'], feed)) {
    if (!spot || launched >= end) continue;
    const metered = await meteredRuns.get(tx, id);
    if (metered?.run !== launched) return false;
    if (!metered.ended && (metered.to < end || now < launched + hourMilliseconds)) return false;
  }
  return true;
}

/** False where the bucket refuses it. Rejects when it is worth trying again. */
async function write(context: ReconcilerContext, feed: SpotFeed, uses: readonly SpotUse[]): Promise<boolean> {
  const { account, region, bucket } = feed;
  const { hour, file } = uses[0]!;
  const Body = await compress(fileText(uses));
  try {
    await context.awsAs(rootUser(dataFeedAccount), feed).s3('PutObject', {
      ...{ Bucket: bucket, Key: keyOf(feed, hour, file), Body, ContentType: 'application/x-gzip', ACL: 'bucket-owner-full-control' },
    });
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    context.log(`the spot data feed of ${account} in ${region} was refused by ${bucket}: ${error.message}`);
    await context.store.write((tx) => giveUp(tx, feed));
    return false;
  }
  await context.store.write(async (tx) => {
    for (const use of uses) await spotUses.delete(tx, account, region, hour, file, use.instance, use.run);
    const old = await spotHours.between(tx, [account, region], [account, region, hour - keptMilliseconds], { limit: 100 });
    for (const { row } of old) await spotHours.delete(tx, account, region, row.hour);
  });
  return true;
}

/** Files are written again when somebody subscribes again, as on AWS. */
async function giveUp(tx: WriteTransaction, feed: SpotFeed): Promise<void> {
  const present = await spotFeeds.get(tx, feed.account, feed.region);
  if (present?.id !== feed.id || present.bucket !== feed.bucket) return;
  await spotFeeds.put(tx, { ...present, fault: inaccessible });
  await dropSpotUses(tx, feed);
}

/** `prefix/111122223333.2026-11-29-13.001.b959dbc6.gz` */
function keyOf({ account, id, prefix }: SpotFeed, hour: number, file: number): string {
  const time = new Date(hour).toISOString().slice(0, 13).replace('T', '-');
  const unique = createHash('sha256').update(`${id} ${hour} ${file}`).digest('hex').slice(0, 8);
  const folder = prefix === undefined ? '' : `${prefix.replace(/\/$/, '')}/`;
  return `${folder}${account}.${time}.${String(file).padStart(3, '0')}.${unique}.gz`;
}
