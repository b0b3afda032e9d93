/**
 * User data that is no plain script, as a script that the first process of our images runs once, inside: words of the customer stand in it
 * as quoted texts or in base64, never as something that this machine would run.
 */

import { readCloudConfig, type CloudConfig, type Command, type User, type WrittenFile } from './cloud-config.ts';
import { partsOf, type Part } from './multipart.ts';

/** Undefined where the user data is a script, or empty: that is run as it is. */
export function firstBootScript(data: Buffer): string | undefined {
  let parts: Part[];
  try {
    parts = partsOf(data);
  } catch (error) {
    return `${prelude}${say(`user data cannot be unpacked: ${(error as Error).message}`)}`;
  }
  if (data.length === 0 || (parts.length === 1 && parts[0]!.type === 'script' && parts[0]!.name === 'user-data')) return undefined;
  const configs = parts.filter(({ type }) => type === 'cloud-config').map(({ content }) => readCloudConfig(content.toString('utf8')));
  const others = parts.filter(({ type, content }) => type === 'other' && content.length > 0);
  const scripts = parts.filter(({ type }) => type === 'script');
  return [
    prelude,
    ...others.map(() => say('a part of the user data that is neither a script nor a cloud-config is left alone')),
    ...configs.flatMap((config) => settled(config)),
    ...configs.flatMap(({ runCommands }) => runCommands.map(run)),
    ...scripts.map(({ content }, at) => `run_script part-${String(at + 1).padStart(3, '0')} <<'END'\n${base64(content)}END\n`),
  ].join('');
}

function settled({ left, bootCommands, hostname, files, keys, users }: CloudConfig): string[] {
  return [
    ...left.map((words) => say(`cloud-config: ${words}`)),
    ...bootCommands.map(run),
    ...(hostname === undefined ? [] : [`name_host_again ${quoted(hostname)}\n`]),
    ...users.map(madeUser),
    ...(keys.length > 0 ? [`add_keys ec2-user <<'END'\n${base64(Buffer.from(keyLines(keys)))}END\n`] : []),
    ...files.map(written),
  ];
}

const say = (words: string): string => `echo ${quoted(`haneul: ${words}`)}\n`;

/** One word of a shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{1,76}/g, '$&\n');

const keyLines = (keys: readonly string[]): string => keys.map((key) => `${key.replaceAll(/[\r\n]+/g, ' ').trim()}\n`).join('');

/** A text is a line of a shell of its own, so that what ends it ends no other; a list is a program with its arguments. */
const run = (command: Command): string =>
  typeof command === 'string' ? `(sh -c ${quoted(command)})\n` : command.length === 0 ? '' : `(exec ${command.map(quoted).join(' ')})\n`;

function madeUser({ name, comment, home, shell, groups, sudo, keys }: User): string {
  return [
    `make_user ${[name, comment, home ?? `/home/${name}`, shell ?? ''].map(quoted).join(' ')}\n`,
    ...groups.map((group) => `join_group ${quoted(name)} ${quoted(group)}\n`),
    ...sudo.map((line) => `allow_sudo ${quoted(`${name} ${line}`)}\n`),
    ...(keys.length > 0 ? [`add_keys ${quoted(name)} <<'END'\n${base64(Buffer.from(keyLines(keys)))}END\n`] : []),
  ].join('');
}

const written = ({ path, content, zipped, mode, owner, append }: WrittenFile): string =>
  `write_file ${[path, mode, owner, append ? 'append' : 'replace', zipped ? 'zipped' : 'plain'].map(quoted).join(' ')} <<'END'\n${base64(content)}END\n`;

/** What the lines above call. It runs by the image's own busybox, whatever else is there. */
const prelude = String.raw`#!/var/lib/haneul/busybox sh
bb=/var/lib/haneul/busybox
cd /
name_host_again() {
	$bb hostname "\${1%%.*}" 2>/dev/null
	echo "\${1%%.*}" >/etc/hostname
	echo "127.0.1.1 $1 \${1%%.*}" >>/etc/hosts
}
make_user() {
	$bb grep -q "^$1:" /etc/passwd && return
	shell=$4
	[ -n "$shell" ] || shell=/bin/sh
	id=1001
	while $bb cut -d: -f3 /etc/passwd /etc/group | $bb grep -qx $id; do id=$((id + 1)); done
	$bb grep -q "^$1:" /etc/group || echo "$1:x:$id:" >>/etc/group
	group=$($bb grep "^$1:" /etc/group | $bb cut -d: -f3)
	echo "$1:x:$id:$group:$2:$3:$shell" >>/etc/passwd
	echo "$1:*:19000:0:99999:7:::" >>/etc/shadow
	$bb mkdir -p -m 700 "$3"
	$bb chown "$id:$group" "$3"
}
join_group() {
	$bb grep -q "^$2:" /etc/group || {
		id=1001
		while $bb cut -d: -f3 /etc/passwd /etc/group | $bb grep -qx $id; do id=$((id + 1)); done
		echo "$2:x:$id:" >>/etc/group
	}
	$bb sed -i "/^$2:/{/[:,]$1\(,\|\$\)/!{s/:\$/:$1/;t;s/\$/,$1/}}" /etc/group
}
allow_sudo() {
	[ -d /etc/sudoers.d ] || return
	echo "$1" >>/etc/sudoers.d/90-cloud-init-users
	$bb chmod 440 /etc/sudoers.d/90-cloud-init-users
}
add_keys() {
	IFS=: read -r _ _ user_id group_id _ home _ <<-USER
		$($bb grep "^$1:" /etc/passwd)
	USER
	[ -n "$home" ] || return
	$bb mkdir -p -m 700 "$home/.ssh"
	$bb base64 -d >>"$home/.ssh/authorized_keys"
	$bb chmod 600 "$home/.ssh/authorized_keys"
	$bb chown "$user_id:$group_id" "$home/.ssh" "$home/.ssh/authorized_keys"
}
write_file() {
	$bb mkdir -p "\${1%/*}/"
	[ "$4" = append ] || $bb rm -f "$1"
	if [ "$5" = zipped ]; then $bb base64 -d | $bb gunzip -c; else $bb base64 -d; fi >>"$1"
	$bb chmod "$2" "$1"
	$bb chown "$3" "$1"
}
run_script() {
	$bb mkdir -p -m 700 /var/lib/cloud/scripts
	$bb base64 -d >"/var/lib/cloud/scripts/$1"
	$bb chmod 700 "/var/lib/cloud/scripts/$1"
	("/var/lib/cloud/scripts/$1")
}
`.replaceAll('\\${', '${');
