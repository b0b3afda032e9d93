/** The policies that AWS manages, from their public content, read from their files when first asked for. */

import { createHash } from 'node:crypto';

export type AwsPolicy = {
  name: string;
  arn: string;
  id: string;
  path: string;
  /** The number of the version that is held: the default one. */ version: number;
  createdAt: number;
  updatedAt: number;
};

type IndexEntry = { path: string; version: string; created: string; updated: string };

let index: Promise<ReadonlyMap<string, AwsPolicy>> | undefined;
const documents = new Map<string, Promise<string>>();

/** All of them by ARN. Call it before a transaction, never inside. */
export function awsPolicies(): Promise<ReadonlyMap<string, AwsPolicy>> {
  index ??= loadIndex();
  return index;
}

async function loadIndex(): Promise<ReadonlyMap<string, AwsPolicy>> {
  const { default: entries } = (await import('./aws-managed/index.json', { with: { type: 'json' } })) as {
    default: Record<string, IndexEntry>;
  };
  return new Map(
    Object.entries(entries).map(([name, entry]) => {
      const arn = `arn:aws:iam::aws:policy${entry.path}${name}`;
      return [
        arn,
        {
          name,
          arn,
          id: idOf(arn),
          path: entry.path,
          version: Number(entry.version.slice(1)),
          createdAt: Date.parse(entry.created),
          updatedAt: Date.parse(entry.updated),
        },
      ];
    }),
  );
}

/** The same id in every cloud, made from the ARN. */
function idOf(arn: string): string {
  const digest = createHash('sha256').update(arn).digest();
  return 'ANPA' + Array.from(digest.subarray(0, 17), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('');
}

/** The policy's text. */
export function awsPolicyDocument(policy: AwsPolicy): Promise<string> {
  let text = documents.get(policy.name);
  if (!text) {
    text = import(`./aws-managed/${policy.name}.json`, { with: { type: 'json' } }).then((module: { default: unknown }) =>
      JSON.stringify(module.default),
    );
    documents.set(policy.name, text);
  }
  return text;
}
