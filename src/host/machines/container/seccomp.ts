/** The system calls that a container may make: what is not named here is refused. */

/** Refused although programs ask for it, with "no such call", so that they fall back to what is allowed. */
const absent = ['clone3', 'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'userfaultfd', 'landlock_create_ruleset'];

const files = `access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir
  fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate
  futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lchown lgetxattr link
  linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pipe
  pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir
  sendfile setxattr splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat
  utimes write writev chroot`;

const memory = `brk madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap
  pkey_alloc pkey_free pkey_mprotect remap_file_pages cachestat map_shadow_stack mseal get_mempolicy set_mempolicy mbind`;

const processes = `alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_waitv futex_wake futex_wait futex_requeue
  get_robust_list getcpu getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid
  getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill nanosleep pause pidfd_open pidfd_send_signal prctl prlimit64 ptrace
  restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp set_robust_list
  set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid
  setuid sigaltstack signalfd signalfd4 sysinfo tgkill time times tkill uname vfork vhangup wait4 waitid reboot sethostname setdomainname`;

const waiting = `clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2
  epoll_wait epoll_wait_old eventfd eventfd2 gettimeofday poll ppoll pselect6 select timer_create timer_delete timer_getoverrun
  timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime`;

const messages = `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto
  setsockopt shutdown socketpair mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl
  semget semop semtimedop shmat shmctl shmdt shmget io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit`;

/** A process of the host's decides about these, and does them: mounts.pl. Newer ways to mount do not exist here, so that programs use these. */
const askedFor = ['mount', 'umount2'];
const newerWays = ['fsopen', 'fsconfig', 'fsmount', 'fspick', 'open_tree', 'move_mount', 'mount_setattr'];
/** EXT4_IOC_RESIZE_FS, by which resize2fs lets a mounted file system grow: asked for as well. */
const growFileSystem = 0x40086610;
/** <linux/loop.h>, LOOP_SET_FD and its kin: whoever may open a loop device may take its file away, and the host gives the device to another. */
const loopControls = { first: 0x4c00, last: 0x4cff };

/** Unix, IPv4, IPv6, netlink and packet sockets. AF_VSOCK is not among them: it knows no namespaces and reaches the host. */
const socketFamilies = [1, 2, 10, 16, 17];

/** Those of `personality` that change nothing but how a program sees its own addresses and the kernel's name. */
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** Every flag of `clone` that makes a namespace. */
const namespaceFlags = 0x7e020000;

const ENOSYS = 38;
const EPERM = 1;
const ENOTTY = 25;

type Rule = {
  names: string[];
  action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO' | 'SCMP_ACT_NOTIFY';
  errnoRet?: number;
  args?: { index: number; value: number; valueTwo?: number; op: string }[];
};

export type Seccomp = {
  defaultAction: 'SCMP_ACT_ERRNO';
  defaultErrnoRet: number;
  architectures: string[];
  listenerPath: string;
  syscalls: Rule[];
};

/**
 * The filter as the OCI runtime specification writes it; calls of other architectures than the machine's own are refused.
 * @param door the socket at which calls are asked for.
 */
export function seccompFilter(architecture: 'x86_64' | 'arm64', door: string): Seccomp {
  const allow = (list: string): Rule => ({ names: list.split(/\s+/), action: 'SCMP_ACT_ALLOW' });
  const allowWhen = (name: string, argument: NonNullable<Rule['args']>[number]): Rule => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    args: [argument],
  });
  const request = ({ value, mask }: Block) => ({ index: 1, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' });
  const grows = { first: growFileSystem, last: growFileSystem };
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: [architecture === 'x86_64' ? 'SCMP_ARCH_X86_64' : 'SCMP_ARCH_AARCH64'],
    listenerPath: door,
    syscalls: [
      ...[files, memory, processes, waiting, messages].map(allow),
      ...socketFamilies.map((value) => allowWhen('socket', { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ...personalities.map((value) => allowWhen('personality', { index: 0, value, op: 'SCMP_CMP_EQ' })),
      allowWhen('clone', { index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
      ...blocksOutside([loopControls, grows]).map((block) => allowWhen('ioctl', request(block))),
      { names: ['ioctl'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOTTY, args: [request({ value: loopControls.first, mask: 0xffffff00 })] },
      { names: ['ioctl'], action: 'SCMP_ACT_NOTIFY', args: [request({ value: growFileSystem, mask: 0xffffffff })] },
      { names: askedFor, action: 'SCMP_ACT_NOTIFY' },
      { names: [...absent, ...newerWays], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ],
  };
}

type Span = { first: number; last: number };
/** Numbers that are `value` in the bits of `mask`. */
type Block = { value: number; mask: number };

/** Blocks that hold all numbers of 32 bits but those of some spans: a rule compares one argument once. */
function blocksOutside(spans: readonly Span[], value = 0, bits = 32): Block[] {
  const end = value + 2 ** bits - 1;
  const touching = spans.filter(({ first, last }) => first <= end && last >= value);
  if (touching.length === 0) return [{ value, mask: 2 ** 32 - 2 ** bits }];
  if (bits === 0 || touching.some(({ first, last }) => first <= value && last >= end)) return [];
  return [...blocksOutside(touching, value, bits - 1), ...blocksOutside(touching, value + 2 ** (bits - 1), bits - 1)];
}
