#!/usr/bin/perl
# Shows a block device of the host to a running emulator, or hides it: volume.pl show PID NODE PLACE | hide PID PLACE

use strict;
use warnings;
use Cwd ();
use File::Basename ();
require(File::Basename::dirname(Cwd::abs_path(__FILE__)) . "/../syscalls.pl");

our %clone;
my ($what, $pid, @rest) = @ARGV;
my $mounts = handle_of("/proc/$pid/ns/mnt");
if ($what eq 'show') {
    my ($node, $place) = @rest;
    my $volume = device_mount($node);
    call('setns', fileno $mounts, $clone{new_mounts});
    hide($place) if -b $place || -s $place;
    open(my $empty, '>>', $place) or die "$place: $!\n";
    close $empty;
    put_mount($volume, $place);
}
elsif ($what eq 'hide') {
    call('setns', fileno $mounts, $clone{new_mounts});
    hide(@rest);
}
else { die "unknown: $what\n" }

sub hide { my ($place) = @_; call('umount2', $place, 2) }    # MNT_DETACH
