#!/var/lib/haneul/busybox sh
# shutdown, poweroff, halt and reboot of an image without systemd: tells the first process. `shutdown -r` reboots.

wanted=USR2
case ${0##*/} in reboot) wanted=TERM ;; esac
for word; do
	case $word in
	-r | --reboot) wanted=TERM ;;
	-c) exit 0 ;;
	esac
done
exec /var/lib/haneul/busybox kill "-$wanted" 1
