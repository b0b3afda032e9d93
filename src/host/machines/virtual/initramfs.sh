#!/bin/busybox sh
# Finds the root volume and hands over to its first process.

bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t devtmpfs dev /dev
for module in /modules/*; do $bb insmod "$module"; done
init=/sbin/init
for word in $($bb cat /proc/cmdline); do
	case $word in init=*) init=${word#*=} ;; esac
done
tries=0
while ! [ -b /dev/vda ] && [ $tries -lt 200 ]; do
	$bb sleep 0.05
	tries=$((tries + 1))
done
$bb mount -t ext4 -o noatime /dev/vda /root || echo 'haneul: the root volume cannot be mounted'
$bb umount /proc
$bb mount -o move /dev /root/dev
exec $bb switch_root /root "$init"
