#!/usr/bin/perl
# Runs a program in a terminal of its own: what comes in is typed there, what it shows goes out.
#
# Arguments: columns, rows, and the program's. Descriptor 3 tells of new sizes, a line `COLUMNS ROWS` each. When the input or that ends, as
# they do when Haneul ends in whatever way, the program is hung up on, and killed when that does not end it.

use strict;
use warnings;
no warnings 'exec';    # what follows an exec says that it failed
use Cwd ();
use Fcntl qw(O_RDWR O_NOCTTY O_NONBLOCK);
use File::Basename ();
use POSIX ();
require(File::Basename::dirname(Cwd::abs_path(__FILE__)) . '/relay.pl');

# <asm-generic/ioctls.h>, the same for x86-64 and ARM.
my ($set_controlling, $unlock, $number) = (0x540E, 0x40045431, 0x80045430);
my $grace_seconds = 2;

my ($columns, $rows, @command) = @ARGV;
$SIG{PIPE} = 'IGNORE';
$SIG{HUP}  = 'IGNORE';
open(my $sizes, '<&=', 3) or die "descriptor 3: $!\n";
sysopen(my $terminal, '/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK) or die "/dev/ptmx: $!\n";
my ($unlocked, $told) = (pack('i', 0), pack('I', 0));
ioctl($terminal, $unlock, $unlocked) or die "unlock: $!\n";
ioctl($terminal, $number, $told) or die "number: $!\n";
my $path = '/dev/pts/' . unpack('I', $told);
resize($terminal, $columns, $rows);
unhurried($sizes);
my $line = '';

my $child = fork() // die "fork: $!\n";
if (!$child) {
    POSIX::setsid();
    sysopen(my $side, $path, O_RDWR) or POSIX::_exit(127);
    ioctl($side, $set_controlling, 0);
    POSIX::dup2(fileno $side, $_) for 0 .. 2;
    POSIX::close($_) for 3 .. 20;
    $SIG{PIPE} = $SIG{HUP} = 'DEFAULT';
    exec { $command[0] } @command;
    POSIX::_exit(127);
}

relay($terminal, [ fileno $sizes, \&told_size ]);
close $terminal;    # whoever still holds the other side is hung up on
exit ended();

sub told_size {
    take($sizes, \$line) or return;
    resize($terminal, $1, $2) while $line =~ s/^(\d+) (\d+)\n//;
    $line = '' if length $line > 256;
    return 1;
}

sub ended {
    kill 'HUP', -$child;
    for (1 .. $grace_seconds * 20) {
        return $? >> 8 if waitpid($child, POSIX::WNOHANG) != 0;
        select(undef, undef, undef, 0.05);
    }
    kill 'KILL', -$child;
    waitpid $child, 0;
    return 137;
}
