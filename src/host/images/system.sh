#!/bin/sh
# Writes a tar of a root file system that lies on a disk: in a mount namespace of its own, so that its mount and its loop device end with it.
# Holes of files stay holes: a small disk may have files of many terabytes.
# Arguments: the disk, where the file system begins and how many bytes it has, an empty directory. Ends with 3 where it is no root.
set -e
mount -t ext4 -o "ro,nosuid,nodev,noexec,loop,offset=$2,sizelimit=$3" -- "$1" "$4"
[ -d "$4/etc" ] || exit 3
[ -d "$4/usr/bin" ] || [ -d "$4/bin" ] || exit 3
exec tar --create --file=- --sparse --numeric-owner --one-file-system --xattrs --xattrs-include=security.capability "--directory=$4" .
