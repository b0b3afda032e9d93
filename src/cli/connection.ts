/** What an AWS tool must be told to reach a cloud, as variables and for each shell. */

import type { AccessKey } from './root-key.ts';

export type Connection = { endpoint: string; region: string; key: AccessKey | undefined; authorityFile: string | undefined };

export type Shell = 'sh' | 'fish' | 'powershell';

/** The variables that the AWS CLI and every SDK read. */
export function connectionVariables({ endpoint, region, key, authorityFile }: Connection): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    ...(key && { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey }),
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    ...(authorityFile && { AWS_CA_BUNDLE: authorityFile, NODE_EXTRA_CA_CERTS: authorityFile }),
  };
}

/** One assignment in the words of a shell, its value quoted. */
export function assignment(shell: Shell, name: string, value: string): string {
  if (shell === 'fish') return `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`;
  if (shell === 'powershell') return `$env:${name} = '${value.replaceAll("'", "''")}'`;
  return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
}

export function shellFrom(path: string | undefined): Shell {
  const name = path?.split('/').at(-1) ?? '';
  if (name === 'fish') return 'fish';
  return name === 'pwsh' || name === 'powershell' ? 'powershell' : 'sh';
}
