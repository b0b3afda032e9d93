#!/usr/bin/perl
# Runs a program in a sky, in place of this one: enter.pl KEEPER DIRECTORY PROGRAM … . The network stays that of the host.

use strict;
use warnings;
no warnings 'exec';    # what follows an exec says that it failed
use Cwd ();
use File::Basename ();
require(File::Basename::dirname(Cwd::abs_path(__FILE__)) . '/../machines/syscalls.pl');

our %clone;
my ($keeper, $directory, @command) = @ARGV;
my ($users, $mounts) = map { handle_of("/proc/$keeper/ns/$_") } qw(user mnt);
call('setns', fileno $users,  $clone{new_users});
call('setns', fileno $mounts, $clone{new_mounts});
chdir $directory or die "$directory: $!\n";
exec { $command[0] } @command;
die "$command[0]: $!\n";
