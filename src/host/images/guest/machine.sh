# Read by the first process where it runs on a kernel of its own: makes what a container is given, and knows how such a system ends.

$bb mount -t proc proc /proc
prefer_own_programs
. /var/lib/haneul/network
# Most kernels mount it themselves.
[ -c /dev/null ] || $bb mount -t devtmpfs dev /dev
$bb mkdir -p /dev/pts /dev/shm
# By one program.
$bb mount -a -T /proc/self/fd/0 <<END
sysfs /sys sysfs defaults 0 0
devpts /dev/pts devpts gid=5,mode=620,ptmxmode=666 0 0
shm /dev/shm tmpfs mode=1777,nosuid,nodev 0 0
run /run tmpfs mode=755,nosuid,nodev 0 0
END
exec </dev/null >/dev/console 2>&1

# Kernel threads answer signals too, and have no program.
others_run() {
	for program in /proc/[0-9]*/exe; do
		case $program in /proc/1/exe) ;; *) [ -e "$program" ] && return 0 ;; esac
	done
	return 1
}

before_power_goes() {
	$bb umount -a -r 2>/dev/null
	$bb mount -o remount,ro / 2>/dev/null
}

# The button that the host presses: ctrl-alt-del, or that of ACPI.
listen_to_buttons() {
	[ -e /dev/input/event0 ] || return
	$bb mkdir -p /run/acpi/PWRF
	printf '#!/var/lib/haneul/busybox sh\n/var/lib/haneul/busybox kill -USR2 1\n' >/run/acpi/PWRF/00000080
	$bb chmod 755 /run/acpi/PWRF/00000080
	$bb acpid -c /run/acpi -l /dev/null
}

# Volumes come and go: their nodes get the names by which they were attached.
name_volumes() {
	printf 'ubd[a-z] 0:6 660 @%s\nvd[a-z] 0:6 660 @%s\n' /var/lib/haneul/volume /var/lib/haneul/volume >/run/mdev.conf
	[ -e /etc/mdev.conf ] || $bb ln -s /run/mdev.conf /etc/mdev.conf
	$bb mdev -d
}

# haneul.agent=DEVICE,DEVICE: for commands, and for shells.
let_host_in() {
	for word in $words; do
		case $word in haneul.agent=*) ;; *) continue ;; esac
		lines=${word#*=}
		# What a shell starts with & ignores Ctrl-C for ever.
		$bb start-stop-daemon -S -b -x /var/lib/haneul/agent -- commands "${lines%,*}"
		$bb start-stop-daemon -S -b -x /var/lib/haneul/agent -- shells "${lines#*,}"
	done
}

# haneul.ethN=MAC,ADDRESS/LENGTH+…,GATEWAY, and haneul.ipv6.ethN with the same of IPv6 where there is any.
connect() {
	for word in $words; do
		case $word in haneul.eth[0-9]*=*) ;; *) continue ;; esac
		number=${word%%=*}
		number=${number#haneul.eth}
		rest=${word#*=}
		mac=${rest%%,*}
		rest=${rest#*,}
		addresses=${rest%,*}
		gateway=${rest#*,}
		gateway6=''
		for other in $words; do
			case $other in haneul.ipv6.eth"$number"=*) ;; *) continue ;; esac
			rest=${other#*=*,}
			addresses=$addresses+${rest%,*}
			gateway6=${rest#*,}
		done
		IFS=+
		set -- $addresses
		unset IFS
		give_addresses "$mac" $((100 + number)) "${gateway:--}" "${gateway6:--}" "$@"
	done
}

# What a login needs not. The host is let in when interfaces have all that they are to have and volumes their names: it changes and uses them.
settle_machine() {
	[ -z "$settled" ] || return
	settled=yes
	# Its time is of no use to anybody.
	$bb mount -o remount,rw,noatime /
	$bb ip link set lo up
	answers=''
	connect
	name_volumes
	let_host_in
	listen_to_buttons
}

# Else what comes after the server would share the one processor with its start. It goes on without one that does not come.
await_ssh() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		$bb sleep 0.05
		for table in /proc/net/tcp /proc/net/tcp6; do
			[ -e $table ] || continue
			while read -r _ local _; do
				case ${local##*:} in 0016) return ;; esac
			done <$table
		done
	done
}

settled=''
IFS= read -r words </proc/cmdline
echo 0 >/proc/sys/kernel/ctrl-alt-del
trap 'shut_down poweroff' INT
answers=later
connect
