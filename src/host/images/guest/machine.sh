# Read by the first process where it runs on a kernel of its own: makes what a container is given, and knows how such a system ends.

$bb mount -t proc proc /proc
prefer_own_programs
. /var/lib/haneul/network
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs dev /dev 2>/dev/null
$bb mkdir -p /dev/pts /dev/shm
$bb mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$bb mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
$bb mount -t tmpfs -o mode=755,nosuid,nodev run /run
$bb mount -o remount,rw,noatime /
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
	echo 0 >/proc/sys/kernel/ctrl-alt-del
	trap 'shut_down poweroff' INT
	[ -e /dev/input/event0 ] || return
	$bb mkdir -p /run/acpi/PWRF
	printf '#!/var/lib/haneul/busybox sh\n/var/lib/haneul/busybox kill -USR2 1\n' >/run/acpi/PWRF/00000080
	$bb chmod 755 /run/acpi/PWRF/00000080
	$bb acpid -c /run/acpi -l /dev/null
}

# haneul.agent=DEVICE,DEVICE: for commands, and for shells.
let_host_in() {
	for word in $($bb cat /proc/cmdline); do
		case $word in haneul.agent=*) ;; *) continue ;; esac
		lines=${word#*=}
		# What a shell starts with & ignores Ctrl-C for ever.
		$bb start-stop-daemon -S -b -x /var/lib/haneul/agent -- commands "${lines%,*}"
		$bb start-stop-daemon -S -b -x /var/lib/haneul/agent -- shells "${lines#*,}"
	done
}

# haneul.ethN=MAC,ADDRESS/LENGTH+…,GATEWAY, and haneul.ipv6.ethN with the same of IPv6 where there is any.
connect() {
	words=$($bb cat /proc/cmdline)
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
		give_addresses "$mac" $((100 + number)) "${gateway:--}" "${gateway6:--}" $(echo "$addresses" | $bb tr + ' ')
	done
}

listen_to_buttons
# Volumes come and go: their nodes get the names by which they were attached.
printf 'ubd[a-z] 0:6 660 @%s\nvd[a-z] 0:6 660 @%s\n' /var/lib/haneul/volume /var/lib/haneul/volume >/run/mdev.conf
[ -e /etc/mdev.conf ] || $bb ln -s /run/mdev.conf /etc/mdev.conf
$bb mdev -d
$bb ip link set lo up
connect
let_host_in
