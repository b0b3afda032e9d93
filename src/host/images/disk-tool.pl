#!/usr/bin/perl
# Runs one program on a disk file that a stranger made: a user of its own without rights, in a root that shows it the host's programs and the
# files named in %given{directory}/shown, without a network and behind the filter of system calls that emulators have.
#
# To be started as the first process of namespaces of its own for mounts, processes, messages and networks. Arguments are pairs of name and
# value, then `--` and the command.

use strict;
use warnings;
no warnings 'exec';    # what follows an exec says that it failed
use Cwd ();
use File::Basename ();
use POSIX ();
my $home = File::Basename::dirname(Cwd::abs_path(__FILE__)) . '/../machines';
require "$home/syscalls.pl";
require "$home/supervision.pl";
require "$home/virtual/jail.pl";
require "$home/virtual/filter.pl";

my ($end) = grep { $ARGV[$_] eq '--' } 0 .. $#ARGV;
our %given = @ARGV[0 .. $end - 1];
my @command = @ARGV[$end + 1 .. $#ARGV];
my ($signal_of_parent, $no_new_privileges, $kill) = (1, 38, 9);

enter_jail();
$) = "$given{user} $given{user}";
$( = $given{user};
POSIX::setuid($given{user}) or die "setuid: $!\n";
# Set again: it is lost with the rights of root.
call('prctl', $signal_of_parent, $kill, 0, 0, 0);
call('prctl', $no_new_privileges, 1, 0, 0, 0);
set_filter();
%ENV = (PATH => '/usr/bin:/usr/sbin:/bin:/sbin', HOME => '/tmp', TMPDIR => '/tmp', LC_ALL => 'C');
exec { $command[0] } @command;
die "$command[0]: $!\n";
