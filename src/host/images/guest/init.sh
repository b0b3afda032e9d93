#!/var/lib/haneul/busybox sh
# The first process of a built-in image: lets its owner in by ssh, runs the user data once, and shuts down when asked.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/var/lib/haneul/ssh
busybox=/var/lib/haneul/busybox
bb=$busybox
cloud=/var/lib/cloud
carriage_return=$(printf '\r')
own_authority=/usr/local/share/ca-certificates/haneul.crt
authorities=/etc/ssl/certs/ca-certificates.crt
trusting="AWS_CA_BUNDLE=$authorities NODE_EXTRA_CA_CERTS=$own_authority"

# Where busybox's shell runs its own programs itself, most of them need not be started. It finds them by /proc/self/exe.
prefer_own_programs() { PATH='' uname >/dev/null 2>&1 && bb=''; }

# imds METHOD PATH HEADER: the answer's body, or failure unless the status is 200; it is 2 where the instance may not ask.
imds() {
	printf '%s /latest/%s HTTP/1.0\r\nHost: 169.254.169.254\r\n%s\r\n\r\n' "$1" "$2" "$3" | $bb timeout 5 $bb nc 169.254.169.254 80 2>/dev/null | {
		IFS= read -r status || exit 1
		case $status in *' 200 '*) ;; *' 403 '*) exit 2 ;; *) exit 1 ;; esac
		while IFS= read -r line && [ "$line" != "$carriage_return" ]; do :; done
		$bb cat
	}
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

# What the instance is, all in one answer: every program that need not be started is felt by a kernel without hardware of its own.
ask_facts() {
	facts=$(imds PUT haneul/boot 'X-aws-ec2-metadata-token-ttl-seconds: 21600') || return
	[ -n "$facts" ] || return
	while IFS=' ' read -r word rest; do
		case $word in
		token) token="X-aws-ec2-metadata-token: $rest" ;;
		instance-id) instance=$rest ;;
		local-hostname) name=$rest ;;
		public-key) keys="$keys$rest
" ;;
		authority) authority="$authority$rest
" ;;
		esac
	done <<END
$facts
END
}

learn_facts() {
	instance=unknown name='' keys='' authority=''
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		ask_facts && return
		[ $? = 2 ] && return 2
		$bb sleep 0.2
	done
	return 1
}

# A host that starts much at once may take its time, and an instance that asked no more would let nobody in for as long as it runs.
learn_facts_late() {
	trap - TERM USR1 USR2
	tries=0
	while [ $tries -lt 600 ]; do
		$bb sleep 1
		if ask_facts; then
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
	$bb hostname "${name%%.*}" 2>/dev/null
	echo "${name%%.*}" >/etc/hostname
	printf '127.0.0.1 localhost\n127.0.1.1 %s %s\n' "$name" "${name%%.*}" >/etc/hosts
}

let_in() {
	while IFS=: read -r user _ id _ _ home _; do
		case $user in root | ec2-user) ;; *) continue ;; esac
		$bb mkdir -p -m 700 "$home/.ssh"
		printf '%s' "$keys" >"$home/.ssh/authorized_keys"
		$bb chmod 600 "$home/.ssh/authorized_keys"
		$bb chown "$id:$id" "$home/.ssh" "$home/.ssh/authorized_keys"
	done </etc/passwd
}

# Services in here show certificates of the cloud's own authority: systems, the AWS CLI and SDKs are told to trust it.
trust_cloud() {
	$bb mkdir -p "${own_authority%/*}" "${authorities%/*}"
	[ -n "$authority" ] || return
	before_last=${authority%
-*}
	last=${before_last##*
}
	$bb grep -qsF -- "$last" "$authorities" || printf '%s' "$authority" >>"$authorities"
	printf '%s' "$authority" >"$own_authority"
	if [ -x /usr/bin/openssl ] && name=$(openssl x509 -noout -hash -in "$own_authority"); then
		$bb ln -sf "$own_authority" "${authorities%/*}/$name.0"
	fi
	for setting in $trusting; do
		export "${setting?}"
		$bb grep -qs "^${setting%%=*}=" /etc/environment || echo "$setting" >>/etc/environment
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
	printf '%s\n' '-----BEGIN SSH HOST KEY FINGERPRINTS-----' "256 $1 root@$($bb hostname) (ED25519)" '-----END SSH HOST KEY FINGERPRINTS-----' \
		'-----BEGIN SSH HOST KEY KEYS-----' "$2" '-----END SSH HOST KEY KEYS-----'
}

# Of an old machine's root volume a new machine gets new keys.
forget_old_host_keys() {
	[ "$($bb cat $cloud/instance-id 2>/dev/null)" = "$instance" ] && return
	$bb rm -f /etc/ssh/ssh_host_*_key* /etc/dropbear/ed25519
	echo "$instance" >$cloud/instance-id
}

sshd_key=/etc/ssh/ssh_host_ed25519_key

prepare_ssh() {
	forget_old_host_keys
	if [ -x /usr/sbin/sshd ]; then
		$bb mkdir -p /run/sshd /etc/ssh
		[ -f $sshd_key ] || ssh-keygen -q -t ed25519 -N '' -f $sshd_key
	else
		$bb mkdir -p /etc/dropbear
		[ -f /etc/dropbear/ed25519 ] || dropbearkey -t ed25519 -f /etc/dropbear/ed25519 >/dev/null 2>&1
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
		shown=$(dropbearkey -y -f /etc/dropbear/ed25519)
		show_host_key "$(echo "$shown" | $bb sed -n 's/^Fingerprint: //p')" "$(echo "$shown" | $bb sed -n '/^ssh-/p')"
	fi
}

serve_ssh() {
	trap - TERM USR1 USR2
	# Not before OpenSSH 7.8.
	set_env="SetEnv=$trusting"
	[ -x /usr/sbin/sshd ] && { /usr/sbin/sshd -t -o "$set_env" -o HostKey=$sshd_key 2>/dev/null || set_env=''; }
	while :; do
		if [ -x /usr/sbin/sshd ]; then
			/usr/sbin/sshd -D -e -o HostKey=$sshd_key -o PasswordAuthentication=no -o UsePAM=no ${set_env:+-o "$set_env"}
		else
			dropbear -F -E -s -r /etc/dropbear/ed25519
		fi
		$bb sleep 1
	done
}

unpack_user_data() {
	[ "$($bb head -c 2 "$directory/user-data.txt" | $bb hexdump -e '2/1 "%02x"')" = 1f8b ] || return
	$bb gunzip -c <"$directory/user-data.txt" >"$directory/user-data.plain" && $bb mv "$directory/user-data.plain" "$directory/user-data.txt"
}

run_user_data() {
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

if [ -e /proc/self ]; then prefer_own_programs; else . /var/lib/haneul/machine; fi
started=$($bb date +%s)
echo "haneul: booting $($bb uname -r)"
$bb ip link set lo up 2>/dev/null
$bb mkdir -p $cloud /var/log /run/lock
[ -e /dev/fd ] || $bb ln -s /proc/self/fd /dev/fd
learn_facts
learnt=$?
mount_table
prepare_ssh &
preparing=$!
name_host
let_in
wait $preparing
serve_ssh &
trust_cloud
if [ $learnt = 1 ]; then learn_facts_late & fi
{ [ $learnt != 0 ] || run_user_data; } &
user_data=$!
show_host_keys
wait $user_data
echo "haneul: finished at $($bb date -u), after $(($($bb date +%s) - started)) seconds"
while :; do
	$bb sleep 86400 &
	wait $!
done
