# Carries what is typed to a terminal, and what that shows away from it. Nothing here waits for one side alone: a program that neither reads
# nor stops writing hangs nobody.

use strict;
use Errno ();
use Fcntl ();

my ($set_size, $piece_bytes) = (0x5414, 16384);    # TIOCSWINSZ in <asm-generic/ioctls.h>, the same for x86-64 and ARM

# Until the input or the terminal ends, or one of those that are listened to besides says so: pairs of descriptor and what is done when it can
# be read, which is false at the end. A signal is looked after by its handler.
sub relay {
    my ($terminal, @besides) = @_;
    my ($shown, $typed) = ('', '');
    unhurried($_) for *STDIN, *STDOUT, $terminal;
    while (1) {
        my ($readable, $writable) = ('', '');
        vec($readable, $_->[0], 1) = 1 for @besides;
        vec($readable, 0, 1) = 1 if !length $typed;
        vec($writable, fileno $terminal, 1) = 1 if length $typed;
        # Nothing more is taken from the program than the reader has taken.
        if   (length $shown) { vec($writable, 1, 1) = 1 }
        else                 { vec($readable, fileno $terminal, 1) = 1 }
        next if select($readable, $writable, undef, undef) < 0;
        if (vec($writable, 1, 1))                { give(*STDOUT,   \$shown) or return }
        if (vec($writable, fileno $terminal, 1)) { give($terminal, \$typed) or return }
        if (vec($readable, fileno $terminal, 1)) { take($terminal, \$shown) or return }    # EIO: nobody holds the other side any more
        if (vec($readable, 0, 1))                { take(*STDIN,    \$typed) or return }
        for (@besides) { next if !vec($readable, $_->[0], 1); $_->[1]->() or return }
    }
}

sub unhurried { my ($handle) = @_; fcntl($handle, Fcntl::F_SETFL(), fcntl($handle, Fcntl::F_GETFL(), 0) | Fcntl::O_NONBLOCK()) }

# False at the end.
sub take {
    my ($handle, $into) = @_;
    my $taken = sysread($handle, $$into, $piece_bytes, length $$into);
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
    my ($terminal, $columns, $rows) = @_;
    my $size = pack('S4', $rows, $columns, 0, 0);
    ioctl($terminal, $set_size, $size);
}

1;
