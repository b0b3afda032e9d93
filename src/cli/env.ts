/** `haneul env` */

import { writeProfile } from './aws-profile.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { assignment, connectionVariables, shellFrom, type Connection, type Shell } from './connection.ts';
import type { Environment } from './environment.ts';
import { readRootKey, testKey } from './root-key.ts';
import { dataDirectoryOf, findRunningCloud } from './running-cloud.ts';

const defaultEndpoint = 'http://127.0.0.1:4566';
const shells = ['sh', 'fish', 'powershell'] as const;

export const env = defineCommand({
  name: 'env',
  summary: 'print what connects AWS tools to a cloud, or write an AWS profile',
  options: {
    data: dataOption,
    shell: { type: 'string', value: 'SHELL', help: 'sh, fish or powershell (default: yours)' },
    profile: { type: 'string', value: 'NAME', help: 'write the connection into ~/.aws as this profile instead' },
  },
  details: [
    'Examples:',
    '  eval "$(haneul env)"',
    '  haneul env --shell fish | source',
    '  haneul env --profile haneul && aws --profile haneul s3 ls',
  ].join('\n'),
  async run({ values, environment, terminal }) {
    const dataDirectory = dataDirectoryOf(values, environment);
    const shell = shellOf(values.shell, environment);
    const { connection, running } = await connect(dataDirectory, environment);
    if (!running) terminal.note(`haneul: no cloud is running on ${dataDirectory}; this is for one at the default port`);
    if (!connection.key)
      terminal.note(
        `haneul: ${dataDirectory}/root-key.json is not there; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of yours`,
      );
    if (values.profile !== undefined) {
      if (!connection.key) throw new CommandError('a profile needs a key; `haneul up --no-test-key --new-root-key` mints one');
      await writeProfile(values.profile, connection, environment);
      if (values.json)
        terminal.json({ profile: values.profile, configFile: environment.awsConfigFile, credentialsFile: environment.awsCredentialsFile });
      else terminal.line(`Wrote the profile: aws --profile ${values.profile} s3 ls`);
      return exitCodes.ok;
    }
    const variables = connectionVariables(connection);
    if (values.json) terminal.json(variables);
    else {
      for (const [name, value] of Object.entries(variables)) terminal.line(assignment(shell, name, value));
      // Last, so that nothing is lost where a shell is handed all lines as one.
      terminal.line(`# AWS CLIs older than 1.29 and 2.13 do not know AWS_ENDPOINT_URL: give them --endpoint-url ${connection.endpoint}`);
    }
    return exitCodes.ok;
  },
});

function shellOf(given: string | undefined, environment: Environment): Shell {
  if (given === undefined) return shellFrom(environment.shell);
  const known = shells.find((shell) => shell === given);
  if (!known) throw new CommandError(`--shell takes sh, fish or powershell, not '${given}'`, exitCodes.wrongUsage);
  return known;
}

async function connect(dataDirectory: string, environment: Environment): Promise<{ connection: Connection; running: boolean }> {
  const cloud = await findRunningCloud(dataDirectory);
  const rootKey = await readRootKey(dataDirectory);
  const takesTestKey = cloud ? cloud.run.testKey : rootKey === undefined;
  const connection = {
    endpoint: cloud?.endpoint ?? defaultEndpoint,
    region: environment.region,
    key: takesTestKey ? testKey : rootKey,
    authorityFile: cloud?.run.authorityFile,
  };
  return { connection, running: cloud !== undefined };
}
