/** Retention rules: made, read, changed, deleted, locked. */

import { retentionRules, type RetentionRule } from '../../../framework/recycle-bin.ts';
import { tagsOf } from '../../../framework/tags.ts';
import { invalidToken, ruleConflict, validation } from '../errors.ts';
import * as limits from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import * as rules from './rule.ts';

const idCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const idLength = 11;

export const CreateRule: Operation<'CreateRule'> = async (request, given) => {
  const input: Input<'CreateRule'> = given;
  const { account, region, now } = request;
  const type = rules.typeOf(input.ResourceType);
  const plain: RetentionRule = {
    ...{
      account,
      region,
      id: request.random.text(idLength, idCharacters),
      created: now,
      type,
      days: rules.daysOf(input.RetentionPeriod ?? {}, type),
    },
    description: rules.descriptionOf(input.Description ?? ''),
    resourceTags: rules.ruleTagsOf(input.ResourceTags, limits.resourceTagsMax),
    excludeTags: rules.ruleTagsOf(input.ExcludeResourceTags, limits.excludeTagsMax),
    tags: rules.checkTags(tagsOf(input.Tags as { Key: string; Value: string }[] | undefined)),
  };
  const rule = input.LockConfiguration ? { ...plain, lock: rules.lockFor(plain, input.LockConfiguration) } : plain;
  await request.store.write(async (tx) => {
    await rules.checkRule(tx, rule);
    await retentionRules.put(tx, rule);
  });
  return { ...rules.shownRule(rule, now), Tags: rule.tags };
};

export const GetRule: Operation<'GetRule'> = async (request, input) => {
  const rule = await request.store.read((tx) => rules.requireRule(tx, request, input.Identifier ?? ''));
  return rules.shownRule(rule, request.now);
};

export const ListRules: Operation<'ListRules'> = async (request, given) => {
  const input: Input<'ListRules'> = given;
  const type = rules.typeOf(input.ResourceType);
  const { MaxResults: most = limits.listedMax, NextToken: token } = input;
  if (!Number.isInteger(most) || most < 1 || most > limits.listedMax) throw validation(`MaxResults must be from 1 to ${limits.listedMax}.`);
  const after = token === undefined ? '' : Buffer.from(token, 'base64').toString();
  if (token !== undefined && !/^[0-9A-Za-z]{11}$/.test(after)) throw invalidToken();
  const tagged = rules.ruleTagsOf(input.ResourceTags, limits.resourceTagsMax);
  const excluded = rules.ruleTagsOf(input.ExcludeResourceTags, limits.excludeTagsMax);
  const all = await request.store.read((tx) => retentionRules.scan(tx, [request.account, request.region]));
  const fitting = all
    .map(({ row }) => row)
    .filter((rule) => rule.type === type && rule.id > after)
    .filter((rule) => input.LockState === undefined || rules.lockState(rule, request.now) === input.LockState)
    .filter((rule) => holds(rule.resourceTags, tagged) && holds(rule.excludeTags, excluded));
  const page = fitting.slice(0, most);
  return {
    Rules: page.map((rule) => {
      const { Identifier, Description, RetentionPeriod, LockState, RuleArn } = rules.shownRule(rule, request.now);
      return { Identifier, Description, RetentionPeriod, LockState, RuleArn };
    }),
    ...(fitting.length > page.length && { NextToken: Buffer.from(page.at(-1)!.id).toString('base64') }),
  };
};

const holds = (own: RetentionRule['resourceTags'], asked: RetentionRule['resourceTags']): boolean =>
  asked.every(({ key, value }) => own.some((one) => one.key === key && (value === undefined || one.value === value)));

export const UpdateRule: Operation<'UpdateRule'> = async (request, given) => {
  const input: Input<'UpdateRule'> = given;
  const rule = await request.store.write(async (tx) => {
    const present = await rules.requireRule(tx, request, input.Identifier ?? '');
    rules.requireUnlocked(present, request.now);
    if (input.ResourceType !== undefined && (input.ResourceType as string) !== present.type)
      throw validation('The resource type of a rule cannot be changed.');
    const { lock: _over, ...unlocked } = present;
    const next: RetentionRule = {
      ...unlocked,
      ...(input.RetentionPeriod && { days: rules.daysOf(input.RetentionPeriod, present.type) }),
      ...(input.Description !== undefined && { description: rules.descriptionOf(input.Description) }),
      ...(input.ResourceTags && { resourceTags: rules.ruleTagsOf(input.ResourceTags, limits.resourceTagsMax) }),
      ...(input.ExcludeResourceTags && { excludeTags: rules.ruleTagsOf(input.ExcludeResourceTags, limits.excludeTagsMax) }),
    };
    await rules.checkRule(tx, next);
    await retentionRules.put(tx, next);
    return next;
  });
  return rules.shownRule(rule, request.now);
};

/** What it has retained stays in the bin for its time. */
export const DeleteRule: Operation<'DeleteRule'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const rule = await rules.requireRule(tx, request, input.Identifier ?? '');
    rules.requireUnlocked(rule, request.now);
    await retentionRules.delete(tx, rule.account, rule.region, rule.id);
  });
  return {};
};

export const LockRule: Operation<'LockRule'> = async (request, input) => {
  const rule = await request.store.write(async (tx) => {
    const present = await rules.requireRule(tx, request, input.Identifier ?? '');
    if (rules.lockState(present, request.now) === 'locked') throw ruleConflict(`The rule ${present.id} is locked.`);
    const locked = { ...present, lock: rules.lockFor(present, input.LockConfiguration ?? {}) };
    await retentionRules.put(tx, locked);
    return locked;
  });
  return rules.shownRule(rule, request.now);
};

/** It stays as it is until its delay has passed. */
export const UnlockRule: Operation<'UnlockRule'> = async (request, input) => {
  const rule = await request.store.write(async (tx) => {
    const present = await rules.requireRule(tx, request, input.Identifier ?? '');
    if (rules.lockState(present, request.now) !== 'locked') throw ruleConflict(`The rule ${present.id} is not locked.`);
    const { days } = present.lock!;
    const ending = { ...present, lock: { days, until: request.now + days * limits.dayMilliseconds } };
    await retentionRules.put(tx, ending);
    return ending;
  });
  return rules.shownRule(rule, request.now);
};
