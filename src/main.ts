/** The program: flags and environment become a command. The only file that reads the environment. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from './cli/environment.ts';
import { takeOwnModulesAsNamed } from './cli/own-modules.ts';
import { runCommandLine } from './cli/run.ts';
import { openTerminal } from './cli/terminal.ts';

function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const home = dirname(import.meta.dirname);
  const userHome = variables['HOME'] || homedir();
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return {
    home,
    version,
    command: variables['HANEUL_COMMAND'] || 'haneul',
    userHome,
    workingDirectory: process.cwd(),
    dataDirectory: resolve(variables['HANEUL_DATA'] || join(userHome, '.haneul')),
    searchPath: variables['PATH'] ?? '',
    shell: variables['SHELL'],
    region: variables['AWS_REGION'] || variables['AWS_DEFAULT_REGION'] || 'us-east-1',
    peers: (variables['HANEUL_PEERS'] ?? '').split(/[\s,]+/).filter((peer) => peer !== ''),
    awsConfigFile: variables['AWS_CONFIG_FILE'] || join(userHome, '.aws', 'config'),
    awsCredentialsFile: variables['AWS_SHARED_CREDENTIALS_FILE'] || join(userHome, '.aws', 'credentials'),
    awsKey: keyIn(variables),
    awsProfile: variables['AWS_PROFILE'] || undefined,
    variables,
  };
}

function keyIn(variables: NodeJS.ProcessEnv): Environment['awsKey'] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = variables;
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } : undefined;
}

takeOwnModulesAsNamed(new URL('.', import.meta.url).href);
const terminal = openTerminal(!process.env['NO_COLOR']);
process.exitCode = await runCommandLine(process.argv.slice(2), readEnvironment(process.env), terminal);
