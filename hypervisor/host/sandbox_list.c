/* SPDX-License-Identifier: ISC */
/*
 * The system calls of a daemon that serves. What it does once, at its start
 * (sockets, processes, threads), is done before the list counts; new processes
 * are another one's work (starter.c).
 *
 * Those without a test cost nothing to speak of: Linux keeps a bitmap of the
 * numbers that a filter lets through whatever the arguments. So calls of every
 * event have no test.
 */
#include "sandbox_list.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <asm/ioctls.h>
#include <base/compiler.h>

#define ALLOW(c)  .name = #c, .nr = SYS_##c, .verdict = SANDBOX_ALLOW
#define IF(c)     .name = #c, .nr = SYS_##c, .verdict = SANDBOX_IF_ALL
#define DEADLY(c) .name = #c, .nr = SYS_##c, .verdict = SANDBOX_DEADLY

#define COUNT(...) (sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
#define ONE_OF(...)                                                            \
    .test = SANDBOX_ONE_OF, .nr_values = COUNT(__VA_ARGS__),                   \
    .values = {__VA_ARGS__}
#define NO_BIT(bits) .test = SANDBOX_NONE_OF_BITS, .values = {bits}
#define POSITIVE     .test = SANDBOX_POSITIVE
#define ZERO         .test = SANDBOX_ZERO

const struct sandbox_call sandbox_list[] = {
    /* No code but what has been there at the start. */
    {IF(mmap), .arg = {{.n = 2, NO_BIT(PROT_EXEC)}}},
    {IF(mprotect), .arg = {{.n = 2, NO_BIT(PROT_EXEC)}}},
    {ALLOW(munmap)},
    {ALLOW(mremap)},
    {ALLOW(madvise)},
    {ALLOW(brk)},
    {ALLOW(memfd_create)},

    /* Descriptors. */
    {ALLOW(read)},
    {ALLOW(write)},
    {ALLOW(readv)},
    {ALLOW(writev)},
    {ALLOW(pread64)},
    {ALLOW(pwrite64)},
    {ALLOW(lseek)},
    {ALLOW(close)},
    {ALLOW(close_range)},
    {ALLOW(dup)},
    {ALLOW(dup2)},
    {ALLOW(dup3)},
    /* Not F_SETOWN, F_SETSIG: they have the kernel signal somebody else. */
    {IF(fcntl), .arg = {{.n = 1,
                         ONE_OF(F_GETFD, F_SETFD, F_GETFL, F_SETFL,
                                F_DUPFD_CLOEXEC, F_ADD_SEALS, F_SETPIPE_SZ)}}},
    {ALLOW(ftruncate)},
    {ALLOW(fstat)},
    {ALLOW(newfstatat)},
    {ALLOW(fchmod)},
    {ALLOW(flock)},
    {ALLOW(fsync)},
    {ALLOW(fdatasync)},
    {ALLOW(pipe2)},
    {ALLOW(eventfd2)},
    {ALLOW(epoll_create1)},
    {ALLOW(epoll_ctl)},
    {ALLOW(epoll_wait)},
    {ALLOW(epoll_pwait)},
    {ALLOW(poll)},
    {ALLOW(ppoll)},
    {ALLOW(timerfd_create)},
    {ALLOW(timerfd_settime)},
    {ALLOW(signalfd4)},
    /* A terminal's modes and its other end. TIOCSTI would type for others. */
    {IF(ioctl), .arg = {{.n = 1,
                         ONE_OF(TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCSPTLCK,
                                TIOCGPTN, TIOCGWINSZ, TIOCSWINSZ)}}},

    /* Names: landlock.c says which. */
    {ALLOW(openat)},
    {ALLOW(readlink)},
    {ALLOW(readlinkat)},
    {ALLOW(getdents64)},
    {ALLOW(mkdir)},
    {ALLOW(rename)},
    {ALLOW(unlink)},
    {ALLOW(rmdir)},
    {ALLOW(chdir)},

    /* Sockets that are there; pairs for zygotes. Not of datagrams: one of these
     * can be sent from to any name in the file system. */
    {IF(socketpair),
     .arg = {{.n = 0, ONE_OF(AF_UNIX)},
             {.n = 1,
              ONE_OF(SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK)}}},
    {ALLOW(accept4)},
    {ALLOW(recvmsg)},
    {ALLOW(sendmsg)},
    {ALLOW(recvfrom)},
    {ALLOW(sendto)},
    {ALLOW(getsockopt)},
    {ALLOW(shutdown)},

    /* Domains' processes: looked at, stopped, ended, never changed. No groups
     * of processes (0, negative). */
    {IF(kill), .arg = {{.n = 0, POSITIVE}}},
    {ALLOW(wait4)},
    {ALLOW(waitid)},
    {ALLOW(pidfd_open)},
    {ALLOW(process_vm_readv)},
    {IF(ptrace), .arg = {{.n = 0,
                          ONE_OF(PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_GETREGS,
                                 PTRACE_DETACH)}}},
    {ALLOW(sched_getaffinity)},
    {ALLOW(sched_setaffinity)},
    {ALLOW(getpriority)},
    {IF(setpriority), .arg = {{.n = 0, ONE_OF(PRIO_PROCESS)}}},

    /* This process and its threads. */
    {ALLOW(futex)},
    {ALLOW(sched_yield)},
    {ALLOW(restart_syscall)},
    {ALLOW(rt_sigreturn)},
    {ALLOW(rt_sigaction)},
    {ALLOW(rt_sigprocmask)},
    {ALLOW(sigaltstack)},
    {IF(tgkill), .arg = {{.n = 0, POSITIVE}}}, /* abort() */
    {ALLOW(getpid)},
    {ALLOW(gettid)},
    {ALLOW(getuid)},
    {ALLOW(geteuid)},
    {ALLOW(clock_gettime)},
    {ALLOW(clock_getres)},
    {ALLOW(clock_nanosleep)},
    {ALLOW(gettimeofday)},
    {ALLOW(getrandom)},
    {ALLOW(uname)},
    {ALLOW(sysinfo)},
    {ALLOW(getrlimit)},
    {IF(prlimit64), .arg = {{.n = 2, ZERO}}}, /* asked for, not set */
    {IF(prctl), .arg = {{.n = 0, ONE_OF(PR_SET_NAME)}}},
    {ALLOW(set_robust_list)}, /* these two: a thread that begins */
    {ALLOW(rseq)},
    {IF(seccomp), .arg = {{.n = 0, ONE_OF(SECCOMP_GET_ACTION_AVAIL)}}},
    {ALLOW(exit)},
    {ALLOW(exit_group)},

    /* Nothing of ours asks for these: whoever does has broken in. */
    {DEADLY(execve)},
    {DEADLY(execveat)},
    {DEADLY(fork)},
    {DEADLY(vfork)},
    {DEADLY(clone)},
    {DEADLY(clone3)},
    {DEADLY(socket)},
    {DEADLY(connect)},
    {DEADLY(bind)},
    {DEADLY(listen)},
    {DEADLY(process_vm_writev)},
    {DEADLY(process_madvise)},
    {DEADLY(pidfd_getfd)},
    {DEADLY(pidfd_send_signal)},
    {DEADLY(tkill)},
    {DEADLY(rt_sigqueueinfo)},
    {DEADLY(rt_tgsigqueueinfo)},
    {DEADLY(kcmp)},
    {DEADLY(setuid)},
    {DEADLY(setgid)},
    {DEADLY(setreuid)},
    {DEADLY(setregid)},
    {DEADLY(setresuid)},
    {DEADLY(setresgid)},
    {DEADLY(setfsuid)},
    {DEADLY(setfsgid)},
    {DEADLY(setgroups)},
    {DEADLY(capset)},
    {DEADLY(unshare)},
    {DEADLY(setns)},
    {DEADLY(chroot)},
    {DEADLY(pivot_root)},
    {DEADLY(mount)},
    {DEADLY(umount2)},
    {DEADLY(open_tree)},
    {DEADLY(move_mount)},
    {DEADLY(fsopen)},
    {DEADLY(fsconfig)},
    {DEADLY(fsmount)},
    {DEADLY(fspick)},
    {DEADLY(mount_setattr)},
    {DEADLY(swapon)},
    {DEADLY(swapoff)},
    {DEADLY(init_module)},
    {DEADLY(finit_module)},
    {DEADLY(delete_module)},
    {DEADLY(kexec_load)},
    {DEADLY(kexec_file_load)},
    {DEADLY(reboot)},
    {DEADLY(bpf)},
    {DEADLY(perf_event_open)},
    {DEADLY(userfaultfd)},
    {DEADLY(io_uring_setup)},
    {DEADLY(io_uring_enter)},
    {DEADLY(io_uring_register)},
    {DEADLY(keyctl)},
    {DEADLY(add_key)},
    {DEADLY(request_key)},
    {DEADLY(open_by_handle_at)},
    {DEADLY(name_to_handle_at)},
    {DEADLY(mknod)},
    {DEADLY(mknodat)},
    {DEADLY(symlink)},
    {DEADLY(symlinkat)},
    {DEADLY(link)},
    {DEADLY(linkat)},
    {DEADLY(chmod)},
    {DEADLY(fchmodat)},
    {DEADLY(chown)},
    {DEADLY(fchown)},
    {DEADLY(lchown)},
    {DEADLY(fchownat)},
    {DEADLY(acct)},
    {DEADLY(quotactl)},
    {DEADLY(settimeofday)},
    {DEADLY(clock_settime)},
    {DEADLY(clock_adjtime)},
    {DEADLY(adjtimex)},
    {DEADLY(sethostname)},
    {DEADLY(setdomainname)},
    {DEADLY(iopl)},
    {DEADLY(ioperm)},
    {DEADLY(modify_ldt)},
    {DEADLY(personality)},
    {DEADLY(syslog)},
    {DEADLY(vhangup)},
    {DEADLY(pkey_mprotect)},
    {DEADLY(remap_file_pages)},
    {DEADLY(shmget)},
    {DEADLY(shmat)},
    {DEADLY(setrlimit)},
};

const size_t sandbox_list_size = ARRAY_SIZE(sandbox_list);
