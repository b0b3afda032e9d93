/** What calls ask for: by lists of values, and by filters. */

type Filter = { name?: string | undefined; values?: string[] | undefined };

/** All fit where nothing is asked for. */
export const among = (wanted: readonly unknown[] | undefined, ...values: readonly unknown[]): boolean =>
  !wanted?.length || values.some((value) => wanted.includes(value));

export const passes = (filters: readonly Filter[] | undefined, values: Readonly<Record<string, string | undefined>>): boolean =>
  (filters ?? []).every(({ name = '', values: wanted = [] }) => wanted.includes(values[name] ?? ''));

export const wantedRegions = (filters: readonly Filter[] | undefined): readonly string[] | undefined =>
  filters?.find(({ name }) => name === 'region')?.values;
