#!/bin/sh
# A bare container: container.sh start|end DIRECTORY TREE ID ADDRESS. mkfs, mount, a network namespace and runc, one after the other.

set -e
what=$1 directory=$2 tree=$3 id=$4 address=$5
place=$directory/$id
router=$directory/router
router=$(cat "$router")
if [ "$what" = end ]; then
	runc --root "$directory/runc" delete --force "$id"
	umount "$place/root" "$place/volume"
	ip netns del "bare-$id"
	rm -r "$place"
	exit 0
fi
mkdir -p "$place/volume" "$place/root"
ip -b - <<END
netns add bare-$id
END
ip -n "$router" -b - <<END
link add v$id type veth peer name eth0 netns bare-$id
link set v$id master br0 up
END
ip -n "bare-$id" -b - <<END
link set lo up
addr add $address/16 dev eth0
link set eth0 up
route add default via 10.77.0.1
END
ip netns exec "bare-$id" sh -c 'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start'
truncate -s 8G "$place/disk"
mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1,nodiscard -m 0 "$place/disk"
mount -o loop,noatime "$place/disk" "$place/volume"
mkdir "$place/volume/upper" "$place/volume/work"
mount -t overlay -o "lowerdir=$tree,upperdir=$place/volume/upper,workdir=$place/volume/work" overlay "$place/root"
sed "s/ID/$id/g" "$directory/config.json" >"$place/config.json"
exec runc --root "$directory/runc" run --detach --bundle "$place" "$id" >"$place/console" 2>&1 </dev/null
