#!/var/lib/haneul/busybox sh
# Called when the kernel has found a disk, $MDEV: names it /dev/sdX and /dev/xvdX by the letter under which it was attached.

bb=/var/lib/haneul/busybox
letter=${MDEV#ubd}
[ -e "/sys/block/$MDEV/serial" ] && letter=$($bb cat "/sys/block/$MDEV/serial")
[ -n "$letter" ] || letter=${MDEV#ubd}
case $letter in [b-z]) ;; *) exit 0 ;; esac
for name in "sd$letter" "xvd$letter"; do $bb ln -sf "$MDEV" "/dev/$name"; done
