/** An action as Terraform declares what it makes. */

import type { TerraformBlock, TerraformValue } from './action.ts';

export function terraformOf(blocks: readonly TerraformBlock[]): string {
  return blocks.map(blockOf).join('\n\n');
}

function blockOf({ type, name, body }: TerraformBlock): string {
  return `resource "${type}" "${labelOf(name)}" {\n${membersOf(body, '  ')}\n}`;
}

/** What Terraform takes for a name. */
export function labelOf(name: string): string {
  const label = name.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  return label === '' ? 'this' : label;
}

function membersOf(body: Readonly<Record<string, TerraformValue>>, indent: string): string {
  const members = Object.entries(body).filter(([, value]) => value !== undefined);
  const plain = members.filter(([, value]) => !isBlocks(value));
  const width = Math.max(0, ...plain.map(([name]) => name.length));
  return [
    ...plain.map(([name, value]) => `${indent}${name.padEnd(width)} = ${valueOf(value, indent)}`),
    ...members
      .filter(([, value]) => isBlocks(value))
      .flatMap(([name, value]) =>
        (value as readonly Record<string, TerraformValue>[]).map(
          (one) => `\n${indent}${name} {\n${membersOf(one, `${indent}  `)}\n${indent}}`,
        ),
      ),
  ].join('\n');
}

/** A list of objects is a repeated block. */
function isBlocks(value: TerraformValue): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one: TerraformValue) => typeof one === 'object' && !('raw' in one));
}

function valueOf(value: TerraformValue, indent: string): string {
  if (typeof value === 'string') return literal(JSON.stringify(value));
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((one: TerraformValue) => valueOf(one, indent)).join(', ')}]`;
  if ('raw' in value) return value.raw as string;
  if ('json' in value) return `jsonencode(${literal(JSON.stringify(value.json, null, 2)).replaceAll('\n', `\n${indent}`)})`;
  return `{\n${membersOf(value as Record<string, TerraformValue>, `${indent}  `)}\n${indent}}`;
}

/** Policy variables such as `${aws:username}` are AWS's, not Terraform's. */
function literal(text: string): string {
  return text.replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}
