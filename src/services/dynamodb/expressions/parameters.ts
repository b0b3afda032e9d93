/** Which parameters of a request go together: expressions and their legacy forerunners do not. */

import { validationException } from '../values/errors.ts';

/**
 * To be called before anything else of a request is checked; both lists in the order in which AWS names the parameters, for Query
 * `['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression']` and
 * `['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions']`. Throws a ValidationException.
 */
export function checkParameters(input: object, expressions: readonly string[], legacy: readonly string[]): void {
  const given = (name: string): boolean => (input as Record<string, unknown>)[name] != null;
  const used = expressions.filter(given);
  if (used.length > 0) {
    // KeyConditions may still stand beside a filter or projection expression.
    const allowed = given('KeyConditionExpression') ? undefined : 'KeyConditions';
    const mixed = legacy.filter((name) => name !== allowed && given(name));
    if (mixed.length > 0) {
      throw validationException(
        'Can not use both expression and non-expression parameters in the same request: ' +
          `Non-expression parameters: {${mixed.join(', ')}} Expression parameters: {${used.join(', ')}}`,
      );
    }
  }
  if (given('ExpressionAttributeNames') && used.length === 0) {
    throw validationException('ExpressionAttributeNames can only be specified when using expressions');
  }
  const withValues = expressions.filter((name) => name !== 'ProjectionExpression');
  if (withValues.length === 0 || !given('ExpressionAttributeValues') || withValues.some(given)) return;
  const verb = withValues.length > 1 ? 'are' : 'is';
  throw validationException(
    `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(' and ')} ${verb} null`,
  );
}
