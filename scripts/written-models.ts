/**
 * Models of services whose newest SDK carries no schemas, written down from what AWS publishes of them (docs/decisions/0051): there is
 * one, and it goes when its SDK has schemas.
 */

import {
  SHAPE_BASE,
  type CompiledModel,
  type CompiledShape,
  type CompiledTraits,
  type MemberRef,
} from '../src/protocols/compiled-model.ts';

const [text, number, time, texts] = [0, 1, 4, 64];
const inPath: CompiledTraits = 1;

/** Structures by their names; members that are required stand first, as many as `required` says. */
type Structure = { members: Record<string, MemberRef | string>; required?: number };

/** Amazon Recycle Bin: https://docs.aws.amazon.com/recyclebin/latest/APIReference/ */
const identifier: Structure['members'] = { Identifier: [text, inPath] };
const resourceArn: Structure['members'] = { ResourceArn: [text, inPath] };
const period = { RetentionPeriod: 'RetentionPeriod' };
const tagsOfResources = { ResourceTags: 'ResourceTags', ExcludeResourceTags: 'ResourceTags' };
const rule = { Identifier: text, Description: text, ResourceType: text, ...period, ...tagsOfResources, Status: text, RuleArn: text };
const lock = { LockConfiguration: 'LockConfiguration', LockState: text };
const structures: Record<string, Structure> = {
  CreateRuleRequest: {
    members: {
      ...period,
      ResourceType: text,
      Description: text,
      Tags: 'TagList',
      ...tagsOfResources,
      LockConfiguration: 'LockConfiguration',
    },
    required: 2,
  },
  CreateRuleResponse: { members: { ...rule, Tags: 'TagList', ...lock } },
  GetRuleRequest: { members: identifier, required: 1 },
  GetRuleResponse: { members: { ...rule, ...lock, LockEndTime: time } },
  ListRulesRequest: {
    members: { ResourceType: text, MaxResults: number, NextToken: text, ...tagsOfResources, LockState: text },
    required: 1,
  },
  ListRulesResponse: { members: { Rules: 'RuleSummaryList', NextToken: text } },
  UpdateRuleRequest: { members: { ...identifier, ...period, Description: text, ResourceType: text, ...tagsOfResources }, required: 1 },
  UpdateRuleResponse: { members: { ...rule, LockState: text, LockEndTime: time } },
  DeleteRuleRequest: { members: identifier, required: 1 },
  DeleteRuleResponse: { members: {} },
  LockRuleRequest: { members: { ...identifier, LockConfiguration: 'LockConfiguration' }, required: 2 },
  LockRuleResponse: { members: { ...rule, ...lock } },
  UnlockRuleRequest: { members: identifier, required: 1 },
  UnlockRuleResponse: { members: { ...rule, ...lock, LockEndTime: time } },
  TagResourceRequest: { members: { ...resourceArn, Tags: 'TagList' }, required: 2 },
  TagResourceResponse: { members: {} },
  UntagResourceRequest: { members: { ...resourceArn, TagKeys: [texts, { httpQuery: 'tagKeys' }] }, required: 2 },
  UntagResourceResponse: { members: {} },
  ListTagsForResourceRequest: { members: resourceArn, required: 1 },
  ListTagsForResourceResponse: { members: { Tags: 'TagList' } },
  RetentionPeriod: { members: { RetentionPeriodValue: number, RetentionPeriodUnit: text }, required: 2 },
  UnlockDelay: { members: { UnlockDelayValue: number, UnlockDelayUnit: text }, required: 2 },
  LockConfiguration: { members: { UnlockDelay: 'UnlockDelay' }, required: 1 },
  ResourceTag: { members: { ResourceTagKey: text, ResourceTagValue: text }, required: 1 },
  RuleSummary: { members: { Identifier: text, Description: text, ...period, LockState: text, RuleArn: text } },
  Tag: { members: { Key: text, Value: text }, required: 2 },
};
const lists: Record<string, string> = { ResourceTags: 'ResourceTag', RuleSummaryList: 'RuleSummary', TagList: 'Tag' };
/** By their status. */
const errors: Record<string, number> = {
  ...{ ConflictException: 409, InternalServerException: 500, ResourceNotFoundException: 404 },
  ...{ ServiceQuotaExceededException: 402, ValidationException: 400 },
};

function recycleBin(): CompiledModel {
  const names = [...Object.keys(structures), ...Object.keys(lists), ...Object.keys(errors)];
  const numbered = (name: string): number => {
    const at = names.indexOf(name);
    if (at < 0) throw new Error(`rbin: there is no shape ${name}`);
    return SHAPE_BASE + at;
  };
  const member = (given: MemberRef | string): MemberRef => (typeof given === 'string' ? [numbered(given), 0] : given);
  const shapes: CompiledShape[] = [
    ...Object.entries(structures).map(([name, { members, required = 0 }]): CompiledShape => {
      return [3, name, 0, Object.keys(members), Object.values(members).map(member), required];
    }),
    ...Object.entries(lists).map(([name, of]): CompiledShape => [1, name, 0, [numbered(of), 0]]),
    ...Object.entries(errors).map(([name, status]): CompiledShape => {
      const [members, says] = status >= 500 ? [['Message'], 'server'] : [['Message', 'Reason'], 'client'];
      return [-3, name, { error: says, httpError: status }, members, members.map(() => text), 0];
    }),
  ];
  type Operation = CompiledModel['operations'][string];
  const operation = (name: string, method: string, path: string, status: number): [string, Operation] => [
    name,
    [numbered(`${name}Request`), numbered(`${name}Response`), { http: [method, path, status] }],
  ];
  return {
    ...{ name: 'rbin', sdkId: 'rbin', signingName: 'rbin', endpointPrefix: 'rbin', version: '2021-06-15', target: 'AmazonRecycleBin' },
    ...{ protocols: ['restJson1'], namespace: 'com.amazonaws.rbin', xmlNamespace: null, queryCompatible: false, unsigned: [] },
    operations: Object.fromEntries([
      operation('CreateRule', 'POST', '/rules', 201),
      operation('DeleteRule', 'DELETE', '/rules/{Identifier}', 204),
      operation('GetRule', 'GET', '/rules/{Identifier}', 200),
      operation('ListRules', 'POST', '/list-rules', 200),
      operation('ListTagsForResource', 'GET', '/tags/{ResourceArn}', 200),
      operation('LockRule', 'PATCH', '/rules/{Identifier}/lock', 200),
      operation('TagResource', 'POST', '/tags/{ResourceArn}', 201),
      operation('UnlockRule', 'PATCH', '/rules/{Identifier}/unlock', 200),
      operation('UntagResource', 'DELETE', '/tags/{ResourceArn}', 204),
      operation('UpdateRule', 'PATCH', '/rules/{Identifier}', 200),
    ]),
    errors: Object.keys(errors).map(numbered),
    shapes,
  };
}

/** By the names of their clients. */
export const writtenModels: Readonly<Record<string, () => CompiledModel>> = { rbin: recycleBin };
