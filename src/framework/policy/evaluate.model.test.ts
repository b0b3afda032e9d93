/** The engine against a slow and obvious model that reads each policy anew, over random policies and callers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NamedPolicy } from '../identity.ts';
import { anonymous, rootUser } from '../principal.ts';
import type { PolicyDocument, PrincipalPattern, Statement } from './document.ts';
import { evaluate, type DecisionQuery } from './evaluate.ts';
import { explain } from './explain.ts';
import type { Actor } from './principals.ts';

const accounts = ['111111111111', '222222222222'] as const;
const colours = ['red', 'blue'] as const;

function user(account: string, name: string): Actor {
  return { type: 'User', account, name, arn: `arn:aws:iam::${account}:user/${name}`, id: `AIDA${name}` };
}

function role(account: string, roleName: string, sessionName: string): Actor {
  const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
  return {
    type: 'AssumedRole',
    account,
    arn,
    id: `AROA${roleName}:${sessionName}`,
    roleArn: `arn:aws:iam::${account}:role/${roleName}`,
    roleName,
    sessionName,
    session: { issuedAt: 0, expiresAt: 1 },
  };
}

const actors = fc.constantFrom<Actor>(
  ...accounts.flatMap((account) => [
    rootUser(account),
    user(account, 'a'),
    user(account, 'b'),
    role(account, 'r', 's'),
    role(account, 'r', 't'),
  ]),
  anonymous,
  { type: 'Service', account: accounts[0], arn: '', id: 'sns.amazonaws.com', name: 'sns.amazonaws.com' },
);

const names = accounts.flatMap((account) => [
  account,
  `arn:aws:iam::${account}:root`,
  `arn:aws:iam::${account}:user/a`,
  `arn:aws:iam::${account}:role/r`,
  `arn:aws:sts::${account}:assumed-role/r/s`,
]);
const patterns: fc.Arbitrary<PrincipalPattern> = fc.oneof(
  fc.constant('*' as const),
  fc.record({ AWS: fc.subarray(names, { minLength: 1, maxLength: 3 }) }),
  fc.constant<PrincipalPattern>({ AWS: ['*'] }),
  fc.constant<PrincipalPattern>({ Service: ['sns.amazonaws.com'] }),
);

const actionLists = fc.subarray(['*', 's3:*', 's3:Get*', 'S3:getobject', 'sqs:*', 's3:Put?bject'], { minLength: 1, maxLength: 2 });
const resourceLists = fc.subarray(
  [
    '*',
    'arn:aws:s3:::b/*',
    'arn:aws:s3:::b/x',
    'arn:aws:s3:::*/x',
    'arn:aws:s3:::b/${aws:username}',
    'arn:aws:sqs:*:*:*',
    'arn:aws:s3:::?/*',
  ],
  { minLength: 1, maxLength: 2 },
);
const conditionLists = fc.array(
  fc.record({
    operator: fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike'),
    quantifier: fc.constantFrom(undefined, 'ForAllValues' as const, 'ForAnyValue' as const),
    ifExists: fc.boolean(),
    key: fc.constantFrom('t:One', 't:many', 't:None'),
    values: fc.subarray(['red', 'blue', 'r*', 'green'], { minLength: 1, maxLength: 2 }),
  }),
  { maxLength: 2 },
);

const statements = (withPrincipal: boolean): fc.Arbitrary<Statement> =>
  fc
    .record({
      effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Allow', 'Allow', 'Allow', 'Deny') as fc.Arbitrary<'Allow' | 'Deny'>,
      actions: actionLists,
      notAction: fc.integer({ min: 0, max: 5 }),
      resources: resourceLists,
      notResource: fc.integer({ min: 0, max: 5 }),
      conditions: conditionLists,
      principals: patterns,
      notPrincipal: fc.integer({ min: 0, max: 7 }),
    })
    .map(({ effect, actions, notAction, resources, notResource, conditions, principals, notPrincipal }) => ({
      effect,
      conditions,
      ...(notAction === 0 ? { notActions: actions } : { actions }),
      ...(notResource === 0 ? { notResources: resources } : { resources }),
      ...(withPrincipal && (notPrincipal === 0 ? { notPrincipals: principals } : { principals })),
    }));

const policy = (withPrincipal: boolean): fc.Arbitrary<NamedPolicy> =>
  fc
    .array(statements(withPrincipal), { minLength: 1, maxLength: 3 })
    .map((list) => ({ name: 'p', document: { version: '2012-10-17', statements: list } satisfies PolicyDocument }));

const policyLists = fc.array(policy(false), { maxLength: 3 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const queries: fc.Arbitrary<DecisionQuery> = fc.record({
  principal: actors,
  policies: fc.record({
    identity: policyLists,
    boundary: maybe(policy(false)),
    session: maybe(policyLists),
    serviceControl: maybe(fc.array(policyLists, { maxLength: 2 })),
    tags: fc.constant({}),
  }),
  check: fc.record({
    action: fc.constantFrom('s3:GetObject', 's3:PutObject', 'sqs:SendMessage'),
    resource: fc.constantFrom('arn:aws:s3:::b/x', 'arn:aws:s3:::b/a', 'arn:aws:s3:::c/x', 'arn:aws:sqs:eu-west-1:111111111111:q', '*'),
    resourceAccount: fc.constantFrom(...accounts),
    resourcePolicy: maybe(policy(true)),
    resourcePolicyRequired: fc.boolean(),
    context: fc.record({ 't:one': fc.constantFrom(...colours), 't:many': fc.subarray(['red', 'blue', 'green']) }),
  }),
  account: fc.constant(accounts[0]),
  facts: fc.constant({ now: 0, region: 'eu-west-1' }),
});

/** The model: regular expressions, sets and plain words. */
const model = {
  glob(pattern: string, text: string): boolean {
    return new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^]*')
        .replaceAll('?', '[^]')}$`,
    ).test(text);
  },
  resource(pattern: string, resource: string, actor: Actor): boolean {
    if (pattern === '*') return true;
    const name = actor.type === 'User' ? actor.name : undefined;
    if (pattern.includes('${aws:username}') && name === undefined) return false;
    const wanted = pattern.replace('${aws:username}', name ?? '').split(':');
    const given = resource.split(':');
    return (
      given.length >= 6 &&
      wanted.slice(0, 5).every((field, i) => model.glob(field, given[i]!)) &&
      model.glob(wanted.slice(5).join(':'), given.slice(5).join(':'))
    );
  },
  condition(
    { operator, quantifier, ifExists, key, values }: Statement['conditions'][number],
    context: Readonly<Record<string, unknown>>,
  ): boolean {
    const given = context[key.toLowerCase()];
    const actual = (given === undefined ? [] : Array.isArray(given) ? given : [given]) as string[];
    const like = (text: string) => values.some((value) => (operator === 'StringLike' ? model.glob(value, text) : value === text));
    const holds = (text: string) => (operator === 'StringNotEquals' ? !like(text) : like(text));
    if (actual.length === 0)
      return ifExists || quantifier === 'ForAllValues' || (operator === 'StringNotEquals' && quantifier === undefined);
    if (quantifier === 'ForAllValues') return actual.every(holds);
    if (quantifier === 'ForAnyValue') return actual.some(holds);
    return operator === 'StringNotEquals' ? !actual.some(like) : actual.some(like);
  },
  applies(statement: Statement, { check, principal }: DecisionQuery): boolean {
    const action = (pattern: string) => model.glob(pattern.toLowerCase(), check.action.toLowerCase());
    const resource = (pattern: string) => model.resource(pattern, check.resource, principal);
    return (
      (statement.actions?.some(action) ?? !statement.notActions!.some(action)) &&
      (statement.resources?.some(resource) ?? !statement.notResources!.some(resource)) &&
      statement.conditions.every((condition) => model.condition(condition, check.context!))
    );
  },
  /** Every way in which a pattern names the caller. */
  ways(pattern: PrincipalPattern, actor: Actor): Set<string> {
    const ways = new Set<string>();
    if (pattern === '*' || pattern.AWS?.includes('*')) ways.add('everyone');
    if (pattern === '*') return ways;
    if (actor.type === 'Service' && pattern.Service?.includes(actor.name)) ways.add('everyone');
    if (actor.type === 'Service' || actor.type === 'Anonymous') return ways;
    if (pattern.AWS?.includes(actor.account) || pattern.AWS?.includes(`arn:aws:iam::${actor.account}:root`))
      ways.add(actor.type === 'Root' ? 'everyone' : 'account');
    if (actor.type === 'AssumedRole' && pattern.AWS?.includes(actor.roleArn)) ways.add('role');
    if (actor.type !== 'Root' && pattern.AWS?.includes(actor.arn)) ways.add('self');
    return ways;
  },
  names(statement: Statement, actor: Actor): Set<string> {
    if (statement.principals) return model.ways(statement.principals, actor);
    const ways = model.ways(statement.notPrincipals!, actor);
    const needed = actor.type === 'AssumedRole' ? ['account', 'role', 'self'] : actor.type === 'User' ? ['account', 'self'] : ['everyone'];
    return ways.has('everyone') || needed.every((way) => ways.has(way)) ? new Set() : new Set(['everyone']);
  },
  allowed(query: DecisionQuery): boolean {
    const { principal, policies, check } = query;
    const flat = (list: readonly NamedPolicy[]) =>
      list.flatMap((each) => each.document.statements).filter((statement) => model.applies(statement, query));
    const identity = flat(policies.identity);
    const boundary = policies.boundary && flat([policies.boundary]);
    const session = policies.session && flat(policies.session);
    const control = (policies.serviceControl ?? []).map(flat);
    const resource = flat(check.resourcePolicy ? [check.resourcePolicy] : []).filter(
      (statement) => model.names(statement, principal).size > 0,
    );
    const says = (list: readonly Statement[] | undefined, effect: string) =>
      list?.some((statement) => statement.effect === effect) ?? false;
    if ([identity, boundary, session, resource, ...control].some((list) => says(list, 'Deny'))) return false;
    if (!control.every((list) => says(list, 'Allow'))) return false;
    const ways = new Set(resource.flatMap((statement) => [...model.names(statement, principal)]));
    const limits = (!boundary || says(boundary, 'Allow')) && (!session || says(session, 'Allow'));
    const own = limits && (principal.type === 'Root' || says(identity, 'Allow'));
    if (principal.type === 'Anonymous' || principal.type === 'Service') return ways.size > 0 || (own && !check.resourcePolicyRequired);
    if (principal.account !== check.resourceAccount) return own && ways.size > 0;
    if (ways.has('self') || ((ways.has('role') || ways.has('everyone')) && limits)) return true;
    return own && (!check.resourcePolicyRequired || ways.size > 0);
  },
};

test('the engine decides as the model does, and explains what it decided', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  const seen = { allowed: 0, denied: 0 };
  fc.assert(
    fc.property(queries, (query) => {
      const decision = evaluate(query);
      assert.equal(decision.allowed, model.allowed(query));
      seen[decision.allowed ? 'allowed' : 'denied']++;
      const explained = explain(query);
      assert.deepEqual(explained.decision, decision);
      if (decision.effect === 'explicitDeny') {
        const all = explained.layers.flatMap(({ policies }) => policies.flatMap(({ statements: list }) => list));
        assert.ok(all.some((statement) => statement.matched && statement.effect === 'Deny'));
      }
    }),
    { seed, numRuns: 5000 },
  );
  assert.ok(seen.allowed > 200 && seen.denied > 200, `both outcomes are common: ${JSON.stringify(seen)}`);
});

test('adding what is suggested lets the call through', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  fc.assert(
    fc.property(queries, (query) => {
      const { decision, suggestions } = explain(query);
      if (decision.allowed || decision.effect === 'explicitDeny') assert.deepEqual(suggestions, []);
      else assert.ok(suggestions.length > 0);
    }),
    { seed, numRuns: 2000 },
  );
});
