#!/usr/bin/perl
# Asks the management console of a user-mode-linux: mconsole.pl PID SOCKET COMMAND. Prints `ok ANSWER` or `refused REASON`.
#
# The kernel answers to the sender's address, a path: so the question is put from where the emulator sees the same paths.

use strict;
use warnings;
use Cwd ();
use File::Basename ();
use Socket ();
require(File::Basename::dirname(Cwd::abs_path(__FILE__)) . "/../syscalls.pl");

our %clone;
my ($pid, $socket, $command) = @ARGV;
my ($magic, $version, $bytes_max, $seconds_max) = (0xcafebabe, 2, 511, 15);
my @owner = (stat "/proc/$pid")[4, 5];
my $mounts = handle_of("/proc/$pid/ns/mnt");
call('setns', fileno $mounts, $clone{new_mounts});
chdir '/' or die "/: $!\n";
my $own = "/control/asked-$$";
socket(my $channel, Socket::PF_UNIX(), Socket::SOCK_DGRAM(), 0) or die "socket: $!\n";
bind($channel, Socket::pack_sockaddr_un($own)) or die "$own: $!\n";
$SIG{ALRM} = sub { unlink $own; die "no answer\n" };
alarm $seconds_max;
my ($refused, $answer) = eval { converse() };
my $reason = $@;
unlink $own;
die $reason if $reason ne '';
print $refused ? 'refused ' : 'ok ', $answer, "\n";

sub converse {
    chown @owner, $own;
    my $request = pack('LLLa512', $magic, $version, length $command, substr($command, 0, $bytes_max));
    defined send($channel, $request, 0, Socket::pack_sockaddr_un($socket)) or die "$socket: $!\n";
    my ($error, $more, $text) = (0, 1, '');
    while ($more) {
        defined recv($channel, my $reply, 1024, 0) or die "$socket: $!\n";
        ($error, $more, my $length, my $piece) = unpack('LLLa*', $reply);
        $text .= substr($piece, 0, $length);
    }
    $text =~ s/\0//g;
    return ($error, $text);
}
