/** Finds services by name, loading each at its first use: its records are upgraded and its reconcilers started before anything else sees it. */

import type { ServiceDefinition } from '../framework/service.ts';
import { shared } from '../framework/shared-work.ts';
import type { Store } from '../store/store.ts';
import { migrateTables, storedTables } from '../store/migrate.ts';

export type ServiceRegistry = {
  /** The definition of a built service, or undefined. At once when it is loaded. */
  find(name: string): ServiceDefinition | undefined | Promise<ServiceDefinition | undefined>;
};

export type RunningServices = ServiceRegistry & {
  /** The names of all built services. */
  readonly names: readonly string[];
  /** Those that are loaded. */
  loaded(): string[];
  /** Loads the services of which the store holds records, so that a newer record version is refused at start and reconcilers run. */
  loadUsed(): Promise<void>;
};

export type RegistryParts = {
  list: Readonly<Record<string, () => Promise<ServiceDefinition>>>;
  store: Store;
  progress: (message: string) => void;
  /** Called once for each service, after its tables are ready. */
  started: (definition: ServiceDefinition) => void;
};

export function createServiceRegistry(parts: RegistryParts): RunningServices {
  const names = Object.keys(parts.list);
  const ready = new Map<string, ServiceDefinition>();

  const load = shared(async (name): Promise<ServiceDefinition> => {
    const definition = await parts.list[name]!();
    await migrateTables(parts.store, definition.tables ?? [], ({ table, rows }) => parts.progress(`Upgrading ${table}: ${rows} records`));
    ready.set(name, definition);
    parts.started(definition);
    return definition;
  });
  const find = (name: string): ServiceDefinition | undefined | Promise<ServiceDefinition | undefined> => {
    const definition = ready.get(name);
    if (definition) return definition;
    if (!Object.hasOwn(parts.list, name)) return undefined;
    return load(name);
  };
  return {
    names,
    loaded: () => [...ready.keys()],
    find,
    loadUsed: async () => {
      const used = new Set((await storedTables(parts.store)).map((name) => name.slice(0, name.indexOf('/'))));
      for (const name of names) if (used.has(name)) await find(name);
    },
  };
}
