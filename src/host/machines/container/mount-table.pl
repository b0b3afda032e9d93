# What is mounted in the namespace of a process, by the mounts' numbers.

use strict;

sub mounts_of {
    my ($pid) = @_;
    my %mounts;
    for (split /\n/, read_file("/proc/$pid/mountinfo")) {
        my ($before, $after) = split / - /, $_, 2;
        my ($id, undef, $device, undef, $point) = split / /, $before;
        $point =~ s/\\([0-7]{3})/chr oct $1/ge;
        $mounts{$id} = { id => $id, device => $device, point => $point, type => (split / /, $after)[0] };
    }
    return \%mounts;
}

1;

