/* SPDX-License-Identifier: ISC */
/* What the sandbox shall stop. */
#include "sandbox_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <base/compiler.h>
#include <host/process.h>

/* What a system call that is not followed up has led to. */
static int outcome(long r)
{
    return r < 0 ? FAILED : WENT_WELL;
}

/* --- what nobody of ours does ------------------------------------------------- */

int try_exec(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return FAILED;
}

static int try_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return outcome(pid);
}

static int try_tcp(void)
{
    return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_netlink(void)
{
    return outcome(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int try_inet_pair(void)
{
    int fd[2];

    /* EOPNOTSUPP without a sandbox: Linux has no such pairs. */
    return socketpair(AF_INET, SOCK_STREAM, 0, fd) ? FAILED : WENT_WELL;
}

/* One end could send to any name in the file system. */
static int try_datagrams(void)
{
    int fd[2];

    return socketpair(AF_UNIX, SOCK_DGRAM, 0, fd) ? FAILED : WENT_WELL;
}

/* The kernel would send signals to somebody in our name. */
static int try_owner(void)
{
    int fd[2];

    if (pipe2(fd, O_CLOEXEC))
        return ODD;
    return fcntl(fd[0], F_SETOWN, somebody) ? FAILED : WENT_WELL;
}

static int try_users_priority(void)
{
    return setpriority(PRIO_USER, 0, 0) ? FAILED : WENT_WELL;
}

static int try_ptrace_me(void)
{
    return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_ptrace_poke(void)
{
    return outcome(ptrace(PTRACE_POKEDATA, somebody, NULL, NULL));
}

static int try_write_memory(void)
{
    char byte = 0;
    struct iovec v = {&byte, 1};

    return outcome(syscall(SYS_process_vm_writev, getpid(), &v, 1, &v, 1, 0));
}

static int try_kill_all(void)
{
    return outcome(kill(-getpid(), 0));
}

static int try_mount(void)
{
    return outcome(syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL));
}

static int try_module(void)
{
    return outcome(syscall(SYS_finit_module, -1, "", 0));
}

static int try_bpf(void)
{
    return outcome(syscall(SYS_bpf, 0, NULL, 0));
}

static int try_setuid(void)
{
    return outcome(setuid(getuid()));
}

static int try_unshare(void)
{
    return outcome(syscall(SYS_unshare, 0));
}

static int try_io_uring(void)
{
    return outcome(syscall(SYS_io_uring_setup, 0, NULL));
}

static int try_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0) == MAP_FAILED
               ? FAILED
               : WENT_WELL;
}

static int try_make_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return outcome(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int try_raise_limit(void)
{
    struct rlimit rl = {0, 0};

    return outcome(setrlimit(RLIMIT_CORE, &rl));
}

static int try_type(void)
{
    return outcome(ioctl(loose, TIOCSTI, "x"));
}

static int try_int80(void)
{
    long r = 20; /* getpid of the 32-bit ABI */

    __asm__ volatile("int $0x80" : "+a"(r) : : "memory");
    return outcome(r);
}

static int try_x32(void)
{
    return syscall(0x40000000 | SYS_getpid) < 0 ? FAILED : WENT_WELL;
}

static int try_abstract(void)
{
    struct sockaddr_un sa;
    socklen_t len = abstract_address(&sa);

    return outcome(connect(loose, (struct sockaddr *)&sa, len));
}

/* --- files ----------------------------------------------------------------------- */

static int open_as(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EACCES || errno == EPERM ? FAILED : ODD;
    close(fd);
    return WENT_WELL;
}

static int try_passwd(void)
{
    return open_as("/etc/passwd", O_RDONLY);
}

static int try_shadow(void)
{
    return open_as("/etc/shadow", O_RDONLY);
}

static int try_outside(void)
{
    return open_as("/tmp", O_TMPFILE | O_WRONLY);
}

static int try_own_memory(void)
{
    return open_as("/proc/self/mem", O_RDWR);
}

static int try_through_link(void)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/link", sandbox_dir);
    return open_as(path, O_RDONLY);
}

static int try_parents_memory(void)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/mem", somebody);
    return open_as(path, O_RDONLY);
}

static int try_signal_parent(void)
{
    if (landlock < 6)
        return FAILED; /* this kernel cannot tell */
    return outcome(kill(somebody, 0));
}

static int try_read_parent(void)
{
    char c;

    return process_read_memory(somebody, (uintptr_t)sandbox_dir, &c, 1) == 1
               ? WENT_WELL
               : FAILED;
}

const struct attempt attempts[] = {
    {"exec", try_exec, WENT_WELL, DIES},
    {"fork", try_fork, WENT_WELL, DIES},
    {"a TCP socket", try_tcp, WENT_WELL, DIES},
    {"a netlink socket", try_netlink, WENT_WELL, DIES},
    {"a pair of AF_INET", try_inet_pair, FAILED, DIES},
    {"a pair of datagram sockets", try_datagrams, WENT_WELL, DIES},
    {"an owner of signals", try_owner, WENT_WELL, DIES},
    {"the priority of a user's processes", try_users_priority, ODD, DIES},
    {"ptrace: to be traced", try_ptrace_me, WENT_WELL, DIES},
    {"ptrace: to write", try_ptrace_poke, FAILED, DIES},
    {"process_vm_writev", try_write_memory, WENT_WELL, DIES},
    {"a signal to a group", try_kill_all, FAILED, DIES},
    {"mount", try_mount, FAILED, DIES},
    {"a module", try_module, FAILED, DIES},
    {"bpf", try_bpf, FAILED, DIES},
    {"setuid", try_setuid, WENT_WELL, DIES},
    {"unshare", try_unshare, WENT_WELL, DIES},
    {"io_uring", try_io_uring, FAILED, DIES},
    {"mmap of code", try_code, WENT_WELL, DIES},
    {"mprotect to code", try_make_code, WENT_WELL, DIES},
    {"setting a limit", try_raise_limit, WENT_WELL, DIES},
    {"typing into a terminal", try_type, FAILED, DIES},
    {"int80", try_int80, ODD, DIES},
    {"x32", try_x32, ODD, DIES},
    {"connecting to an abstract socket", try_abstract, WENT_WELL, DIES},
};

const struct attempt file_attempts[] = {
    {"/etc/passwd", try_passwd, WENT_WELL, FAILED},
    {"/etc/shadow", try_shadow, ODD, FAILED},
    {"a file beside ours", try_outside, WENT_WELL, FAILED},
    {"writing our memory", try_own_memory, WENT_WELL, FAILED},
    {"a link that leads outside", try_through_link, WENT_WELL, FAILED},
    {"memory of somebody else's process, by /proc", try_parents_memory, ODD,
     FAILED},
    {"memory of somebody else's process", try_read_parent, ODD, FAILED},
    {"signal to somebody else", try_signal_parent, WENT_WELL, FAILED},
};

const size_t nr_attempts = ARRAY_SIZE(attempts);
const size_t nr_file_attempts = ARRAY_SIZE(file_attempts);
