/** The durable records of SNS. */

import type { Letter } from '../../framework/mailbox.ts';
import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';

export type TopicName = { account: string; region: string; name: string };

export type Topic = TopicName & {
  /** Never used again: a topic of the same name that comes later has none of this one's subscriptions. */
  id: string;
  fifo: boolean;
  /** What was set, but for documents; defaults are not written down. */
  attributes: [name: string, value: string][];
  tags: [key: string, value: string][];
  /** Revisions of the documents in `topicDocuments`. */
  policy?: string;
  dataProtection?: string;
  /** Changes with every change of a subscription, so that whoever knows the subscriptions knows when to read them again. */
  subscriptionsRevision: string;
  confirmed: number;
  pending: number;
  deleted: number;
  filterPolicies: number;
};

export const topics = table<Topic>('sns/topics', { key: (row) => [row.account, row.region, row.name] });

export type TopicDocument = { topic: string; kind: 'policy' | 'dataProtection'; revision: string; text: string };
export const topicDocuments = table<TopicDocument>('sns/topic-documents', { key: (row) => [row.topic, row.kind] });

/** Topics that are gone, whose subscriptions have yet to go. */
export const deletedTopics = table<{ topic: string }>('sns/deleted-topics', { key: (row) => [row.topic] });

export type Protocol = 'sqs' | 'http' | 'https' | 'email' | 'email-json' | 'sms' | 'application' | 'lambda' | 'firehose';

export type Subscription = {
  topic: string;
  topicName: TopicName;
  id: string;
  /** The account that subscribed. */
  owner: string;
  protocol: Protocol;
  endpoint: string;
  confirmed: boolean;
  /** True when the confirmation was signed, or AuthenticateOnUnsubscribe asked for. */
  authenticated: boolean;
  authenticateOnUnsubscribe: boolean;
  attributes: [name: string, value: string][];
  /** ARN of the caller who subscribed. */
  principal?: string;
  /** While pending. */
  token?: string;
  /** Its last replay; messages after `start` were new when it began. */
  replay?: { id: string; start: string; bounded: boolean; status: 'Pending' | 'In progress' | 'Completed' | 'Failed' };
};

export const subscriptions = table<Subscription, 'owner' | 'endpoint'>('sns/subscriptions', {
  key: (row) => [row.topic, row.id],
  indexes: {
    owner: (row) => [row.owner, row.topicName.region, row.topicName.account, row.topicName.name],
    endpoint: (row) => [row.topic, row.protocol, row.endpoint],
  },
});

/** Tokens of confirmation; they stay good after they were used, until they expire. */
export type Token = { token: string; topic: string; subscription: string; expiresAt: number };
export const tokens = table<Token, 'expiry'>('sns/tokens', { key: (row) => [row.token], indexes: { expiry: (row) => [row.expiresAt] } });

/** Where the contents of a message lie: JSON of `Contents` in the record, or in a blob when long; encrypted, in base64, where the topic is. */
export type Stored = { text: string; sealed?: true } | { blob: BlobRef; sealed?: true };

/** A message that was acknowledged and has yet to reach its subscribers. */
export type Publication = {
  topic: string;
  topicName: TopicName;
  /** By it a topic's messages are ordered: the sequence number of a FIFO topic, else the moment and the id. */
  order: string;
  id: string;
  at: number;
  /** The origin under which the publisher reached us, for links. */
  base: string;
  contents: Stored;
  sequence?: string;
};
export const publications = table<Publication>('sns/publications', { key: (row) => [row.topic, row.order] });

/** What FIFO topics keep for replays, in order. */
export const archivedMessages = table<Publication>('sns/archived-messages', { key: (row) => [row.topic, row.order] });

/** Topics that keep an archive, or did until lately. */
export type Archive = { topic: string; topicName: TopicName; since: number; ended?: true };
export const archives = table<Archive>('sns/archives', { key: (row) => [row.topic] });

/** A replay that is under way. `reached` is the order of the last message that it has dealt with. */
export type Replay = {
  topic: string;
  subscription: string;
  topicName: TopicName;
  id: string;
  start: string;
  from: number;
  until?: number;
  reached?: string;
};
export const replays = table<Replay>('sns/replays', { key: (row) => [row.topic, row.subscription] });

export const sequences = table<{ topic: string; last: string }>('sns/sequences', { key: (row) => [row.topic] });

export type Deduplication = { topic: string; scope: string; id: string; message: string; sequence: string; until: number };
export const deduplications = table<Deduplication, 'until'>('sns/deduplications', {
  key: (row) => [row.topic, row.scope, row.id],
  indexes: { until: (row) => [row.until] },
});

/** One message on its way to one subscriber that could not be reached at once. */
export type Delivery = {
  id: string;
  kind: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  topic: string;
  subscription: string;
  publication: Omit<Publication, 'order'>;
  /** Attempts that have failed. */
  failures: number;
  at: number;
  /** Given up: it goes to the dead-letter queue. */
  lost?: true;
};
export const deliveries = table<Delivery, 'at'>('sns/deliveries', { key: (row) => [row.id], indexes: { at: (row) => [row.at] } });

export type PlatformApplication = {
  account: string;
  region: string;
  platform: string;
  name: string;
  /** Never its credentials: nothing is sent with them. */
  attributes: [name: string, value: string][];
};
export const platformApplications = table<PlatformApplication>('sns/platform-applications', {
  key: (row) => [row.account, row.region, row.platform, row.name],
});

export type PlatformEndpoint = {
  account: string;
  region: string;
  platform: string;
  application: string;
  id: string;
  token: string;
  enabled: boolean;
  userData: string;
};
export const platformEndpoints = table<PlatformEndpoint, 'token'>('sns/platform-endpoints', {
  key: (row) => [row.account, row.region, row.platform, row.application, row.id],
  indexes: { token: (row) => [row.account, row.region, row.platform, row.application, row.token] },
});

export type SmsSettings = { account: string; region: string; attributes: [name: string, value: string][] };
export const smsSettings = table<SmsSettings>('sns/sms-settings', { key: (row) => [row.account, row.region] });

/** Numbers that have said STOP. One that was taken back in once cannot be again for some time. */
export type OptOut = {
  account: string;
  region: string;
  phone: string;
  isOut: boolean;
  /** When it was last opted in. */ optedInAt?: number;
};
export const optOuts = table<OptOut>('sns/opt-outs', { key: (row) => [row.account, row.region, row.phone] });

/** Who has written to a number: whose messages a STOP from it means. */
export const smsContacts = table<{ phone: string; account: string; region: string }>('sns/sms-contacts', {
  key: (row) => [row.phone, row.account, row.region],
});

/** What text messages have cost in a month, `2026-11`. */
export type SmsSpending = { account: string; region: string; month: string; microdollars: number };
export const smsSpending = table<SmsSpending>('sns/sms-spending', { key: (row) => [row.account, row.region, row.month] });

/** What is to be written down for a customer: as a role of his, or on his behalf. */
export type Note = {
  id: string;
  at: number;
  account: string;
  region: string;
  topic: string;
  role?: string;
  destination: { logGroup?: string; deliveryStream?: string; bucket?: string };
  text: string;
};
export const notes = table<Note>('sns/notes', { key: (row) => [row.at, row.id] });

export type SandboxNumber = {
  account: string;
  region: string;
  phone: string;
  verified: boolean;
  code: string;
  /** Until when the code is good. */ until: number;
};
export const sandboxNumbers = table<SandboxNumber>('sns/sandbox-numbers', { key: (row) => [row.account, row.region, row.phone] });

/** A letter that waits for its way out of the cloud. */
export type OutgoingLetter = Letter & {
  /** Who sends it, by name. */
  sender: string;
  /** Attempts that have failed. */
  failures: number;
  due: number;
  /** What goes to the dead-letter queue of the subscription when the letter cannot leave. */
  delivery?: Delivery;
};
export const outgoingLetters = table<OutgoingLetter, 'due'>('sns/outgoing-letters', {
  key: (row) => [row.id],
  indexes: { due: (row) => [row.due] },
});

/** The key with which messages are signed, sealed, and its certificate in PEM. */
export type SigningKey = { name: 'current'; sealedKey: string; certificate: string; fingerprint: string };
export const signingKeys = table<SigningKey>('sns/signing-keys', { key: (row) => [row.name] });

export const tables = [
  ...[topics, topicDocuments, deletedTopics, subscriptions, tokens],
  ...[publications, sequences, deduplications, deliveries, signingKeys],
  ...[archivedMessages, archives, replays],
  ...[platformApplications, platformEndpoints, smsSettings, sandboxNumbers, outgoingLetters],
  ...[optOuts, smsContacts, smsSpending, notes],
] as const;
