#!/usr/bin/perl
# Waits until ports answer: answers.pl ADDRESS:PORT …, in the network where it runs. Prints each as soon as it does: port 22 when its greeting has come.

use strict;
use warnings;
use Errno ();
use Fcntl ();
use Socket;
use Time::HiRes 'time';

$| = 1;
my ($unanswered_seconds, $silent_seconds, $pause_seconds) = (0.3, 5, 0.005);
my %asked = map { $_ => undef } @ARGV;

while (%asked) {
    my $wanted = '';
    for my $name (keys %asked) {
        my $call = $asked{$name} //= call($name);
        vec($wanted, fileno $call->{socket}, 1) = 1;
    }
    select(my $readable = $wanted, my $writable = $wanted, undef, $pause_seconds);
    select(undef, undef, undef, $pause_seconds);
    for my $name (keys %asked) {
        my $call      = $asked{$name};
        my $connected = getpeername $call->{socket};
        my $answered  = $name =~ /:22$/ ? $connected && sysread($call->{socket}, my $greeting, 64) : $connected;
        if ($answered) { print "$name\n"; delete $asked{$name} }
        elsif (time - $call->{begun} > ($connected ? $silent_seconds : $unanswered_seconds) || ($connected && !$!{EAGAIN})) { $asked{$name} = undef }
    }
}

sub call {
    my ($name) = @_;
    my ($address, $port) = split /:/, $name;
    socket(my $socket, PF_INET, SOCK_STREAM, 6) or die "socket: $!\n";
    fcntl($socket, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK()) or die "fcntl: $!\n";
    connect($socket, sockaddr_in($port, inet_aton($address)));
    return { socket => $socket, begun => time };
}
