/** What main has read from the environment, handed to commands as plain data. */

export type Environment = {
  /** Haneul's own folder: package.json, scripts, models. */
  readonly home: string;
  readonly version: string;
  /** How the user calls the command: `./haneul`. */
  readonly command: string;
  readonly userHome: string;
  readonly workingDirectory: string;
  /** Where a cloud lives unless --data says otherwise. */
  readonly dataDirectory: string;
  readonly searchPath: string;
  /** The user's shell, for example `/bin/zsh`. */
  readonly shell: string | undefined;
  readonly region: string;
  /** HANEUL_PEERS, as `--peer` takes them: other users of the machine cannot read it, as they can the command line. */
  readonly peers: readonly string[];
  readonly awsConfigFile: string;
  readonly awsCredentialsFile: string;
  /** The key of AWS_ACCESS_KEY_ID, and the profile of AWS_PROFILE: who this is at other clouds. */
  readonly awsKey: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  readonly awsProfile: string | undefined;
  /** Everything, to be passed on to programs that we start. */
  readonly variables: Readonly<Record<string, string | undefined>>;
};
