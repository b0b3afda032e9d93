#!/usr/bin/perl
# Puts a block device into a running container, or takes it out: devices.pl add PID NODE TARGET OWNER | remove PID TARGET OWNER RUN HOW
# To remove what is mounted ends with 3, unless HOW is `force`. RUN is the machine's directory.
#
# A node that is made on the container's own /dev is dead, because that belongs to its user namespace; a node of the host is bound in,
# aside, and linked to: what is mounted on /dev/sdf itself, some programs take for a file system in use.

use strict;
use warnings;
use Cwd ();
use File::Basename ();
my $home = File::Basename::dirname(Cwd::abs_path(__FILE__));
require "$home/../syscalls.pl";
require "$home/../supervision.pl";
require "$home/mount-table.pl";
require "$home/mounts.pl";

our (%clone, %given);
my ($what, $pid, @rest) = @ARGV;
my $aside_directory = '/dev/.volumes';
my $mounts = handle_of("/proc/$pid/ns/mnt");

if ($what eq 'add') {
    my ($node, $target, $owner) = @rest;
    my $device = device_mount($node);
    enter();
    my $aside = aside($target);
    as_owner($owner, sub {
        mkdir $aside_directory, 0755;
        symlink($aside, $target) or die "$target: $!\n";
        open(my $file, '>', $aside) or die "$aside: $!\n";
    });
    put_mount($device, $aside);
}
elsif ($what eq 'remove') {
    my ($target, $owner, $run, $how) = @rest;
    %given = (run => $run);
    my $lock = alone();
    my $node = "$run/device-" . substr($target, rindex($target, '/') + 1);
    my $number = (lstat $node)[6];
    release_volume($pid, $number, $how eq 'force') or exit 3 if defined $number;
    # From here on it is no volume that may be mounted, nor one that a handle opens again.
    chown(0, 0, $node) and chmod(0, $node) and unlink $node or die "$node: $!\n" if defined $number;
    enter();
    my $aside = aside($target);
    call('umount2', $aside, 2);    # MNT_DETACH
    as_owner($owner, sub { unlink $aside, $target });
}
else { die "unknown: $what\n" }

sub aside { my ($target) = @_; return "$aside_directory/" . substr($target, rindex($target, '/') + 1) }

# Root and working directory become those of the container with its mounts.
sub enter { call('setns', fileno $mounts, $clone{new_mounts}) }

# Acts on the container's files as its own root, so that nothing it may have put there leads further than it could go itself.
sub as_owner {
    my ($owner, $act) = @_;
    $) = "$owner $owner";
    $> = $owner;
    my $done = eval { $act->(); 1 };
    my $reason = $@;
    $> = 0;
    $) = '0 0';
    die $reason if !$done;
}
