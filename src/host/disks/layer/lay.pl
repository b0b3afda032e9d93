#!/usr/bin/perl
# Lays the plain view of an encrypted disk under a loop device: lay.pl FILE NODE LAYER, the key on standard input. Prints the device.
#
# The view covers the disk's file in a mount namespace that only its server lives in, so nothing of it is to be seen or to be left behind
# on the host: the loop device holds the view, the server ends with the loop device, and the mount with its server.

use strict;
use warnings;
use Cwd ();
use Fcntl ();
use File::Basename ();
use POSIX ();
require(File::Basename::dirname(Cwd::abs_path(__FILE__)) . "/../../machines/syscalls.pl");

our %clone;
my ($path, $node, $layer) = @ARGV;
my ($no_set_user_id, $no_devices) = (2, 4);

call('unshare', $clone{new_mounts});
my ($none, $root, $nothing) = ('none', '/', '');
call('mount', $none, $root, $nothing, 0x4000 | 0x80000, 0);    # MS_REC | MS_SLAVE

# Opened one after the other, they are 3 and 4, where the server looks for them.
POSIX::close($_) for 3 .. 9;
$^F = 9;
my $fuse = POSIX::open('/dev/fuse', Fcntl::O_RDWR()) // die "/dev/fuse: $!\n";
my $file = POSIX::open($path, Fcntl::O_RDWR())       // die "$path: $!\n";
die "handles are $fuse and $file\n" if $fuse != 3 || $file != 4;
my ($source, $type) = ('haneul', 'fuse');
my $options = "fd=$fuse,rootmode=100600,user_id=0,group_id=0,max_read=1048576";
call('mount', $source, $path, $type, $no_set_user_id | $no_devices, $options);

my $server = fork() // die "fork: $!\n";
if (!$server) {
    POSIX::setsid();
    chdir '/';
    open(STDOUT, '>', '/dev/null');
    open(STDERR, '>', '/dev/null');
    exec { $node } $node, '--disable-warning=ExperimentalWarning', '--max-old-space-size=64', $layer;
    POSIX::_exit(127);
}
POSIX::close($_) for $fuse, $file;
# Held until the loop device has it too: whatever ends this script before that ends the server with it.
open(my $held, '<', $path) or die "$path: $!\n";
exit(system { 'losetup' } ('losetup', '--find', '--show', $path)) >> 8;
