#!/usr/bin/perl
# Runs a program in a terminal of its own: what comes in is typed there, what it shows goes out.
#
# Arguments: columns, rows, and the program's. Descriptor 3 tells of new sizes, a line `COLUMNS ROWS` each. When the input or that ends, as
# they do when Haneul ends in whatever way, the program is hung up on, and killed when that does not end it.

use strict;
use warnings;
no warnings 'exec';    # what follows an exec says that it failed
use Errno ();
use Fcntl qw(O_RDWR O_NOCTTY O_NONBLOCK F_GETFL F_SETFL);
use POSIX ();

# <asm-generic/ioctls.h>, the same for x86-64 and ARM.
my ($set_size, $set_controlling, $unlock, $number) = (0x5414, 0x540E, 0x40045431, 0x80045430);
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
resize($columns, $rows);
fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK) for *STDIN, *STDOUT, $sizes;

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

relay();
close $terminal;    # whoever still holds the other side is hung up on
exit ended();

# Until the input or the program ends. Nothing here waits for one side alone: a program that neither reads nor stops writing hangs nobody.
sub relay {
    my ($shown, $typed, $line) = ('', '', '');
    while (1) {
        my ($readable, $writable) = ('', '');
        vec($readable, fileno $sizes, 1) = 1;
        vec($readable, 0, 1) = 1 if !length $typed;
        vec($writable, fileno $terminal, 1) = 1 if length $typed;
        # Nothing more is taken from the program than the reader has taken.
        if   (length $shown) { vec($writable, 1, 1) = 1 }
        else                 { vec($readable, fileno $terminal, 1) = 1 }
        next if select($readable, $writable, undef, undef) < 0;
        if (vec($writable, 1, 1))                    { give(*STDOUT,   \$shown) or return }
        if (vec($writable, fileno $terminal, 1))     { give($terminal, \$typed) or return }
        if (vec($readable, fileno $terminal, 1))     { take($terminal, \$shown) or return }    # EIO: nobody holds the other side any more
        if (vec($readable, 0, 1))                    { take(*STDIN,    \$typed) or return }
        if (vec($readable, fileno $sizes, 1)) {
            take($sizes, \$line) or return;
            resize($1, $2) while $line =~ s/^(\d+) (\d+)\n//;
            $line = '' if length $line > 256;
        }
    }
}

# False at the end.
sub take {
    my ($handle, $into) = @_;
    my $taken = sysread($handle, $$into, 16384, length $$into);
    return defined $taken ? $taken > 0 : $!{EAGAIN};
}

sub give {
    my ($handle, $from) = @_;
    my $given = syswrite($handle, $$from);
    return $!{EAGAIN} if !defined $given;
    substr($$from, 0, $given) = '';
    return 1;
}

sub resize {
    my ($columns, $rows) = @_;
    my $size = pack('S4', $rows, $columns, 0, 0);
    ioctl($terminal, $set_size, $size);
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
