/** OpenID Connect providers: whose web identities sts:AssumeRoleWithWebIdentity may trust. */

import { arn } from '../../../framework/arn.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { alreadyExists, invalidInput, noOidcProvider, quotaExceeded, validationError } from '../errors.ts';
import { limits } from '../limits.ts';
import { page } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { oidcProviders, type OidcProvider } from '../tables.ts';
import { mergedTags, newTags, tagsMember, withoutTags } from '../tags.ts';

export function oidcProviderArn(provider: { account: string; url: string }): string {
  return arn('iam', '', provider.account, `oidc-provider/${provider.url}`);
}

async function findOidcProvider(tx: ReadTransaction, account: string, text: string): Promise<OidcProvider | undefined> {
  const prefix = oidcProviderArn({ account, url: '' });
  return text.startsWith(prefix) ? oidcProviders.get(tx, account, text.slice(prefix.length)) : undefined;
}

/** Throws NoSuchEntity. */
export async function requireOidcProvider(tx: ReadTransaction, account: string, text: string): Promise<OidcProvider> {
  const provider = await findOidcProvider(tx, account, text);
  if (!provider) throw noOidcProvider(text);
  return provider;
}

/** The URL as the ARN carries it: without `https://` and without a slash at the end. */
export function providerUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw validationError('Invalid Open ID Connect Provider URL');
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw validationError('Invalid Open ID Connect Provider URL');
  if (parsed.search !== '' || parsed.hash !== '')
    throw validationError('Open ID Connect Provider URL cannot contain query parameters or a fragment');
  return url.slice(`${parsed.protocol}//`.length).replace(/\/+$/, '');
}

function checkLists(clientIds: readonly string[], thumbprints: readonly string[]): void {
  if (clientIds.length > limits.clientIdsPerOidcProvider)
    throw quotaExceeded('ClientIdsPerOpenIdConnectProvider', limits.clientIdsPerOidcProvider);
  if (thumbprints.length > limits.thumbprintsPerOidcProvider)
    throw invalidInput(`Thumbprint list must contain fewer than ${limits.thumbprintsPerOidcProvider} entries.`);
}

export const CreateOpenIDConnectProvider: Operation<'CreateOpenIDConnectProvider'> = async (request, input) => {
  const clientIds = [...new Set(input.ClientIDList ?? [])];
  const thumbprints = [...new Set(input.ThumbprintList ?? [])];
  checkLists(clientIds, thumbprints);
  const provider: OidcProvider = {
    account: request.account,
    url: providerUrl(input.Url),
    clientIds,
    thumbprints,
    createdAt: request.now,
    tags: newTags(input.Tags),
  };
  await commit(request, async (tx) => {
    if (await oidcProviders.get(tx, provider.account, provider.url)) throw alreadyExists(`Provider with url ${input.Url} already exists.`);
    await changeCount(tx, request, 'oidcProviders', 1, limits.oidcProvidersPerAccount, 'OpenIdConnectProvidersPerAccount');
    await oidcProviders.put(tx, provider);
  });
  return { OpenIDConnectProviderArn: oidcProviderArn(provider), ...tagsMember(provider.tags) };
};

export const GetOpenIDConnectProvider: Operation<'GetOpenIDConnectProvider'> = async (request, input) => {
  const provider = await request.store.read((tx) => requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn));
  return {
    Url: provider.url,
    ClientIDList: provider.clientIds,
    ThumbprintList: provider.thumbprints,
    CreateDate: dateOf(provider.createdAt),
    ...tagsMember(provider.tags),
  };
};

export const ListOpenIDConnectProviders: Operation<'ListOpenIDConnectProviders'> = async (request) => {
  const rows = await request.store.read((tx) => oidcProviders.scan(tx, [request.account]));
  return { OpenIDConnectProviderList: rows.map(({ row }) => ({ Arn: oidcProviderArn(row) })) };
};

/** AWS says that this is idempotent: a provider that is not there is no error. */
export const DeleteOpenIDConnectProvider: Operation<'DeleteOpenIDConnectProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await findOidcProvider(tx, request.account, input.OpenIDConnectProviderArn);
    if (!provider) return;
    await oidcProviders.delete(tx, provider.account, provider.url);
    await changeCount(tx, request, 'oidcProviders', -1);
  });
  return {};
};

export const AddClientIDToOpenIDConnectProvider: Operation<'AddClientIDToOpenIDConnectProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn);
    const clientIds = [...new Set([...provider.clientIds, input.ClientID])];
    checkLists(clientIds, []);
    await oidcProviders.put(tx, { ...provider, clientIds });
  });
  return {};
};

export const RemoveClientIDFromOpenIDConnectProvider: Operation<'RemoveClientIDFromOpenIDConnectProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn);
    await oidcProviders.put(tx, { ...provider, clientIds: provider.clientIds.filter((id) => id !== input.ClientID) });
  });
  return {};
};

export const UpdateOpenIDConnectProviderThumbprint: Operation<'UpdateOpenIDConnectProviderThumbprint'> = async (request, input) => {
  const thumbprints = [...new Set(input.ThumbprintList)];
  checkLists([], thumbprints);
  await commit(request, async (tx) => {
    const provider = await requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn);
    await oidcProviders.put(tx, { ...provider, thumbprints });
  });
  return {};
};

export const TagOpenIDConnectProvider: Operation<'TagOpenIDConnectProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn);
    await oidcProviders.put(tx, { ...provider, tags: mergedTags(provider.tags, input.Tags) });
  });
  return {};
};

export const UntagOpenIDConnectProvider: Operation<'UntagOpenIDConnectProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn);
    await oidcProviders.put(tx, { ...provider, tags: withoutTags(provider.tags, input.TagKeys) });
  });
  return {};
};

export const ListOpenIDConnectProviderTags: Operation<'ListOpenIDConnectProviderTags'> = async (request, input) => {
  const provider = await request.store.read((tx) => requireOidcProvider(tx, request.account, input.OpenIDConnectProviderArn));
  const { items, ...more } = page(provider.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};
