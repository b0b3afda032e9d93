/** Where a website sends a visitor: its redirections. Pure. */

import type { RoutingRule, Website } from './configuration.ts';

export type Redirection = { status: number; location: string };
type Visit = { /** The key that was asked for, as it stands in the path. */ key: string; query: string; scheme: string; host: string };

/** All requests, where the bucket says so. */
export function redirectAll(to: NonNullable<Website['RedirectAllRequestsTo']>, { key, query, scheme }: Visit): Redirection {
  return { status: 301, location: `${to.Protocol ?? scheme}://${to.HostName}/${encodeKey(key)}${query === '' ? '' : `?${query}`}` };
}

/** The first rule for the key, before anything is read (no error), or for the error that reading met. */
export function ruleFor(rules: readonly RoutingRule[] | undefined, key: string, error?: number): RoutingRule | undefined {
  return rules?.find(({ Condition: condition }) => {
    const code = condition?.HttpErrorCodeReturnedEquals;
    if (error === undefined ? code !== undefined : code !== String(error)) return false;
    return key.startsWith(condition?.KeyPrefixEquals ?? '');
  });
}

export function redirect({ Condition: condition, Redirect: to }: RoutingRule, { key, scheme, host }: Visit): Redirection {
  const prefix = condition?.KeyPrefixEquals ?? '';
  let next = key;
  if (to!.ReplaceKeyWith !== undefined) next = to!.ReplaceKeyWith;
  else if (to!.ReplaceKeyPrefixWith !== undefined) next = to!.ReplaceKeyPrefixWith + key.slice(prefix.length);
  return {
    status: Number(to!.HttpRedirectCode ?? 301),
    location: `${to!.Protocol ?? scheme}://${to!.HostName ?? host}/${encodeKey(next)}`,
  };
}

export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}
