#!/var/lib/haneul/busybox sh
# The first process of a bare machine: what must happen between the kernel and user data, and nothing else.

bb=/var/lib/haneul/busybox
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
if ! [ -e /proc/self ]; then
	$bb mount -t proc proc /proc
	$bb mount -t devtmpfs dev /dev 2>/dev/null
	$bb mkdir -p /dev/pts && $bb mount -t devpts devpts /dev/pts
	for word in $($bb cat /proc/cmdline); do
		case $word in bare.ip=*) $bb ip addr add "${word#*=}/16" dev eth0 ;; esac
	done
	$bb ip link set eth0 up
	$bb ip route add default via 10.77.0.1
fi
$bb mkdir -p /etc/dropbear
dropbearkey -t ed25519 -f /etc/dropbear/ed25519 >/dev/null 2>&1
dropbear -E -s -r /etc/dropbear/ed25519
$bb wget -q -O /root/user-data http://169.254.169.254/user-data && $bb sh /root/user-data
while :; do $bb sleep 86400; done
