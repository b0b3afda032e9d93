#!/var/lib/haneul/busybox sh
# The first process of a built-in image: lets its owner in by ssh, runs the user data once, and shuts down when asked.
#
# What a login needs comes first and starts as few programs as it can: a kernel without hardware of its own takes 20 to 100 ms for each.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
busybox=/var/lib/haneul/busybox
bb=$busybox
cloud=/var/lib/cloud
carriage_return=$'\r'
own_authority=/usr/local/share/ca-certificates/haneul.crt
authorities=/etc/ssl/certs/ca-certificates.crt
trusting="AWS_CA_BUNDLE=$authorities NODE_EXTRA_CA_CERTS=$own_authority"

# Where busybox's shell runs its own programs itself, most of them need not be started. It finds them by /proc/self/exe.
prefer_own_programs() { PATH='' uname >/dev/null 2>&1 && bb=''; }

answer=/run/haneul-answer

# METHOD PATH HEADER: becomes a program that asks the metadata service and prints its answer, head and body. $limit may run it.
request() {
	exec $limit $bb nc -w 5 169.254.169.254 80 2>/dev/null <<END
$1 /latest/$2 HTTP/1.0$carriage_return
Host: 169.254.169.254$carriage_return
$3$carriage_return
$carriage_return
END
}

# Of an answer on the standard input the head, and failure unless the status is 200; it is 2 where the instance may not ask.
read_head() {
	IFS= read -r status || return 1
	case $status in *' 200 '*) ;; *' 403 '*) return 2 ;; *) return 1 ;; esac
	while IFS= read -r line && [ "$line" != "$carriage_return" ]; do :; done
}

# METHOD PATH HEADER: the answer's body, or failure like that of its head.
imds() {
	limit="$bb timeout 5"
	request "$@" | { read_head && $bb cat; }
}

# A file that nobody else may read.
empty() {
	umask 077
	: >"$1"
	umask 022
}

# However silent the other side stays, it ends. The host is let in meanwhile.
await_answer() {
	waited=0
	while kill -0 $asking 2>/dev/null; do
		[ $waited -lt 100 ] || kill -KILL $asking
		[ $waited != 10 ] || settle_machine
		$bb usleep 50000
		waited=$((waited + 1))
	done
}

others_run() { kill -0 -1 2>/dev/null; }
before_power_goes() { :; }

shut_down() {
	trap '' INT TERM USR1 USR2
	# /proc, where its shell finds its programs, is unmounted too.
	bb=$busybox
	echo "haneul: going down ($1)"
	kill -TERM -1 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		others_run || break
		$bb sleep 0.1
	done
	kill -KILL -1 2>/dev/null
	$bb sync
	before_power_goes
	$bb "$1" -f
}

# Signals as busybox's own poweroff, halt and reboot send them.
trap 'shut_down poweroff' USR1 USR2
trap 'shut_down reboot' TERM

# What the instance is, all in one answer, which comes while other things are done.
ask_facts() {
	empty $answer
	limit=''
	request PUT haneul/boot 'X-aws-ec2-metadata-token-ttl-seconds: 21600' >$answer &
	asking=$!
}

read_facts() {
	await_answer
	told=''
	{
		read_head || return
		while IFS=' ' read -r word rest; do
			told=yes
			case $word in
			token) token="X-aws-ec2-metadata-token: $rest" ;;
			instance-id) instance=$rest ;;
			local-hostname) name=$rest ;;
			public-key) keys="$keys$rest
" ;;
			authority) authority="$authority$rest
" ;;
			esac
		done
	} <$answer
	empty $answer
	[ "$told" ]
}

learn_facts() {
	for _ in 1 2 3 4 5 6 7 8 9; do
		read_facts && return
		[ $? = 2 ] && return 2
		settle_machine
		$bb sleep 0.2
		ask_facts
	done
	read_facts
}

# A host that starts much at once may take its time, and an instance that asked no more would let nobody in for as long as it runs.
learn_facts_late() {
	trap - TERM USR1 USR2
	# Others ask meanwhile.
	answer=$answer.late
	tries=0
	while [ $tries -lt 600 ]; do
		$bb sleep 1
		ask_facts
		if read_facts; then
			name_host
			let_in
			trust_cloud
			run_user_data
			return
		fi
		tries=$((tries + 1))
	done
}

name_host() {
	[ -n "$name" ] || return
	host=${name%%.*}
	named=''
	# A name that its owner has given it since stays.
	if [ -z "$is_new" ] && [ -s /etc/hostname ]; then read -r host </etc/hostname && named=yes; fi
	read -r present </proc/sys/kernel/hostname
	[ "$present" = "$host" ] || $bb hostname "$host" 2>/dev/null
	[ -z "$named" ] || return
	echo "$host" >/etc/hostname
	printf '127.0.0.1 localhost\n127.0.1.1 %s %s\n' "$name" "$host" >/etc/hosts
}

let_in() {
	homes=''
	while IFS=: read -r user _ id _ _ home _; do
		case $user in root | ec2-user) homes="$homes $id:$home/.ssh" ;; esac
	done </etc/passwd
	lacking=''
	for place in $homes; do [ -d "${place#*:}" ] || lacking="$lacking ${place#*:}"; done
	[ -z "$lacking" ] || $bb mkdir -p -m 700 $lacking
	for place in $homes; do
		id=${place%%:*} place=${place#*:}
		# Keys that were added since stay, and those that were taken away do not come back.
		[ "$is_new" ] || [ ! -s "$place/authorized_keys" ] || continue
		[ ! -e "$place/authorized_keys" ] || $bb chmod 600 "$place/authorized_keys"
		umask 077
		printf '%s' "$keys" >"$place/authorized_keys"
		umask 022
		[ "$id" = 0 ] || $bb chown "$id:$id" "$place" "$place/authorized_keys"
	done
}

# Services in here show certificates of the cloud's own authority: systems, the AWS CLI and SDKs are told to trust it.
trust_cloud() {
	[ -n "$authority" ] || return
	before_last=${authority%
-*}
	last=${before_last##*
}
	{ [ -s "$authorities" ] && $bb grep -qsF -- "$last" "$authorities"; } || printf '%s' "$authority" >>"$authorities"
	printf '%s' "$authority" >"$own_authority"
	if [ -x /usr/bin/openssl ] && hash=$(openssl x509 -noout -hash -in "$own_authority"); then
		$bb ln -sf "$own_authority" "${authorities%/*}/$hash.0"
	fi
	present=''
	[ ! -s /etc/environment ] || present=$($bb cat /etc/environment)
	for setting in $trusting; do
		export "${setting?}"
		case "
$present" in *"
${setting%%=*}="*) ;; *) echo "$setting" >>/etc/environment ;; esac
	done
	if [ -d /etc/profile.d ]; then
		for setting in $trusting; do echo "export $setting"; done >/etc/profile.d/haneul-authority.sh
	fi
}

# What /etc/fstab wants, without what a container or a kernel of its own has anyway. Volumes come some moments after the first process.
mount_table() {
	[ -f /etc/fstab ] || return
	while read -r what where type options _; do
		case $what in '' | '#'*) continue ;; esac
		case $where in / | none | swap | /proc* | /sys* | /dev*) continue ;; esac
		case ,$options, in
		*,noauto,*) ;;
		*,nofail,*) mount_entry "$where" & ;;
		*) mount_entry "$where" ;;
		esac
	done </etc/fstab
}

mount_entry() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		said=$(mount "$1" 2>&1) && return
		$bb sleep 0.5
	done
	echo "haneul: $1 of /etc/fstab is not mounted: $said"
}

# At once, so that what user data says meanwhile is before or after it.
show_host_key() {
	read -r present </proc/sys/kernel/hostname
	printf '%s\n' '-----BEGIN SSH HOST KEY FINGERPRINTS-----' "256 $1 root@$present (ED25519)" '-----END SSH HOST KEY FINGERPRINTS-----' \
		'-----BEGIN SSH HOST KEY KEYS-----' "$2" '-----END SSH HOST KEY KEYS-----'
}

sshd_key=/etc/ssh/ssh_host_ed25519_key

# Of a system without an SSH server Haneul's own, with its own libraries where they have been brought; then it is in memory once for all
# containers.
brought=/var/lib/haneul/ssh/lib
loader=''
for file in $brought/ld-*; do [ ! -x "$file" ] || loader=$file; done

run_dropbear() { ${loader:+$loader --library-path $brought $brought/}dropbear "$@"; }
make_dropbear_key() { ${loader:+$loader --library-path $brought $brought/}dropbearkey "$@" -f /etc/dropbear/ed25519; }

# Of an old machine's root volume a new machine gets new keys.
forget_old_host_keys() {
	told_key=''
	for key in /etc/ssh/ssh_host_*_key* /etc/dropbear/ed25519; do
		[ ! -e "$key" ] || $bb rm -f "$key"
	done
}

make_host_key() {
	if [ -x /usr/sbin/sshd ]; then
		[ -f $sshd_key ] || ssh-keygen -q -t ed25519 -N '' -f $sshd_key
	else
		[ -f /etc/dropbear/ed25519 ] || told_key=$(make_dropbear_key -t ed25519 2>/dev/null)
	fi
}

# Once the server listens: what it shows takes as long as its start.
show_host_keys() {
	if [ -x /usr/sbin/sshd ]; then
		key=$sshd_key
		fingerprint=$(ssh-keygen -l -f $key.pub)
		fingerprint=${fingerprint#* }
		show_host_key "${fingerprint%% *}" "$($bb cat $key.pub)"
	else
		[ -n "$told_key" ] || told_key=$(make_dropbear_key -y)
		fingerprint='' public=''
		while IFS= read -r line; do
			case $line in
			'Fingerprint: '*) fingerprint=${line#*: } ;;
			ssh-*) public=$line ;;
			esac
		done <<END
$told_key
END
		show_host_key "$fingerprint" "$public"
	fi
}

# The system's own, told how by Haneul.
has_cloud_init() { [ -x /usr/bin/cloud-init ] && [ -e /etc/cloud/cloud.cfg.d/99_haneul.cfg ]; }

# It makes users whose password is locked, whom the server lets in by a key where PAM is asked alone; and it alone lets visitors in by a
# password, where the user data says so.
read_login_settings() {
	pam=no passwords=no
	has_cloud_init || return
	pam=yes
	[ -e /etc/ssh/sshd_config.d/50-cloud-init.conf ] || return
	while read -r setting value; do
		case $setting in PasswordAuthentication) passwords=$value ;; esac
	done </etc/ssh/sshd_config.d/50-cloud-init.conf
}

serve_ssh() {
	trap - TERM USR1 USR2
	# Not before OpenSSH 7.8.
	set_env="SetEnv=$trusting"
	[ -x /usr/sbin/sshd ] && { /usr/sbin/sshd -t -o "$set_env" -o HostKey=$sshd_key 2>/dev/null || set_env=''; }
	while :; do
		if [ -x /usr/sbin/sshd ]; then
			read_login_settings
			/usr/sbin/sshd -D -e -o HostKey=$sshd_key -o UsePAM=$pam -o PasswordAuthentication="$passwords" \
				-o ChallengeResponseAuthentication=no ${set_env:+-o "$set_env"}
		else
			run_dropbear -F -E -s -r /etc/dropbear/ed25519
		fi
		$bb sleep 1
	done
}

unpack_user_data() {
	[ "$($bb head -c 2 "$directory/user-data.txt" | $bb hexdump -e '2/1 "%02x"')" = 1f8b ] || return
	$bb gunzip -c <"$directory/user-data.txt" >"$directory/user-data.plain" && $bb mv "$directory/user-data.plain" "$directory/user-data.txt"
}

run_user_data() {
	if has_cloud_init; then
		. /var/lib/haneul/cloud
		run_cloud_init
		return
	fi
	directory=$cloud/instances/$instance
	[ -e "$directory/user-data-done" ] && return
	$bb mkdir -p "$directory"
	: >"$directory/user-data-done"
	imds GET user-data "$token" >"$directory/user-data.txt" || return
	# Most are scripts, which is seen without another program.
	IFS= read -r first <"$directory/user-data.txt"
	case $first in
	'#!'*) ;;
	*)
		unpack_user_data
		first=$($bb head -c 64 "$directory/user-data.txt" | $bb head -n 1)
		;;
	esac
	$bb chmod 700 "$directory/user-data.txt"
	case $first in
	'#!'*) (trap - TERM USR1 USR2 && cd / && exec "$directory/user-data.txt") </dev/null 2>&1 | $bb tee -a /var/log/cloud-init-output.log ;;
	'') ;;
	*)
		# Haneul reads a cloud-config, and user data in parts, and says what is to be done here.
		if imds GET haneul/first-boot "$token" >"$directory/first-boot"; then
			(trap - TERM USR1 USR2 && cd / && exec $bb sh "$directory/first-boot") </dev/null 2>&1 | $bb tee -a /var/log/cloud-init-output.log
		else
			echo 'haneul: this user data is of no kind that this image knows'
		fi
		;;
	esac
}

# Since the kernel began.
read_seconds() {
	read -r seconds _ </proc/uptime
	seconds=${seconds%%.*}
}

# Of a kernel of its own: what is done once, which volumes have to wait for, and what waits until the server listens.
settle_machine() { :; }
await_ssh() { :; }

if [ -e /proc/self ]; then prefer_own_programs; else . /var/lib/haneul/machine; fi
read_seconds
started=$seconds
read -r release </proc/sys/kernel/osrelease
echo "haneul: booting $release"
instance=unknown name='' keys='' authority=''
ask_facts
told_key=''
directories="$cloud /var/log /run/lock /etc/dropbear ${own_authority%/*} ${authorities%/*}"
[ -x /usr/sbin/sshd ] && directories="$directories /run/sshd /etc/ssh"
$bb mkdir -p $directories
before=''
if [ -e $cloud/instance-id ]; then read -r before <$cloud/instance-id; fi
# While the answer is on its way, where it cannot change anything.
if [ -z "$before" ]; then
	forget_old_host_keys
	make_host_key
fi
learn_facts
learnt=$?
is_new=''
if [ "$before" != "$instance" ]; then
	is_new=yes
	[ -z "$before" ] || forget_old_host_keys
	echo "$instance" >$cloud/instance-id
fi
make_host_key
if [ -f /etc/fstab ]; then
	settle_machine
	mount_table
fi
let_in
serve_ssh &
serving=$!
await_ssh
settle_machine
[ -e /dev/fd ] || $bb ln -s /proc/self/fd /dev/fd
name_host
trust_cloud
if [ $learnt = 1 ]; then learn_facts_late & fi
{ [ $learnt != 0 ] || run_user_data; } &
user_data=$!
show_host_keys
wait $user_data
read_seconds
echo "haneul: finished after $((seconds - started)) seconds"
# It ends when somebody kills it; a signal to this one ends all.
while :; do
	wait $serving
	$bb sleep 1
	serve_ssh &
	serving=$!
done
