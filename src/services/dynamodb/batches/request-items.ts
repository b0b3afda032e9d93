/** The tables that a batch names. */

import { addFault, type Faults } from '../constraints.ts';

const nameForm = /^(?:[a-zA-Z0-9_.-]{3,255}|arn:.{1,1020})$/;

/** A map from table names to what is to be done there. */
export function checkTableKeys(faults: Faults, requestItems: Record<string, unknown>): void {
  const names = Object.keys(requestItems);
  if (names.length < 1) addFault(faults, 'requestItems', requestItems, 'Member must have length greater than or equal to 1');
  if (names.some((name) => !nameForm.test(name)))
    addFault(
      faults,
      'requestItems',
      requestItems,
      'Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]',
    );
}
