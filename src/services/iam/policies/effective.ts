/** Which policies bind a user, group or role, read from the tables and parsed once for each text. */

import type { NamedPolicy } from '../../../framework/identity.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ReadTransaction, Store } from '../../../store/store.ts';
import { groupsOfUser } from '../groups/operations.ts';
import type { Owner } from '../owners.ts';
import { attachments, inlinePolicies } from '../tables.ts';
import { awsPolicies, awsPolicyDocument } from './aws-managed.ts';
import { defaultDocument, findPolicy, policyNameOf } from './policy.ts';

export type EffectivePolicy = {
  policyName: string;
  /** Only managed policies have one. */
  arn?: string;
  /** To whom it is attached or in whom it is embedded. */
  owner: Pick<Owner, 'kind' | 'name'>;
  /** As denials cite it. */
  label: string;
  text: string;
  document: PolicyDocument;
};

/** As read from the tables; the text of a policy that AWS manages is read afterwards from its file. */
type Found = Omit<EffectivePolicy, 'document' | 'text'> & { text: string | undefined };

const parsed = new Map<string, PolicyDocument>();
const parsedMax = 4096;

/** Parses an accepted policy. The same text gives the same object, which the engine has compiled already. */
export function parsedPolicy(text: string): PolicyDocument {
  let document = parsed.get(text);
  if (!document) {
    if (parsed.size >= parsedMax) parsed.clear();
    parsed.set(text, (document = parsePolicy(text, 'identity')));
  }
  return document;
}

/** All that is attached to or embedded in one owner; for a user, in its groups too. */
export async function findPolicies(tx: ReadTransaction, owner: Owner): Promise<Found[]> {
  const owners: Owner[] = [owner];
  if (owner.kind === 'user') for (const group of await groupsOfUser(tx, owner)) owners.push({ kind: 'group', ...group });
  const found: Found[] = [];
  for (const one of owners) {
    for (const { row } of await inlinePolicies.scan(tx, [one.account, one.id])) {
      found.push({ policyName: row.name, owner: one, label: `inline:${one.name}/${row.name}`, text: row.document });
    }
    for (const { row } of await attachments.scan(tx, [one.account, one.id])) {
      found.push({
        policyName: policyNameOf(row.policyArn).name,
        arn: row.policyArn,
        owner: one,
        label: row.policyArn,
        text: await localText(tx, one.account, row.policyArn),
      });
    }
  }
  return found;
}

/** The default version of a policy of this account; undefined for one that AWS manages. */
export async function localText(tx: ReadTransaction, account: string, arn: string): Promise<string | undefined> {
  const policy = await findPolicy(tx, account, arn);
  return policy && (await defaultDocument(tx, policy)).document;
}

/** Reads what lies in files, and parses. Never inside a transaction. */
export async function withDocuments(found: readonly Found[]): Promise<EffectivePolicy[]> {
  const policies: EffectivePolicy[] = [];
  for (const policy of found) {
    const text = policy.text ?? (await awsText(policy.arn!));
    if (text !== undefined) policies.push({ ...policy, text, document: parsedPolicy(text) });
  }
  return policies;
}

async function awsText(arn: string): Promise<string | undefined> {
  const policy = (await awsPolicies()).get(arn);
  return policy && awsPolicyDocument(policy);
}

/** A managed policy by its ARN, local or AWS's; undefined when there is none. */
export async function managedPolicy(store: Store, account: string, arn: string): Promise<NamedPolicy | undefined> {
  const text = (await awsText(arn)) ?? (await store.read((tx) => localText(tx, account, arn)));
  return text === undefined ? undefined : { name: arn, document: parsedPolicy(text) };
}

/** What binds an entity, or one policy alone. */
export async function entityPolicies(
  store: Store,
  account: string,
  entity: { owner: Owner } | { policyArn: string },
): Promise<EffectivePolicy[]> {
  if ('owner' in entity) return withDocuments(await store.read((tx) => findPolicies(tx, entity.owner)));
  const arn = entity.policyArn;
  const text = await store.read((tx) => localText(tx, account, arn));
  return withDocuments([{ policyName: policyNameOf(arn).name, arn, owner: { kind: 'user', name: '' }, label: arn, text }]);
}
