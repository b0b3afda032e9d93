/** What Glacier accepts as the policy of a vault. */

import { parsePolicy } from '../../../framework/policy/parse.ts';
import { invalidParameter, missingParameter } from '../errors.ts';
import { policyBytesMax } from '../limits.ts';
import type { VaultName } from '../tables.ts';
import { vaultArn } from '../vaults/vault.ts';

/** The text of a policy that fits the vault. Throws MissingParameterValueException, InvalidParameterValueException. */
export function checkedPolicy(name: VaultName, text: string | undefined): string {
  if (text === undefined) throw missingParameter('Required parameter missing: Policy');
  if (Buffer.byteLength(text) > policyBytesMax) throw invalidParameter('Policy exceeds the maximum allowed document size.');
  for (const statement of parsePolicy(text, 'resource', { code: 'InvalidParameterValueException' }).statements) {
    const actions = statement.actions ?? statement.notActions ?? [];
    if (actions.some((action) => action !== '*' && !action.toLowerCase().startsWith('glacier:')))
      throw invalidParameter('Policy has invalid action');
    const resources = statement.resources ?? statement.notResources ?? [];
    if (!resources.every((resource) => resource === vaultArn(name) || /[*?$]/.test(resource)))
      throw invalidParameter('Policy has invalid resource');
  }
  return text;
}
