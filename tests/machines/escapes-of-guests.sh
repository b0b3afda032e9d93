#!/bin/sh
# Runs as root of a machine with a kernel of its own: each line of the answer is an attempt's name and `blocked` or `ESCAPED`. Targets are those
# that the test made. Arguments are pairs NAME=VALUE.

for word; do export "${word?}"; done

attempt() {
	name=$1
	shift
	if "$@" >/dev/null 2>&1; then how=ESCAPED; else how=blocked; fi
	printf '%s\t%s\n' "$name" $how
}

answers() { timeout 3 nc "$1" "$2" </dev/null | grep -q here; }
spoke() { timeout 3 nc "$1" "$2" </dev/null; }
who() { printf 'GET /latest/meta-data/instance-id HTTP/1.0\r\n\r\n' | timeout 3 nc "$@" 169.254.169.254 80 | tail -n 1; }

# What is allowed shows that the attempts would be seen
attempt 'control: itself' answers 127.0.0.1 7000
attempt 'control: metadata' spoke 169.254.169.254 80

# Networks
attempt 'a neighbour whose group lets nobody in' answers "$neighbour" 7000
attempt 'a stranger in another network' answers "$stranger" 7000
for address in "$gateway" 169.254.169.253 169.254.0.1 169.254.0.2 100.64.0.1; do
	attempt "the host's loopback at $address" spoke "$address" "$loopback"
	attempt "Haneul's API at $address" spoke "$address" "$api"
done
ip route add "$stranger/32" via "$gateway" dev eth0
attempt 'a stranger by a route of its own' answers "$stranger" 7000

# As somebody else
ip addr add "$neighbour/32" dev eth0
as_neighbour() { [ "$(who -s "$neighbour")" = "$neighbour_id" ]; }
attempt "a neighbour's metadata, from its address" as_neighbour
attempt "a neighbour's metadata, by a header" sh -c "printf 'GET /latest/meta-data/instance-id HTTP/1.0\r\nX-Forwarded-For: $neighbour\r\n\r\n' | timeout 3 nc 169.254.169.254 80 | grep -q $neighbour_id"
ip addr del "$neighbour/32" dev eth0
ip addr add "$trusted/32" dev eth0
# The neighbour takes datagrams from this address alone; whether one has come the test looks up.
for _ in 1 2 3; do echo spoofed | timeout 1 nc -u -s "$trusted" "$neighbour" 7002 >/dev/null 2>&1; done
ip addr del "$trusted/32" dev eth0
arping -U -c 3 -I eth0 -s "$neighbour" "$neighbour" >/dev/null 2>&1
arping -U -c 3 -I eth0 -s "$gateway" "$gateway" >/dev/null 2>&1
mac=$(cat /sys/class/net/eth0/address)
ip link set eth0 down && ip link set eth0 address 02:00:00:00:00:99 && ip link set eth0 up
ip route add default via "$gateway" dev eth0
attempt 'the network, from another MAC' spoke 169.254.169.254 80
ip link set eth0 down && ip link set eth0 address "$mac" && ip link set eth0 up
ip route add default via "$gateway" dev eth0

# What the emulator sees: user-mode-linux can show it to its guest.
mkdir -p /mnt/host
if mount -t hostfs none /mnt/host -o / 2>/dev/null; then echo "emulator's root is shown"; fi
below=/mnt/host
attempt 'read a file of the host' cat "$below$marker"
attempt 'read it over the root of the first process' cat "$below/proc/1/root$marker"
attempt "list Haneul's data" ls "$below$data"
for place in etc/shadow root home var run sys boot; do attempt "see /$place of the host" ls "$below/$place"; done
for place in usr bin volumes dev etc; do attempt "write into /$place of the emulator" sh -c "echo x > $below/$place/haneul-escape"; done
attempt "open another machine's volume" sh -c "ls $below/volumes | grep -v '^a$' | grep ."
attempt 'see a process of the host' cat "$below/proc/$pid/environ"
attempt 'make the node of a disk' mknod "$below/tmp/disk" b 7 "$loop"
attempt 'make the node of memory' mknod "$below/tmp/memory" c 1 1
attempt 'read the kernel of the host' head -c 64 "$below/proc/kcore"
attempt 'write to the kernel of the host' sh -c "echo x > $below/proc/sys/kernel/hostname"
attempt 'the key of its own control' sh -c "cat $below/proc/1/environ | grep -i haneul"
attempt "a set-user-id program of the host's" sh -c "chmod 4755 $below/tmp/x || (cp $below/usr/bin/id $below/tmp/x && chown 0 $below/tmp/x)"
for other in 9p virtiofs; do attempt "mount $other" mount -t "$other" host /mnt; done
attempt 'the processes of another' sh -c "ls $below/proc | grep -E '^[0-9]+$' | grep -vx -e 1 | while read -r one; do cat $below/proc/\$one/cmdline | grep -q haneul-target && echo found; done | grep found"
umount /mnt/host 2>/dev/null
