/** SendSSHPublicKey: a key that opens an instance for a minute. https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html */

import { AwsError } from '../../framework/aws-error.ts';
import type { Authorizer } from '../../framework/authorization.ts';
import { arn } from '../../framework/arn.ts';
import { rootUser } from '../../framework/principal.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { instanceNotFound, instanceStateInvalid, invalidArguments, userNotFound } from './errors.ts';
import type { Input, Operation } from './sdk.ts';

const keyCharacters = { min: 80, max: 4096 } as const;
const noSuchUser = 3;

/**
 * Runs inside the instance, with the user and the key as its arguments. A link where the list of keys should be is not followed: its
 * owner may have laid it. At the next boot the list is written anew.
 */
const admit = `
home=$(awk -F: -v user="$1" '$1 == user { print $6 }' /etc/passwd)
[ -n "$home" ] && [ -d "$home" ] || exit ${noSuchUser}
list=$home/.ssh/authorized_keys
[ -L "$home/.ssh" ] || [ -L "$list" ] && exit ${noSuchUser}
[ -d "$home/.ssh" ] || { mkdir -m 700 "$home/.ssh" && chown "$1" "$home/.ssh"; }
printf '%s\\n' "$2" >> "$list" && chmod 600 "$list" && chown "$1" "$list"
(
  sleep 60
  grep -vxF -e "$2" "$list" > "$list.new"
  cat "$list.new" > "$list"
  rm -f "$list.new"
) < /dev/null > /dev/null 2>&1 &
`;

export const SendSSHPublicKey: Operation<'SendSSHPublicKey'> = async (request, input) => {
  const key = checkedKey(input.SSHPublicKey);
  if (!/^[A-Za-z_][A-Za-z0-9@._-]{0,30}[A-Za-z0-9$_-]?$/.test(input.InstanceOSUser)) throw invalidArguments('The OS user is not valid.');
  const instance = await requireRunning(request, input);
  const { code } = await request.host.machines.execute(instance, ['/bin/sh', '-c', admit, 'sh', input.InstanceOSUser, key]);
  if (code === noSuchUser) throw userNotFound(input.InstanceOSUser);
  if (code !== 0) throw new AwsError('ServiceException', 'The key could not be put into the instance.', { status: 500 });
  return { RequestId: request.requestId, Success: true };
};

/** One line of OpenSSH's form, without options before it, which sshd would obey. */
function checkedKey(text: string): string {
  const key = text.trim();
  if (key.length < keyCharacters.min || key.length > keyCharacters.max) throw invalidArguments('The SSH public key is not valid.');
  if (!/^(ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( [^\p{Cc}]*)?$/u.test(key))
    throw invalidArguments('The SSH public key is not valid.');
  return key;
}

async function requireRunning(
  request: ServiceRequest,
  { InstanceId: id, AvailabilityZone: zone }: Input<'SendSSHPublicKey'>,
): Promise<string> {
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw invalidArguments('The instance id is not valid.');
  const { account, region } = request;
  try {
    const aws = request.awsAs(rootUser(account), { account, region, quiet: true });
    const { Reservations: found } = await aws.ec2('DescribeInstances', { InstanceIds: [id] });
    const instance = found?.[0]?.Instances?.[0];
    if (zone !== undefined && instance?.Placement?.AvailabilityZone !== zone) throw instanceNotFound();
    if (instance?.State?.Name !== 'running') throw instanceStateInvalid();
    return id;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidInstanceID.NotFound') throw instanceNotFound();
    throw error;
  }
}

export const onInstance: Authorizer<Input<'SendSSHPublicKey'>> = ({ account, region }, input) => [
  {
    action: 'ec2-instance-connect:SendSSHPublicKey',
    resource: arn('ec2', region, account, `instance/${input.InstanceId}`),
    context: { 'ec2:osuser': input.InstanceOSUser },
  },
];
