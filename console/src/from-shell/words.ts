/** Names as the command line, the SDK and Terraform write them. */

/** `QueueName` → `queue-name`, `SSEAlgorithm` → `sse-algorithm`, as the AWS CLI turns members into options. */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

export function snake(name: string): string {
  return kebab(name).replaceAll('-', '_');
}

/** For a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
