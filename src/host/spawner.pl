#!/usr/bin/perl -w
# Runs programs for Haneul, whose own process is large: to fork it takes five to fifty milliseconds in which it does nothing else. This one
# is small. It reads requests from its standard input, writes what came of each to its standard output, and ends when Haneul does; what it
# has started goes on.
#
# A message is its length (32 bits, big end first) and its parts, each with its length before it.
# Request: number, kind, milliseconds, bytes of output at most, network namespace, log, input, environment, arguments.
# Answer: number, ending, standard output, standard error.
#
# `run` runs a program to its end. `outlive` starts one in a session of its own, which writes into the log; what it says to descriptor 3 is the
# answer. `listen` opens a socket (protocol, address, port) and hands it over on descriptor 3, as Node's processes hand them to each other.

use strict;
use Time::HiRes ();
my ($home) = __FILE__ =~ m{\A(/.*)/} or die "this program is called by its whole path\n";
require "$home/machines/syscalls.pl";
our %clone;

# Beyond this many at one time the next ones wait: select takes 1024 descriptors, and each has up to five.
my $at_once_max = 128;
my ($new_network, $piece) = ($clone{new_network}, 65536);
my %jobs;
my $heard = '';

# Descriptor 3 is the way of sockets; what outlives this has another under that number.
my $way = 3;
open(my $sockets, '+<&=', $way) or die "descriptor 3: $!\n";
fcntl($sockets, 2, 1) or die "descriptor 3: $!\n";    # F_SETFD, FD_CLOEXEC

# Who stops Haneul from a terminal or as a service stops the whole group; it may need programs to end well.
$SIG{$_} = 'IGNORE' for qw(INT TERM HUP QUIT PIPE);
for (;;) {
    my ($read, $write, $first) = ('', '');
    vec($read, 0, 1) = 1 if keys %jobs < $at_once_max;
    vec($read, $way, 1) = 1;
    for my $job (values %jobs) {
        vec($read, fileno $_, 1) = 1 for values %{ $job->{reading} };
        vec($read, $job->{ended}, 1) = 1 if defined $job->{ended};
        vec($write, fileno $job->{to}, 1) = 1 if $job->{to};
        $first = $job->{until} if !$job->{killed} && (!defined $first || $job->{until} < $first);
    }
    my $wait = defined $first ? $first - Time::HiRes::time() : undef;
    $wait = 0 if defined $wait && $wait < 0;
    next if select($read, $write, undef, $wait) < 0;
    for my $job (values %jobs) { attend($job, $read, $write) }
    hear() if vec($read, 0, 1);
    hear_thanks() if vec($read, $way, 1);
}

# Each socket is acknowledged, of which nobody here needs to know.
sub hear_thanks { exit 0 if !sysread $sockets, my $thanks, $piece }

sub hear {
    my $count = sysread STDIN, $heard, $piece, length $heard;
    exit 0 if !$count;
    while (length $heard >= 4 && length $heard >= 4 + unpack 'N', $heard) {
        my $message = substr($heard, 4, unpack 'N', $heard);
        substr($heard, 0, 4 + length $message) = '';
        begin(unpack '(N/a*)*', $message);
    }
}

sub begin {
    my ($number, $kind, $milliseconds, $bytes_max, $network, $log, $input, $environment, @arguments) = @_;
    my %job = (number => $number, bytes_max => $bytes_max, input => $input, until => Time::HiRes::time() + $milliseconds / 1000, out => '', error => '');
    my $begun = eval {
        my (%mine, %its);
        # The last tells why it could not be executed, and closes when it has been.
        for my $name (qw(out error failure)) { pipe($mine{$name}, $its{$name}) or die "pipe: $!\n" }
        pipe($its{in}, $mine{in}) or die "pipe: $!\n";
        $job{pid} = fork() // die "fork: $!\n";
        become(\%its, { kind => $kind, network => $network, log => $log, environment => $environment, arguments => \@arguments, number => $number }) if !$job{pid};
        $job{ended} = call('pidfd_open', $job{pid}, 0);
        $job{reading} = { map { $_ => $mine{$_} } qw(out error failure) };
        $job{to} = $mine{in} if $input ne '';
        1;
    };
    return answer($number, "failed $@", '', '') if !$begun;
    $jobs{$number} = \%job;
}

# The child's part: it never returns.
sub become {
    my ($its, $given) = @_;
    eval {
        # Its parent is then the one that all orphans have.
        if ($given->{kind} eq 'outlive' && (fork() // die "fork: $!\n")) { exit_at_once(0) }
        call('setns', fileno handle_of($given->{network}), $new_network) if $given->{network} ne '';
        hand_over_socket($given->{number}, @{ $given->{arguments} }) if $given->{kind} eq 'listen';
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP QUIT PIPE);
        set_apart($its, $given->{log}) if $given->{kind} eq 'outlive';
        open(STDIN, '<&', $its->{in}) or die "standard input: $!\n";
        open(STDOUT, '>&', $its->{out}) or die "standard output: $!\n";
        open(STDERR, '>&', $its->{error}) or die "standard error: $!\n";
        %ENV = map { /\A([^=]*)=(.*)\z/s } split /\0/, $given->{environment};
        exec { $given->{arguments}[0] } @{ $given->{arguments} };
        die "$!\n";
    };
    syswrite $its->{failure}, $@;
    exit_at_once(127);
}

sub set_apart {
    my ($its, $log) = @_;
    call('setsid');
    chdir '/' or die "/: $!\n";
    call('dup3', fileno $its->{out}, 3, 0);
    open($its->{in}, '<', '/dev/null') or die "/dev/null: $!\n";
    open($its->{out}, '>>', $log) or die "$log: $!\n";
    $its->{error} = $its->{out};
}

sub hand_over_socket {
    my ($number, $protocol, $address, $port) = @_;
    my $is_tcp = $protocol eq 'tcp';
    # AF_INET; SOCK_STREAM, SOCK_DGRAM. SOL_SOCKET, SO_REUSEADDR: an address may be taken again at once, as Node's servers do.
    socket(my $socket, 2, $is_tcp ? 1 : 2, 0) or die "socket: $!\n";
    setsockopt($socket, 1, 2, pack 'l', 1) or die "socket: $!\n" if $is_tcp;
    my $place = pack('S n a4 x8', 2, $port, pack 'C4', split /\./, $address);
    bind($socket, $place) or die "bind: $!\n";
    listen($socket, 511) or die "listen: $!\n" if $is_tcp;
    my $type = $is_tcp ? '"type":"net.Server"' : '"type":"dgram.Socket","dgramType":"udp4"';
    my $words = qq({"cmd":"NODE_HANDLE",$type,"msg":$number}\n);
    my $rights = pack('Q l l l x4', 20, 1, 1, fileno $socket);    # SOL_SOCKET, SCM_RIGHTS
    my $vector = pack('P Q', $words, length $words);
    my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $rights, length $rights, 0);
    call('sendmsg', $way, $message, 0);
    exit_at_once(0);
}

# Without what perl does at an end: it would write again what is buffered for others.
sub exit_at_once { call('exit_group', $_[0]) }

sub attend {
    my ($job, $read, $write) = @_;
    if ($job->{to} && vec($write, fileno $job->{to}, 1)) {
        # As much as always fits into a pipe that takes anything. A program that does not read its input has its reasons.
        my $count = syswrite $job->{to}, $job->{input}, 4096;
        substr($job->{input}, 0, $count // length $job->{input}) = '';
        delete $job->{to} if $job->{input} eq '';
    }
    for my $name (keys %{ $job->{reading} }) {
        my $handle = $job->{reading}{$name};
        next if !vec($read, fileno $handle, 1);
        my $count = sysread $handle, $job->{$name}, $piece, length($job->{$name} //= '');
        delete $job->{reading}{$name} if !$count;
    }
    stop($job, 'bytes') if length($job->{out}) + length($job->{error}) > $job->{bytes_max};
    stop($job, 'time') if Time::HiRes::time() >= $job->{until};
    if (defined $job->{ended} && vec($read, $job->{ended}, 1)) {
        waitpid $job->{pid}, 0;
        $job->{status} = $?;
        call('close', delete $job->{ended});
    }
    # One that was killed may have left others that hold its pipes.
    finish($job) if !defined $job->{ended} && ($job->{killed} || !%{ $job->{reading} });
}

sub stop {
    my ($job, $why) = @_;
    return if $job->{killed};
    $job->{killed} = $why;
    kill 'KILL', $job->{pid} if defined $job->{ended};
}

sub finish {
    my ($job) = @_;
    delete $jobs{ $job->{number} };
    my $status = $job->{status};
    my $ending = $job->{killed} // (($job->{failure} // '') ne '' ? "failed $job->{failure}" : $status & 127 ? 'signal ' . ($status & 127) : 'code ' . ($status >> 8));
    answer($job->{number}, $ending, $job->{out}, $job->{error});
}

sub answer {
    my $message = pack '(N/a*)*', @_;
    $message = pack('N', length $message) . $message;
    while ($message ne '') {
        my $count = syswrite(STDOUT, $message) // exit 0;
        substr($message, 0, $count) = '';
    }
}
