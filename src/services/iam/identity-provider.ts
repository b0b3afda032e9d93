/** Answers the gateway: whose key is this, and what binds the caller. From memory while nothing has changed. */

import { accountOfAccessKey } from '../../framework/access-key-id.ts';
import type { Credential, IdentityProvider, NamedPolicy, PrincipalPolicies } from '../../framework/identity.ts';
import { parsePolicy } from '../../framework/policy/parse.ts';
import type { AssumedRole, FederatedUser, IamUser, Principal, Session } from '../../framework/principal.ts';
import { rootUser } from '../../framework/principal.ts';
import type { ReconcilerContext } from '../../framework/reconciler.ts';
import { openSession, sealingKey } from '../../framework/session-token.ts';
import { decodeKey } from '../../store/keys.ts';
import type { Store } from '../../store/store.ts';
import { forgetAllIdentities, identityEpoch, type Epoch } from './commit.ts';
import { noteUse } from './last-accessed/uses.ts';
import { createSignIn } from './login-profiles/sign-in.ts';
import { mfaCodeFits } from './mfa-devices/code-check.ts';
import { findPolicies, localText, managedPolicy, parsedPolicy, withDocuments } from './policies/effective.ts';
import { awsPolicies, awsPolicyDocument } from './policies/aws-managed.ts';
import { roleById } from './roles/role.ts';
import { openSecret } from './secrets.ts';
import { accessKeys, fold, identityTables, users } from './tables.ts';
import { tagRecord } from './tags.ts';
import { userArn, userById } from './users/user.ts';

type Context = Pick<ReconcilerContext, 'store' | 'random' | 'signal'>;

/** Something computed under one epoch of an account: good as long as the account's epoch is the same. */
type Remembered<T> = { epoch: Epoch; at: number; value: Promise<T> };

const entriesMax = 20_000;

/** The identity provider of a cloud. */
export function createIdentityProvider(context: Context): IdentityProvider {
  const { store } = context;
  const keys = new Map<string, Remembered<Credential | undefined>>();
  const sessions = new Map<string, Promise<Credential | undefined>>();
  const snapshots = new Map<string, Remembered<PrincipalPolicies>>();
  // The objects that `credential` gives live as long as its caches, so the layers of a session are found by identity.
  const byPrincipal = new WeakMap<Principal, Remembered<PrincipalPolicies>>();
  void watchChanges(context);

  const snapshot = (account: string, id: string, load: () => Promise<PrincipalPolicies>): Promise<PrincipalPolicies> =>
    remembered(snapshots, `${account} ${id}`, identityEpoch(store, account), load);

  const baseOf = (principal: IamUser | AssumedRole | FederatedUser): Promise<PrincipalPolicies> => {
    const { account } = principal;
    if (principal.type === 'User') return snapshot(account, principal.id, () => loadUser(store, account, principal.id));
    if (principal.type === 'AssumedRole') {
      const id = principal.id.slice(0, principal.id.indexOf(':'));
      return snapshot(account, id, () => loadRole(store, account, id));
    }
    return snapshot(account, principal.issuerArn, () => loadIssuer(store, account, principal.issuerArn));
  };

  const policies = (principal: Principal): PrincipalPolicies | Promise<PrincipalPolicies> => {
    if (principal.type === 'Root' || principal.type === 'Service' || principal.type === 'Anonymous') return unbound;
    const known = byPrincipal.get(principal);
    if (known && known.at === known.epoch.value) return known.value;
    const epoch = identityEpoch(store, principal.account);
    const at = epoch.value;
    const value = principal.session
      ? baseOf(principal).then((base) => withSession(store, base, principal.account, principal.session!))
      : baseOf(principal);
    byPrincipal.set(principal, { epoch, at, value });
    value.catch(() => byPrincipal.delete(principal));
    return value;
  };

  return {
    policies,
    credential: (accessKeyId, sessionToken) => {
      if (sessionToken !== undefined) return temporaryCredential(context, sessions, accessKeyId, sessionToken);
      const known = keys.get(accessKeyId);
      if (known && known.at === known.epoch.value) return known.value;
      const account = accountOfAccessKey(accessKeyId);
      if (account === undefined || !accessKeyId.startsWith('AKIA')) return nobody;
      return remembered(keys, accessKeyId, identityEpoch(store, account), () => loadCredential(context, account, accessKeyId));
    },
    signIn: createSignIn(context),
    mfaCodeFits: (principal, serial, code, at) => mfaCodeFits(context, principal, serial, code, at),
    keyUsed: (accessKeyId, use) => noteUse(store, accessKeyId, use),
  };
}

const unbound: PrincipalPolicies = Object.freeze({ identity: [], tags: {} });
const nobody: Promise<undefined> = Promise.resolve(undefined);

/** A cached value that is younger than the account's last change, or a fresh one. */
function remembered<T>(cache: Map<string, Remembered<T>>, key: string, epoch: Epoch, load: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known && known.at === epoch.value) return known.value;
  if (cache.size >= entriesMax) cache.clear();
  // The epoch is taken before the read: a change during the read makes the answer stale at once.
  const entry: Remembered<T> = { epoch, at: epoch.value, value: load() };
  cache.set(key, entry);
  entry.value.catch(() => cache.get(key) === entry && cache.delete(key));
  return entry.value;
}

/** Commits of this and of other processes, as the store tells them: they make what is remembered of their account stale. */
async function watchChanges({ store, signal }: Context): Promise<void> {
  const follow = async (prefix: Uint8Array): Promise<void> => {
    for await (const change of store.watch(prefix)) {
      if (signal.aborted) return;
      const account = decodeKey(change.key)[2];
      if (typeof account === 'string') identityEpoch(store, account).value++;
      else forgetAllIdentities(store); // the store has lost count: anything may have changed
    }
  };
  await Promise.allSettled(identityTables.map((table) => follow(table.prefix)));
}

async function loadCredential({ store, random }: Context, account: string, accessKeyId: string): Promise<Credential | undefined> {
  const found = await store.read(async (tx) => {
    const [key] = await accessKeys.scanIndex(tx, 'byKeyId', [accessKeyId], { limit: 1 });
    if (!key || key.row.status !== 'Active' || key.row.account !== account) return undefined;
    return { key: key.row, user: key.row.userId === account ? undefined : await userById(tx, account, key.row.userId) };
  });
  if (!found) return undefined;
  const { key, user } = found;
  if (!user && key.userId !== account) return undefined;
  const principal: Principal = user ? { type: 'User', account, arn: userArn(user), id: user.id, name: user.name } : rootUser(account);
  return { accessKeyId, secretAccessKey: await openSecret(store, random, key.id, key.sealedSecret), principal };
}

/** What a session token carries. Tokens never change, so an opened one stays known until there are too many. */
function temporaryCredential(
  { store, random }: Context,
  sessions: Map<string, Promise<Credential | undefined>>,
  accessKeyId: string,
  token: string,
): Promise<Credential | undefined> {
  const name = `${accessKeyId} ${token}`;
  const known = sessions.get(name);
  if (known) return known;
  const opening = sealingKey(store, random).then((key): Credential | undefined => {
    const session = openSession(key, accessKeyId, token);
    return session && { accessKeyId, ...session };
  });
  if (sessions.size >= entriesMax) sessions.clear();
  sessions.set(name, opening);
  // Only what opens is worth remembering: strangers may send any text.
  const forget = () => sessions.delete(name);
  opening.then((credential) => credential ?? forget(), forget);
  return opening;
}

const gone: PrincipalPolicies = Object.freeze({ identity: [], tags: {}, gone: true });

async function loadUser(store: Store, account: string, id: string): Promise<PrincipalPolicies> {
  return loadOwner(store, account, 'user', id);
}

async function loadRole(store: Store, account: string, id: string): Promise<PrincipalPolicies> {
  return loadOwner(store, account, 'role', id);
}

async function loadOwner(store: Store, account: string, kind: 'user' | 'role', id: string): Promise<PrincipalPolicies> {
  const found = await store.read(async (tx) => {
    const row = await (kind === 'user' ? userById(tx, account, id) : roleById(tx, account, id));
    if (!row) return undefined;
    const boundaryText = row.boundary === undefined ? undefined : await localText(tx, account, row.boundary);
    return { row, policies: await findPolicies(tx, { kind, ...row }), boundaryText };
  });
  if (!found) return gone;
  const { row, policies, boundaryText } = found;
  const identity = (await withDocuments(policies)).map(({ label, document }) => ({ name: label, document }));
  const boundary = row.boundary === undefined ? undefined : await boundaryPolicy(row.boundary, boundaryText);
  return { identity, ...(boundary && { boundary }), tags: tagRecord(row.tags) };
}

/** A boundary whose policy cannot be found allows nothing. */
async function boundaryPolicy(arn: string, localTextOfIt: string | undefined): Promise<NamedPolicy> {
  const aws = (await awsPolicies()).get(arn);
  const text = localTextOfIt ?? (aws && (await awsPolicyDocument(aws)));
  return { name: arn, document: text === undefined ? { version: '2012-10-17', statements: [] } : parsedPolicy(text) };
}

const everything = parsePolicy('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', 'identity');

/** The user, or the root user, who called GetFederationToken. */
async function loadIssuer(store: Store, account: string, issuerArn: string): Promise<PrincipalPolicies> {
  if (issuerArn.endsWith(':root')) return { identity: [{ name: issuerArn, document: everything }], tags: {} };
  const name = issuerArn.slice(issuerArn.lastIndexOf('/') + 1);
  const user = await store.read((tx) => users.get(tx, account, fold(name)));
  return user && userArn(user) === issuerArn ? loadUser(store, account, user.id) : gone;
}

/** Session policies narrow; session tags lie over those of the user or role. */
async function withSession(store: Store, base: PrincipalPolicies, account: string, session: Session): Promise<PrincipalPolicies> {
  const policies: NamedPolicy[] =
    session.policy === undefined ? [] : [{ name: 'session', document: parsePolicy(session.policy, 'session') }];
  for (const arn of session.policyArns ?? []) {
    const policy = await managedPolicy(store, account, arn);
    if (policy) policies.push(policy);
  }
  const narrowed = session.policy !== undefined || (session.policyArns?.length ?? 0) > 0;
  const tags = session.tags ? Object.assign(Object.create(null), base.tags, session.tags) : base.tags;
  return { ...base, tags, ...(narrowed && { session: policies }) };
}
