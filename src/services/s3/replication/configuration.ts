/** Reading a replication configuration, with S3's words for what is wrong with it. */

import { bucketOfArn } from '../buckets/bucket.ts';
import { invalidArgument, invalidRequest, malformedXml } from '../errors.ts';
import { objectTagsMax, replicationRuleIdLengthMax, replicationRulesMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import { requestedClass } from '../storage-classes/storage-class.ts';
import { prefixOf, timeMinutes } from './rule.ts';
import type { ReplicationRule } from './tables.ts';

type Given = Input<'PutBucketReplication'>['ReplicationConfiguration'];
type GivenRule = NonNullable<Given['Rules']>[number];

const guide = 'Please refer to S3 Developer Guide for more information.';
const schema = `this version of Cross Region Replication configuration schema. ${guide}`;
const priorityMax = 2_147_483_647;

/** Throws for the first fault: the role, the number of rules, their ids, then rule by rule. `newId` names those without an id. */
export function readReplication(bucket: string, given: Given, newId: () => string): { role: string; rules: ReplicationRule[] } {
  const { Role: role, Rules: rules = [] } = given;
  if (!role || rules.length === 0) throw malformedXml();
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(role)) throw invalidArgument('Invalid Amazon Resource Name for the role', 'Role', role);
  if (rules.length > replicationRulesMax)
    throw invalidRequest(`The number of replication rules must not exceed the allowed limit of ${replicationRulesMax} rules.`);
  checkIds(rules);
  // Filters came with the second version of the configuration, and are not mixed with the prefixes of the first.
  const second = rules.some((rule) => rule.Filter !== undefined);
  for (const rule of rules) checkRule(bucket, rule, second);
  if (second) checkPriorities(rules);
  else checkFirstVersion(rules);
  return { role, rules: rules.map((rule) => ({ ...(rule as ReplicationRule), ID: rule.ID || newId() })) };
}

function checkIds(rules: readonly GivenRule[]): void {
  const ids = new Set<string>();
  for (const { ID } of rules) {
    if (!ID) continue;
    if (ID.length > replicationRuleIdLengthMax)
      throw invalidArgument(`Rule Id must not exceed the allowed limit of ${replicationRuleIdLengthMax} characters`, 'ID', ID);
    if (ids.has(ID)) throw invalidRequest('Rule ID must be unique. Found same ID for more than one rule');
    ids.add(ID);
  }
}

function isStatus(status: string | undefined): boolean {
  return status === 'Enabled' || status === 'Disabled';
}

function checkRule(bucket: string, rule: GivenRule, second: boolean): void {
  if (!isStatus(rule.Status)) throw malformedXml();
  // AWS turns this on for accounts that asked for it; for all others the element is not in the schema.
  if (rule.ExistingObjectReplication) throw malformedXml();
  if ((rule.Filter === undefined) === (rule.Prefix === undefined)) throw malformedXml();
  if (second) checkSecond(rule);
  else checkFirst(rule);
  checkSelection(rule, second);
  checkDestination(bucket, rule, second);
}

function checkFirst({ Priority, DeleteMarkerReplication }: GivenRule): void {
  // SDKs that always send a number send 0.
  if (Priority !== undefined && Priority !== 0) throw invalidRequest(`Priority cannot be used for ${schema}`);
  if (DeleteMarkerReplication) throw invalidRequest(`DeleteMarkerReplication cannot be used for ${schema}`);
}

function checkSecond({ Filter, Priority, DeleteMarkerReplication: markers }: GivenRule): void {
  if (Priority === undefined) throw invalidRequest(`Priority must be specified for ${schema}`);
  if (!Number.isInteger(Priority) || Priority < 0 || Priority > priorityMax)
    throw invalidArgument(`Priority must be between 0 and ${priorityMax}`, 'Priority', Priority);
  if (!markers) throw invalidRequest(`DeleteMarkerReplication must be specified for ${schema}`);
  if (!isStatus(markers.Status)) throw malformedXml();
  const { Prefix, Tag, And } = Filter!;
  if ([Prefix, Tag, And].filter((one) => one !== undefined).length > 1) throw malformedXml();
  const tags = And ? (And.Tags ?? []) : Tag ? [Tag] : [];
  if (And && tags.length + (And.Prefix === undefined ? 0 : 1) < 2) throw malformedXml();
  if (tags.length > objectTagsMax || tags.some(({ Key }) => !Key)) throw malformedXml();
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw invalidRequest('Duplicate Tag Keys are not allowed.');
  if (tags.length > 0 && markers.Status === 'Enabled')
    throw invalidRequest(`Delete marker replication is not supported if any Tag filter is specified. ${guide}`);
}

function checkPriorities(rules: readonly GivenRule[]): void {
  const seen = new Set<number>();
  for (const { Priority } of rules) {
    if (seen.has(Priority!)) throw invalidRequest(`Found duplicate priority '${Priority}'. Priority must be unique for each rule.`);
    seen.add(Priority!);
  }
}

function checkFirstVersion(rules: readonly GivenRule[]): void {
  const prefixes = rules.map(prefixOf);
  for (const [i, prefix] of prefixes.entries())
    for (const other of prefixes.slice(0, i))
      if (prefix.startsWith(other) || other.startsWith(prefix))
        throw invalidRequest(`Found overlapping prefixes '${other}' and '${prefix}' for same action type 'Replication'`);
  if (new Set(rules.map(({ Destination }) => Destination?.Bucket)).size > 1)
    throw invalidRequest('Number of distinct destination bucket ARNs cannot exceed 1');
}

function checkSelection({ SourceSelectionCriteria: criteria, Destination }: GivenRule, second: boolean): void {
  const { SseKmsEncryptedObjects: kms, ReplicaModifications: replicas } = criteria ?? {};
  if ((kms && !isStatus(kms.Status)) || (replicas && !isStatus(replicas.Status))) throw malformedXml();
  if (replicas && !second) throw invalidRequest(`ReplicaModifications cannot be used for ${schema}`);
  const key = Destination?.EncryptionConfiguration?.ReplicaKmsKeyID;
  if (Destination?.EncryptionConfiguration && !key) throw malformedXml();
  if (kms?.Status === 'Enabled' && !key)
    throw invalidRequest('EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is enabled.');
  if (key && kms === undefined) throw invalidRequest('SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.');
}

function checkDestination(bucket: string, { Destination }: GivenRule, second: boolean): void {
  const name = Destination?.Bucket === undefined ? undefined : bucketOfArn(Destination.Bucket);
  if (!Destination || Destination.Bucket === undefined) throw malformedXml();
  if (name === undefined) throw invalidArgument('Invalid bucket ARN.', 'Bucket', Destination.Bucket);
  if (name === bucket) throw invalidRequest('Destination bucket cannot be the same as the source bucket.');
  requestedClass(Destination.StorageClass);
  const { Account, AccessControlTranslation: translation, ReplicationTime: time, Metrics: metrics } = Destination;
  if (Account !== undefined && !/^\d{12}$/.test(Account)) throw invalidArgument('Invalid AWS account ID.', 'Account', Account);
  if (translation && translation.Owner !== 'Destination') throw malformedXml();
  if (translation && Account === undefined)
    throw invalidRequest('Account must be specified in the Destination when AccessControlTranslation is specified.');
  if ((time && !isStatus(time.Status)) || (metrics && !isStatus(metrics.Status))) throw malformedXml();
  if ((time || metrics) && !second) throw invalidRequest(`${time ? 'ReplicationTime' : 'Metrics'} cannot be used for ${schema}`);
  if (time?.Status === 'Enabled') {
    if (time.Time?.Minutes !== timeMinutes)
      throw invalidArgument(`Replication Time Control must be ${timeMinutes} minutes.`, 'Time', time.Time?.Minutes);
    if (metrics?.Status !== 'Enabled') throw invalidRequest('Replication Time Control requires Metrics to be enabled.');
  }
  const threshold = metrics?.EventThreshold?.Minutes;
  if (threshold !== undefined && threshold !== timeMinutes)
    throw invalidArgument(`EventThreshold must be ${timeMinutes} minutes.`, 'EventThreshold', threshold);
}
