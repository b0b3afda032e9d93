# The root that an emulator sees: the host's programs, devices that it needs, its own disks, and nothing to write but memory. %given says which.

use strict;
use warnings;

our %given;
my ($private_below, $bind, $read_only_again, $recursive) = (0x4000 | 0x80000, 0x1000, 0x1021, 0x4000);
my ($no_suid, $no_dev, $no_exec) = (2, 4, 8);
my ($detach, $working_directory) = (2, -100);
my $is_in_sky = -e '/run/haneul-sky/network';
# There what lies mounted below cannot be left away.
my $tree = $is_in_sky ? $bind | $recursive : $bind;

# In a mount namespace of its own that nobody else is in.
sub enter_jail {
    my $root = "$given{run}/jail";
    mount('none', '/', '', $private_below);
    mount('tmpfs', $root, 'tmpfs', $no_suid, 'mode=755,size=1m');
    mkdir "$root/$_", 0755 or die "$root/$_: $!\n" for qw(usr dev proc tmp etc control volumes old);
    mount('/usr', "$root/usr", '', $tree);
    mount('none', "$root/usr", '', $read_only_again | $no_suid | $no_dev);
    for my $name (qw(bin sbin lib lib32 lib64 libx32)) {
        if (-l "/$name") { symlink(readlink "/$name", "$root/$name") or die "$root/$name: $!\n" }
        elsif (-d "/$name") {
            mkdir "$root/$name", 0755;
            mount("/$name", "$root/$name", '', $tree);
            mount('none', "$root/$name", '', $read_only_again | $no_suid | $no_dev);
        }
    }
    show_file('/etc/ld.so.cache', "$root/etc/ld.so.cache") if -e '/etc/ld.so.cache';
    make_devices("$root/dev");
    mount('proc', "$root/proc", 'proc', $no_suid | $no_dev | $no_exec);
    mount('tmpfs', "$root/tmp", 'tmpfs', $no_suid | $no_dev, "mode=700,uid=$given{user},gid=$given{user},size=$given{memory}");
    mount("$given{run}/control", "$root/control", '', $bind);
    my @shown = split /\0/, read_file("$given{directory}/shown");
    while (my ($name, $path) = splice @shown, 0, 2) { show_file($path, "$root/$name") }
    chdir $root or die "$root: $!\n";
    my ($new, $old) = ('.', 'old');
    call('pivot_root', $new, $old);
    chdir '/' or die "/: $!\n";
    my $gone = '/old';
    call('umount2', $gone, $detach);
    rmdir '/old';
}

sub show_file {
    my ($path, $place) = @_;
    open(my $file, '>', $place) or die "$place: $!\n";
    close $file;
    return put_mount(device_mount($path), $place) if -b $path;
    mount($path, $place, '', $bind);
}

sub make_devices {
    my ($directory) = @_;
    mkdir "$directory/net", 0755;
    my %numbers = (null => [1, 3], zero => [1, 5], full => [1, 7], random => [1, 8], urandom => [1, 9], 'net/tun' => [10, 200]);
    $numbers{kvm} = [10, 232] if -e '/dev/kvm';
    umask 0;
    for my $name (sort keys %numbers) {
        # In namespaces of an ordinary user none is made: those of the host are shown.
        if ($is_in_sky) { show_file("/dev/$name", "$directory/$name"); next }
        my ($major, $minor) = @{ $numbers{$name} };
        my $path = "$directory/$name";
        call('mknodat', $working_directory, $path, 0020666, $major << 8 | $minor);
    }
    umask 077;
    mkdir "$directory/shm", 0755;
}

sub mount {
    my ($source, $target, $type, $flags, $options) = @_;
    $options //= '';
    call('mount', $source, $target, $type, $flags, $options);
}

1;
