# Serial lines of a machine: each is a socket at which one visitor of the host at a time has the other end of the line.

use strict;
use warnings;
use Fcntl ();
use Socket ();

my $piece_bytes = 65536;

# A line that listens at a path, and the end that is for the emulator.
sub new_line {
    my ($path) = @_;
    unlink $path;
    socket(my $listener, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0) or die "socket: $!\n";
    bind($listener, Socket::pack_sockaddr_un($path)) or die "$path: $!\n";
    listen($listener, 16) or die "$path: $!\n";
    socketpair(my $own, my $end, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0) or die "socketpair: $!\n";
    unblock($own);
    return ({ listener => $listener, machine => $own, visitor => undef, in => '', out => '' }, $end);
}

# One that nobody visits: `heard` is given what the emulator says on it, which is told these words first.
sub new_report {
    my ($words, $heard) = @_;
    socketpair(my $own, my $end, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0) or die "socketpair: $!\n";
    unblock($own);
    return ({ listener => undef, machine => $own, visitor => undef, in => $words, out => '', heard => $heard }, $end);
}

sub unblock { my ($handle) = @_; fcntl($handle, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK()) or die "fcntl: $!\n" }

# What is not passed on yet keeps more from being read.
sub watch_line {
    my ($line, $readable, $writable) = @_;
    my ($machine, $visitor) = @$line{qw(machine visitor)};
    if ($machine) {
        vec($$readable, fileno $machine, 1) = 1 if $line->{out} eq '';
        vec($$writable, fileno $machine, 1) = 1 if $line->{in} ne '';
    }
    if ($visitor) {
        vec($$readable, fileno $visitor, 1) = 1 if $line->{in} eq '';
        vec($$writable, fileno $visitor, 1) = 1 if $line->{out} ne '';
    }
    elsif ($line->{listener}) { vec($$readable, fileno $line->{listener}, 1) = 1 }
}

sub serve_line {
    my ($line, $readable, $writable) = @_;
    my $is = sub { my ($set, $handle) = @_; return $handle && vec($set, fileno $handle, 1) };
    my $visitor = $line->{visitor};
    if (!$visitor && $is->($readable, $line->{listener})) {
        accept($line->{visitor}, $line->{listener}) or return;
        unblock($line->{visitor});
        return;
    }
    if ($is->($readable, $line->{machine})) {
        if (!sysread $line->{machine}, $line->{out}, $piece_bytes) { $line->{machine} = undef }
        $line->{heard}->($line->{out}) if $line->{heard};
        $line->{out} = '' if !$visitor;    # nobody listens
    }
    if ($is->($readable, $visitor) && !sysread $visitor, $line->{in}, $piece_bytes) { return leave($line) }
    if ($is->($writable, $visitor)) { send_on($visitor, \$line->{out}) or return leave($line) }
    if ($is->($writable, $line->{machine})) { send_on($line->{machine}, \$line->{in}) or $line->{in} = '' }
}

sub leave { my ($line) = @_; @$line{qw(visitor in out)} = (undef, '', '') }

sub send_on {
    my ($to, $text) = @_;
    my $count = syswrite $to, $$text;
    return $!{EAGAIN} if !defined $count;
    substr($$text, 0, $count) = '';
    return 1;
}

1;
