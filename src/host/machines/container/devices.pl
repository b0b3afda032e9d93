#!/usr/bin/perl
# Puts a block device into a running container, or takes it out: devices.pl add PID NODE TARGET OWNER | remove PID TARGET OWNER
#
# A node that is made on the container's own /dev is dead, because that belongs to its user namespace; a node of the host is bound in,
# aside, and linked to: what is mounted on /dev/sdf itself, some programs take for a file system in use.

use strict;
use warnings;
use Cwd ();
use File::Basename ();
use POSIX ();
require(File::Basename::dirname(Cwd::abs_path(__FILE__)) . "/../syscalls.pl");

our %clone;
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
    my ($target, $owner) = @rest;
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
