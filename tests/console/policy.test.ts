/** Policies as cards: there and back, what cards cannot hold, what is wrong. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardsOf, emptyCard, faultsOf, textOfCards } from '../../console/src/resource/policy.ts';

const policy = {
  Version: '2012-10-17',
  Id: 'mine',
  Statement: [
    { Sid: 'Read', Effect: 'Allow', Action: ['s3:GetObject', 's3:List*'], Resource: 'arn:aws:s3:::my-bucket/*' },
    {
      Effect: 'Deny',
      NotAction: 'iam:*',
      NotResource: ['arn:aws:sqs:us-east-1:000000000000:q', '*'],
      Condition: {
        StringEquals: { 'aws:username': ['ana', 'bo'], 'aws:PrincipalTag/team': 'blue' },
        Bool: { 'aws:SecureTransport': 'false' },
      },
    },
  ],
};

test('a policy goes into cards and out again as it was', () => {
  assert.deepEqual(JSON.parse(textOfCards(cardsOf(JSON.stringify(policy))!)), policy);
  const [, second] = cardsOf(JSON.stringify(policy))!.cards;
  assert.deepEqual([second!.exceptActions, second!.exceptResources, second!.conditions.length], [true, true, 3]);
  assert.deepEqual(faultsOf(cardsOf(JSON.stringify(policy))!), []);
});

test('what cards cannot show whole is left to JSON', () => {
  const [statement] = policy.Statement;
  for (const other of [
    '{',
    '[]',
    '"text"',
    JSON.stringify({ ...policy, Extra: 1 }),
    JSON.stringify({ Statement: [{ ...statement, Principal: '*' }] }),
    JSON.stringify({ Statement: [{ ...statement, NotAction: 's3:*' }] }),
    JSON.stringify({ Statement: [{ ...statement, Effect: 'Perhaps' }] }),
    JSON.stringify({ Statement: [{ ...statement, Action: [7] }] }),
    JSON.stringify({ Statement: [{ ...statement, Condition: { StringEquals: 'x' } }] }),
  ])
    assert.equal(cardsOf(other), undefined, other);
  assert.equal(cardsOf(JSON.stringify({ Statement: statement }))!.cards.length, 1, 'a single statement needs no list');
});

test('what IAM would refuse is found, each in its statement', () => {
  const faults = (cards: object[], version = '2012-10-17') =>
    faultsOf({ version, id: undefined, cards: cards.map((card) => ({ ...emptyCard, actions: ['s3:*'], resources: ['*'], ...card })) });
  assert.deepEqual(faults([]), [{ at: 0, fault: 'noStatement' }]);
  assert.deepEqual(faults([{}], '2020-01-01'), [{ at: 0, fault: 'version' }]);
  assert.deepEqual(faults([{ sid: 'A' }, { sid: 'A', actions: [] }]), [
    { at: 2, fault: 'sidTwice' },
    { at: 2, fault: 'action' },
  ]);
  assert.deepEqual(faults([{ sid: 'not so' }, { actions: ['GetObject'] }, { resources: ['my-bucket'] }, { resources: [] }]), [
    { at: 1, fault: 'sid' },
    { at: 2, fault: 'actionForm' },
    { at: 3, fault: 'resourceForm' },
    { at: 4, fault: 'resource' },
  ]);
  assert.deepEqual(faults([{ conditions: [{ operator: 'Bool', key: '', values: ['true'] }] }]), [{ at: 1, fault: 'condition' }]);
});
