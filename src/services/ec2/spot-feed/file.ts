/** The text of a file of the data feed: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-data-feeds.html#using-spot-instances-format */

import { hourMilliseconds } from '../../../framework/billing/month.ts';
import { prefixed } from '../../../framework/billing/region-prefixes.ts';
import { timeOf, type SpotUse } from './usage.ts';

const header = ['#Version: 1.0', '#Fields: Timestamp UsageType Operation InstanceID MyBidID MyMaxPrice MarketPrice Charge Version'];

/** A line for each hour of each run; its fields are separated by tabs. */
export const fileText = (uses: readonly SpotUse[]): string => [...header, ...uses.map(lineOf), ''].join('\n');

function lineOf(use: SpotUse): string {
  const { region, hour, file, instance, run, request, type, maxPrice, price, milliseconds, free } = use;
  const charge = free ? 0 : (price * milliseconds) / hourMilliseconds;
  const timestamp = `${new Date(timeOf(hour, run)).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const usageType = prefixed(type === 'm1.small' ? 'SpotUsage' : `SpotUsage:${type}`, region, undefined);
  const prices = [maxPrice, price, charge].map((dollars) => `${dollars.toFixed(10)} USD`);
  return [timestamp, usageType, 'RunInstances', instance, request, ...prices, file].join('\t');
}
