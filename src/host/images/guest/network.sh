# Read by the first process of a machine with a kernel of its own, and said by its host while it runs: what an interface is to have.

bb=${bb-/var/lib/haneul/busybox}

# Finds $device by its MAC.
find_device() {
	for place in /sys/class/net/*; do
		device=${place##*/}
		IFS= read -r found <"$place/address" && [ "$found" = "$1" ] && return
	done
	return 1
}

# Debian's user-mode-linux has IPv6 as modules, which lie beside it on the host.
wake_ipv6() {
	[ -e /proc/sys/net/ipv6 ] && return
	modules=/run/haneul/modules
	$bb mkdir -p $modules
	$bb mount -t hostfs -o "/usr/lib/uml/modules/$($bb uname -r)/kernel" none $modules || return
	for module in lib/crc-ccitt net/ipv6/ipv6; do $bb insmod "$modules/$module.ko" 2>/dev/null; done
	$bb umount $modules
}

# Of several interfaces each answers for itself: what is sent from its addresses goes by a routing table of its own, whose number is its
# metric. IPv4 alone.
answer_for_itself() {
	[ "$gateway" = - ] && return
	while $bb ip rule del pref "$metric" 2>/dev/null; do :; done
	# What is beside it is reached without the gateway, by that table too.
	$bb ip route show dev "$device" | while read -r subnet rest; do
		[ "$subnet" = default ] || $bb ip route replace "$subnet" dev "$device" table "$metric"
	done
	$bb ip route replace default via "$gateway" dev "$device" table "$metric"
	for address; do
		case $address in *:*) ;; *) $bb ip rule add from "${address%/*}" table "$metric" pref "$metric" ;; esac
	done
}

# give_addresses MAC METRIC GATEWAY GATEWAY6 ADDRESS/LENGTH …: a gateway may be `-`. Only what differs from what was given before is
# changed, so that what somebody inside has made of it stays. Where $answers says `later`, it is given again soon, and answers for itself then.
give_addresses() {
	find_device "$1" || return
	given=/run/haneul/addresses-$1
	metric=$2 gateway=$3 gateway6=$4
	shift 4
	[ -d /run/haneul ] || $bb mkdir -p -m 700 /run/haneul
	read -r index <"/sys/class/net/$device/ifindex"
	seen='' before=''
	[ -e "$given" ] && read -r seen before <"$given"
	# An interface that comes back has nothing.
	[ "$seen" = "$index" ] || before=''
	case $* in *:*)
		wake_ipv6
		# Nobody else can have its addresses: the host sees to that.
		setting=/proc/sys/net/ipv6/conf/$device/accept_dad
		[ -e "$setting" ] && echo 0 >"$setting"
		;;
	esac
	# With the last address of a family its routes go.
	fresh=''
	case $before in *.*) ;; *) fresh=yes ;; esac
	for address in $before; do
		case " $* " in *" $address "*) ;; *) $bb ip addr del "$address" dev "$device" && fresh=yes ;; esac
	done
	for address; do
		case " $before " in *" $address "*) ;; *) $bb ip addr add "$address" dev "$device" ;; esac
	done
	[ "$seen" = "$index" ] || $bb ip link set "$device" up
	if [ "$fresh" ] && [ "$gateway" != - ]; then
		$bb ip route add default via "$gateway" dev "$device" metric "$metric" 2>/dev/null
	fi
	[ "$answers" = later ] || answer_for_itself "$@"
	case $before in *:*) ;; *) fresh=yes ;; esac
	case $* in *:*)
		if [ "$fresh" ] && [ "$gateway6" != - ]; then
			$bb ip -6 route add default via "$gateway6" dev "$device" metric "$metric" 2>/dev/null
		fi
		;;
	esac
	echo "$index $*" >"$given"
}
