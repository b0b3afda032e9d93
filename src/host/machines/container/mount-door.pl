# The door at which a container asks for mounts: the kernel stops its calls of mount and umount2 and hands them over, by seccomp_unotify(2).
#
# Every filter of the container's, that of its first process and of each that was let in later, has a listener, which its runtime sends to a socket
# of ours. What is asked is done by a process of its own, one a filter at a time, so that nothing here waits for a file system.

use strict;

our $refusal;

# <linux/seccomp.h>
my ($receive, $send, $notice_bytes, $response) = (0xC0502100, 0xC0182101, 80, 'Q q l L');
my $hung_up = 0x10;    # POLLHUP
my ($unix, $stream) = (1, 1);    # AF_UNIX, SOCK_STREAM
my $input_output_error = 5;

# Opened before the container starts, given its first process once that is there. Few containers ask for anything, so what is done for them
# is read by the process that does it: from the file that was there at the start, whatever a newer Haneul has put in its place.
sub new_door {
    my ($path, $deeds_path) = @_;
    my $listener = listener_at($path);
    return { listener => $listener, filters => [], deeds => handle_of($deeds_path) };
}

# A socket at which the host's root alone is heard.
sub listener_at {
    my ($path) = @_;
    unlink $path;
    socket(my $listener, $unix, $stream, 0) or die "socket: $!\n";
    my $mask = umask 0177;
    bind($listener, pack('S Z108', $unix, $path)) or die "$path: $!\n";
    umask $mask;
    listen($listener, 64) or die "$path: $!\n";
    return $listener;
}

sub watch_line {
    my ($door, $readable) = @_;
    vec($$readable, fileno $_, 1) = 1 for $door->{listener}, map { $_->{answer} // $_->{notices} } @{ $door->{filters} };
}

sub serve_line {
    my ($door, $readable) = @_;
    for my $filter (@{ $door->{filters} }) {
        next if !vec($readable, fileno($filter->{answer} // $filter->{notices}), 1);
        if   ($filter->{answer}) { end_answer($filter) }
        else                     { begin_answer($door, $filter) or rest() }
    }
    $door->{filters} = [ grep { $_->{notices} } @{ $door->{filters} } ];
    if (vec($readable, fileno $door->{listener}, 1)) {
        accept(my $visitor, $door->{listener}) or return rest();
        my $notices = received_handle($visitor);
        push @{ $door->{filters} }, { notices => $notices } if $notices;
    }
}

# What could not be done is there still, and would be tried without a pause.
sub rest { select(undef, undef, undef, 0.1); return }

# No process of ours is left in the container's namespaces.
sub close_door {
    my ($door) = @_;
    for my $child (grep { defined } map { $_->{child} } @{ $door->{filters} }) {
        kill 'KILL', $child;
        waitpid $child, 0;
    }
}

# The descriptor that comes with a message; what the message says of the container is known here.
sub received_handle {
    my ($socket) = @_;
    my ($text, $control) = ("\0" x 65536, "\0" x 64);
    my $pieces  = pack('Q2', address_of($text), length $text);
    my $message = pack('Q L x4 Q2 Q2 L x4', 0, 0, address_of($pieces), 1, address_of($control), length $control, 0);
    eval { call('recvmsg', fileno $socket, $message, 0x40000000); 1 } or return;    # MSG_CMSG_CLOEXEC
    my ($bytes, $level, $type, $descriptor) = unpack('Q l l l', $control);
    return if $bytes < 20 || $level != 1 || $type != 1;                             # SOL_SOCKET, SCM_RIGHTS
    open(my $handle, '+<&=', $descriptor) or return;
    return $handle;
}

sub address_of { return unpack('Q', pack('P', $_[0])) }

# False when there is no room for it.
sub begin_answer {
    my ($door, $filter) = @_;
    # Nobody is left whom the filter holds: it would be readable for ever.
    if (events_of($filter->{notices}) & $hung_up) { $filter->{notices} = undef; return 1 }
    pipe(my $answer, my $end) or return 0;
    my $child = fork();
    return 0 if !defined $child;
    if (!$child) {
        eval { answer_notice($door, $filter->{notices}, $end) };
        exit 0;
    }
    @$filter{qw(answer child told)} = ($answer, $child, '');
    return 1;
}

sub events_of {
    my ($handle) = @_;
    my ($asked, $at_once) = (pack('i s s', fileno $handle, 1, 0), pack('q2', 0, 0));
    # By its address: the kernel writes into it, and `call` is given copies.
    call('ppoll', address_of($asked), 1, $at_once, 0, 8);
    return (unpack 'i s s', $asked)[2];
}

# Who asked waits for an answer, whatever has become of the process that was to give it.
sub end_answer {
    my ($filter) = @_;
    return if sysread $filter->{answer}, $filter->{told}, 64, length $filter->{told};
    waitpid $filter->{child}, 0;
    respond($filter->{notices}, unpack('Q', $filter->{told}), $input_output_error) if length $filter->{told} == 8;
    # Who asked has gone by itself, or that process was killed before it began.
    rest() if length $filter->{told} < 8;
    @$filter{qw(answer child told)} = ();
}

# Tells the supervisor the notice's number, and one byte more when it has been answered.
sub answer_notice {
    my ($door, $notices, $end) = @_;
    my $notice = "\0" x $notice_bytes;
    ioctl($notices, $receive, $notice) or return;
    my ($id, $caller, undef, $number, undef, undef, @arguments) = unpack('Q L L l L Q Q6', $notice);
    syswrite $end, pack('Q', $id);
    $refusal = $input_output_error;
    my $deeds = '/proc/self/fd/' . fileno $door->{deeds};
    do $deeds or print STDERR "what is done for the container cannot be read: @{[$@ || $!]}\n";
    my $done = eval { act_on({ init => $door->{init}, initial => $door->{initial}, caller => $caller, notices => $notices, id => $id }, $number, @arguments); 1 };
    respond($notices, $id, $done ? 0 : $refusal);
    syswrite $end, '.';
}

# Nothing happens when the one who asked has gone.
sub respond {
    my ($notices, $id, $error) = @_;
    my $answer = pack($response, $id, 0, -$error, 0);
    ioctl($notices, $send, $answer);
}

1;
