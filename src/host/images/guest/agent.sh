#!/var/lib/haneul/busybox sh
# The way into a machine with its own kernel: two serial lines that lead to root of the host alone. One runs commands, one opens shells.

bb=/var/lib/haneul/busybox
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
place=/run/haneul
device=/dev/$2
exec <"$device" >"$device" 2>/dev/null
$bb mkdir -p -m 700 $place
cd /root

is_name() { case $1 in '' | *[!0-9a-f]*) return 1 ;; esac; }

# Lines: `script ID BYTES` and `input ID BYTES`, each followed by so many bytes that are added to what there is, then `run ID SECONDS`.
# Who sends them waits for each answer, so nothing that `head` may have read too much is lost.
serve_commands() {
	$bb stty raw -echo
	while IFS=' ' read -r word id more; do
		is_name "$id" || continue
		case $word in
		hello) echo "hello $id" ;;
		script | input)
			$bb head -c "$more" >>"$place/$id.$word"
			echo "more $id"
			;;
		run)
			: >>"$place/$id.input"
			$bb timeout -s KILL "$more" $bb sh "$place/$id.script" <"$place/$id.input" >"$place/$id.output" 2>&1
			code=$?
			$bb base64 -w 1000 "$place/$id.output" | $bb sed "s/^/output $id /"
			$bb rm -f "$place/$id".*
			echo "ended $id $code"
			;;
		esac
	done
}

# A line: `shell ID ROWS COLUMNS TERMINAL BASE64`. The end of a session hangs the line up for all who have it open.
serve_shells() {
	while :; do
		exec <"$device" >"$device"
		$bb stty raw -echo
		IFS=' ' read -r word id rows columns terminal script || { $bb sleep 1 && continue; }
		is_name "$id" || continue
		[ "$word" = hello ] && echo "hello $id"
		[ "$word" = shell ] || continue
		echo "echo \$\$ >$place/shell" >"$place/$id.script"
		echo "$script" | $bb base64 -d >>"$place/$id.script"
		$bb stty sane rows "$rows" cols "$columns"
		TERM=$terminal $bb setsid -c $bb sh "$place/$id.script" <"$device" >"$device" 2>&1
		code=$?
		$bb rm -f "$place/$id.script" $place/shell
		exec <"$device" >"$device"
		$bb stty raw -echo
		printf '\nended %s %s\n' "$id" $code
	done
}

"serve_$1"
