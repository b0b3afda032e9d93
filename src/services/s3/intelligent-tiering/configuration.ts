/** When a bucket archives what nobody reads in Intelligent-Tiering: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-managing.html */

import { invalidRequest, malformedXml } from '../errors.ts';
import { objectTagsMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import type { LifecycleFilter, TieringConfiguration } from '../tables.ts';

type Given = Input<'PutBucketIntelligentTieringConfiguration'>['IntelligentTieringConfiguration'];
type Tiering = TieringConfiguration['tierings'][number];

const daysMax = 730;
const daysMin = { ARCHIVE_ACCESS: 90, DEEP_ARCHIVE_ACCESS: 180 } as const;

/** Throws MalformedXML, and InvalidRequest for days out of range. */
export function readConfiguration(bucket: string, id: string, given: Given): TieringConfiguration {
  if (!given || given.Id !== id || (given.Status !== 'Enabled' && given.Status !== 'Disabled')) throw malformedXml();
  const tierings = (given.Tierings ?? []).map(readTiering);
  if (tierings.length === 0 || new Set(tierings.map(({ tier }) => tier)).size < tierings.length) throw malformedXml();
  const filter = given.Filter && readFilter(given.Filter);
  return { bucket, id, enabled: given.Status === 'Enabled', tierings, ...(filter && { filter }) };
}

function readTiering({ AccessTier: tier, Days: days }: NonNullable<NonNullable<Given>['Tierings']>[number]): Tiering {
  if (tier !== 'ARCHIVE_ACCESS' && tier !== 'DEEP_ARCHIVE_ACCESS') throw malformedXml();
  if (days === undefined || !Number.isInteger(days) || days < daysMin[tier] || days > daysMax)
    throw invalidRequest(`'Days' for the ${tier} tier must be between ${daysMin[tier]} and ${daysMax}`);
  return { tier, days };
}

function readFilter({ Prefix, Tag, And }: NonNullable<NonNullable<Given>['Filter']>): LifecycleFilter {
  if ([Prefix, Tag, And].filter((one) => one !== undefined).length > 1) throw malformedXml();
  if (Tag) return { Tag: tagOf(Tag) };
  if (!And) return Prefix === undefined ? {} : { Prefix };
  const Tags = (And.Tags ?? []).map(tagOf);
  if (Tags.length === 0 || Tags.length > objectTagsMax) throw malformedXml();
  return { And: { Tags, ...(And.Prefix !== undefined && { Prefix: And.Prefix }) } };
}

function tagOf({ Key, Value }: { Key?: string | undefined; Value?: string | undefined }) {
  if (!Key) throw malformedXml();
  return { Key, Value: Value ?? '' };
}
