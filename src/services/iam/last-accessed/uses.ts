/** Notes of what was used when, gathered in memory and written behind: at most one write a minute for each key and action. */

import type { IdentityProvider } from '../../../framework/identity.ts';
import type { Principal } from '../../../framework/principal.ts';
import type { Store, WriteTransaction } from '../../../store/store.ts';
import { keyUses, serviceUses } from '../tables.ts';

type Use = Parameters<IdentityProvider['keyUsed']>[1];
type KeyNote = { account: string; accessKeyId: string; use: Use };
type ActionNote = { account: string; entityId: string; use: Use };

type Notes = {
  /** When the same thing was last noted for writing, so that a busy key does not write at every call. */
  notedAt: Map<string, number>;
  keys: Map<string, KeyNote>;
  actions: Map<string, ActionNote>;
  writing: Promise<void> | undefined;
};

const notes = new WeakMap<Store, Notes>();
const pauseMs = 60_000;
const rememberedMax = 20_000;

function notesOf(store: Store): Notes {
  let known = notes.get(store);
  if (!known) notes.set(store, (known = { notedAt: new Map(), keys: new Map(), actions: new Map(), writing: undefined }));
  return known;
}

/** The user or role whose access is tracked; the root user and services have no such record. */
function entityOf(principal: Principal): string | undefined {
  if (principal.type === 'User') return principal.id;
  if (principal.type === 'AssumedRole') return principal.id.slice(0, principal.id.indexOf(':'));
  return undefined;
}

/** Notes one use. Cheap: a Map lookup for what was noted less than a minute ago. */
export function noteUse(store: Store, accessKeyId: string, use: Use): void {
  const known = notesOf(store);
  const name = `${accessKeyId} ${use.action}`;
  const before = known.notedAt.get(name);
  if (before !== undefined && use.at - before < pauseMs) return;
  if (known.notedAt.size >= rememberedMax) known.notedAt.clear();
  known.notedAt.set(name, use.at);
  const account = use.principal.account;
  if (accessKeyId.startsWith('AKIA')) known.keys.set(accessKeyId, { account, accessKeyId, use });
  const entityId = entityOf(use.principal);
  if (entityId !== undefined) known.actions.set(`${entityId} ${use.action}`, { account, entityId, use });
  // Notes are a convenience: a store that is closing may lose the last of them, and nobody waits.
  void flushUses(store).catch(() => undefined);
}

/** Writes what is noted; resolves when all that was noted before the call can be read. */
export async function flushUses(store: Store): Promise<void> {
  const known = notesOf(store);
  while (known.keys.size + known.actions.size > 0 || known.writing) {
    known.writing ??= writeNotes(store, known).finally(() => (known.writing = undefined));
    await known.writing;
  }
}

async function writeNotes(store: Store, known: Notes): Promise<void> {
  await Promise.resolve(); // let the calls of this turn gather
  const keys = [...known.keys.values()];
  const actions = [...known.actions.values()];
  known.keys.clear();
  known.actions.clear();
  await store.write(async (tx) => {
    for (const { account, accessKeyId, use } of keys)
      await keyUses.put(tx, { account, accessKeyId, at: use.at, region: use.region, service: use.service });
    for (const { account, entityId, use } of actions) {
      const row = await serviceUses.get(tx, account, entityId, use.service);
      const action = use.action.slice(use.action.indexOf(':') + 1);
      const mark = { at: use.at, region: use.region };
      await serviceUses.put(tx, { account, entityId, service: use.service, ...mark, actions: { ...row?.actions, [action]: mark } });
    }
  }, 'relaxed');
}

/** What is remembered of a user or role goes with it. */
export async function forgetUses(tx: WriteTransaction, entity: { account: string; id: string }): Promise<void> {
  for (const { row } of await serviceUses.scan(tx, [entity.account, entity.id]))
    await serviceUses.delete(tx, row.account, row.entityId, row.service);
}
