/** SAML providers: identity providers whose metadata an account has taken in. */

import { arn } from '../../../framework/arn.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { alreadyExists, invalidInput, noSamlProvider } from '../errors.ts';
import { limits } from '../limits.ts';
import { page } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { fold, samlProviders, type SamlProvider } from '../tables.ts';
import { mergedTags, newTags, tagsMember, withoutTags } from '../tags.ts';

/** A metadata document without a date of its own is taken to be good for a hundred years, as AWS does. */
const validityMs = 100 * 365.25 * 86_400_000;

export function samlProviderArn(provider: { account: string; name: string }): string {
  return arn('iam', '', provider.account, `saml-provider/${provider.name}`);
}

/** Throws NoSuchEntity. */
export async function requireSamlProvider(tx: ReadTransaction, account: string, text: string): Promise<SamlProvider> {
  const provider = await samlProviders.get(tx, account, fold(text.slice(text.indexOf('/') + 1)));
  if (!provider || samlProviderArn(provider) !== text) throw noSamlProvider(text);
  return provider;
}

/** Throws InvalidInput unless the text looks like metadata of an identity provider; gives how long it is valid. */
function checkMetadata(text: string, now: number): number {
  if (!/<(?:\w+:)?EntityDescriptor[\s>]/.test(text) || !/<(?:\w+:)?IDPSSODescriptor[\s>]/.test(text))
    throw invalidInput('Could not parse metadata');
  const until = /\bvalidUntil="([^"]{1,64})"/.exec(text)?.[1];
  const time = until === undefined ? NaN : Date.parse(until);
  return Number.isNaN(time) ? now + validityMs : time;
}

export const CreateSAMLProvider: Operation<'CreateSAMLProvider'> = async (request, input) => {
  if (input.AddPrivateKey !== undefined) throw notImplemented('private keys of SAML providers');
  const provider: SamlProvider = {
    account: request.account,
    name: input.Name,
    uuid: request.random.text(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
    createdAt: request.now,
    validUntil: checkMetadata(input.SAMLMetadataDocument, request.now),
    tags: newTags(input.Tags),
    ...(input.AssertionEncryptionMode !== undefined && { encryptionMode: input.AssertionEncryptionMode }),
    metadata: input.SAMLMetadataDocument,
  };
  await commit(request, async (tx) => {
    if (await samlProviders.get(tx, provider.account, fold(provider.name)))
      throw alreadyExists(`SAMLProvider with name ${provider.name} already exists.`);
    await changeCount(tx, request, 'samlProviders', 1, limits.samlProvidersPerAccount, 'SAMLProvidersPerAccount');
    await samlProviders.put(tx, provider);
  });
  return { SAMLProviderArn: samlProviderArn(provider), ...tagsMember(provider.tags) };
};

export const GetSAMLProvider: Operation<'GetSAMLProvider'> = async (request, input) => {
  const provider = await request.store.read((tx) => requireSamlProvider(tx, request.account, input.SAMLProviderArn));
  return {
    SAMLProviderUUID: provider.uuid,
    SAMLMetadataDocument: provider.metadata,
    CreateDate: dateOf(provider.createdAt),
    ValidUntil: dateOf(provider.validUntil),
    ...tagsMember(provider.tags),
    ...(provider.encryptionMode !== undefined && { AssertionEncryptionMode: provider.encryptionMode }),
  };
};

export const ListSAMLProviders: Operation<'ListSAMLProviders'> = async (request) => {
  const rows = await request.store.read((tx) => samlProviders.scan(tx, [request.account]));
  return {
    SAMLProviderList: rows.map(({ row }) => ({
      Arn: samlProviderArn(row),
      ValidUntil: dateOf(row.validUntil),
      CreateDate: dateOf(row.createdAt),
    })),
  };
};

export const UpdateSAMLProvider: Operation<'UpdateSAMLProvider'> = async (request, input) => {
  if (input.AddPrivateKey !== undefined || input.RemovePrivateKey !== undefined) throw notImplemented('private keys of SAML providers');
  const metadata = input.SAMLMetadataDocument;
  const validUntil = metadata === undefined ? undefined : checkMetadata(metadata, request.now);
  await commit(request, async (tx) => {
    const provider = await requireSamlProvider(tx, request.account, input.SAMLProviderArn);
    const encryptionMode = input.AssertionEncryptionMode ?? provider.encryptionMode;
    await samlProviders.put(tx, {
      ...provider,
      ...(metadata !== undefined && { metadata }),
      ...(validUntil !== undefined && { validUntil }),
      ...(encryptionMode && { encryptionMode }),
    });
  });
  return { SAMLProviderArn: input.SAMLProviderArn };
};

export const DeleteSAMLProvider: Operation<'DeleteSAMLProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireSamlProvider(tx, request.account, input.SAMLProviderArn);
    await samlProviders.delete(tx, provider.account, fold(provider.name));
    await changeCount(tx, request, 'samlProviders', -1);
  });
  return {};
};

export const TagSAMLProvider: Operation<'TagSAMLProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireSamlProvider(tx, request.account, input.SAMLProviderArn);
    await samlProviders.put(tx, { ...provider, tags: mergedTags(provider.tags, input.Tags) });
  });
  return {};
};

export const UntagSAMLProvider: Operation<'UntagSAMLProvider'> = async (request, input) => {
  await commit(request, async (tx) => {
    const provider = await requireSamlProvider(tx, request.account, input.SAMLProviderArn);
    await samlProviders.put(tx, { ...provider, tags: withoutTags(provider.tags, input.TagKeys) });
  });
  return {};
};

export const ListSAMLProviderTags: Operation<'ListSAMLProviderTags'> = async (request, input) => {
  const provider = await request.store.read((tx) => requireSamlProvider(tx, request.account, input.SAMLProviderArn));
  const { items, ...more } = page(provider.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};
