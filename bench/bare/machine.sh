#!/bin/sh
# A bare machine: machine.sh uml|tcg DIRECTORY ID ADDRESS KERNEL INITRAMFS. A copy of the disk, a tap and the emulator, which it becomes.

set -e
emulator=$1 directory=$2 id=$3 address=$4 kernel=$5 initramfs=$6
place=$directory/$id
router=$(cat "$directory/router")
mkdir -p "$place"
cp --sparse=always "$directory/disk" "$place/disk"
ip -n "$router" -b - <<END
tuntap add dev t$id mode tap
link set t$id master br0 up
END
words="quiet loglevel=3 random.trust_cpu=on rcupdate.rcu_expedited=1 cryptomgr.notests=1 pty.legacy_count=0 panic=1 bare.ip=$address init=/bare-init"
case $emulator in
uml)
	exec ip netns exec "$router" linux.uml mem=512M umid="$id" uml_dir="$place/" ubd0="$place/disk" root=/dev/ubda rootfstype=ext4 rw \
		eth0=tuntap,"t$id" con=null con0=null,fd:1 ssl=null $words >"$place/console" 2>&1 </dev/null
	;;
tcg)
	exec ip netns exec "$router" qemu-system-x86_64 -machine q35,vmport=off,smbus=off,sata=off,i8042=off,graphics=off \
		-accel tcg,thread=multi,tb-size=64 -cpu max -smp 2 -m 512M -nodefaults -no-user-config -display none \
		-kernel "$kernel" -initrd "$initramfs" -append "console=ttyS0 $words" -device virtio-rng-pci \
		-netdev "tap,id=n0,ifname=t$id,script=no,downscript=no" -device virtio-net-pci,netdev=n0,romfile= \
		-drive "if=none,id=root,file=$place/disk,format=raw" -device virtio-blk-pci,drive=root -serial "file:$place/console"
	;;
esac
