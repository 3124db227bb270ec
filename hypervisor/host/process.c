/* SPDX-License-Identifier: ISC */
/* Child processes: starting, watching, collecting, looking into. What happens
 * in the child before exec is in child.c. */
#include <host/process.h>

#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <base/compiler.h>

int process_start(const struct process_spec *spec)
{
    volatile int error = 0;
    sigset_t all, old;
    int pid, status;

    if (spec->nr_fds > PROCESS_MAX_FDS)
        return -EINVAL;
    /* No handler of ours may run in the child, which shares our memory. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    /* posix_spawn() can set neither limits nor no_new_privs, and fork() copies
     * page tables that are large in this program. child.c keeps to what a vfork
     * child may do on Linux. */
    pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
    if (pid == 0)
        child_become(spec, &error); /* NOLINT(clang-analyzer-unix.Vfork) */
    if (pid < 0)
        error = -errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (pid > 0 && error)
        (void)process_wait(pid, true, &status); /* it has ended already */
    return error ? error : pid;
}

int process_signal(int pid, int sig)
{
    /* 0 and negative numbers mean whole groups: never ours to signal. */
    if (pid <= 0)
        return -ESRCH;
    return kill(pid, sig) ? -errno : 0;
}

int process_wait(int pid, bool block, int *status)
{
    int r;

    if (pid <= 0)
        return -ECHILD;
    do {
        r = waitpid(pid, status, block ? 0 : WNOHANG);
    } while (r < 0 && errno == EINTR);
    if (r < 0)
        return -errno;
    return r == pid ? 1 : 0;
}

int process_open(int pid)
{
    long r = syscall(SYS_pidfd_open, pid, 0);

    if (r < 0)
        return -errno;
    return (int)r; /* the kernel makes it CLOEXEC */
}

int process_look(int pid)
{
    siginfo_t si = {0};

    if (pid <= 0)
        return -ECHILD;
    if (waitid(P_PID, (id_t)pid, &si, WSTOPPED | WEXITED | WNOWAIT | WNOHANG))
        return -errno;
    if (!si.si_pid)
        return PROCESS_RUNNING;
    return si.si_code == CLD_STOPPED ? PROCESS_STOPPED : PROCESS_ENDED;
}

int process_set_cpus(int pid, const uint64_t *cpus, unsigned words)
{
    cpu_set_t set;

    if (pid <= 0)
        return -ESRCH;
    CPU_ZERO(&set);
    memcpy(&set, cpus, MIN(sizeof(set), words * sizeof(*cpus)));
    return sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
}

int process_set_nice(int pid, int nice)
{
    if (pid <= 0)
        return -ESRCH;
    return setpriority(PRIO_PROCESS, (id_t)pid, nice) ? -errno : 0;
}

int process_usable_cpus(uint64_t *cpus, unsigned words)
{
    cpu_set_t ours, set;
    int rc = 0;

    if (sched_getaffinity(0, sizeof(ours), &ours))
        return -errno;
    memset(&set, 0xff, sizeof(set));
    if (sched_setaffinity(0, sizeof(set), &set) ||
        sched_getaffinity(0, sizeof(set), &set))
        rc = -errno;
    if (sched_setaffinity(0, sizeof(ours), &ours) && !rc)
        rc = -errno;
    if (rc)
        return rc;
    memset(cpus, 0, words * sizeof(*cpus));
    memcpy(cpus, &set, MIN(sizeof(set), words * sizeof(*cpus)));
    return 0;
}

int process_try_nice(int nice)
{
    int ours, rc = 0;

    errno = 0;
    ours = getpriority(PRIO_PROCESS, 0); /* -1 is a good answer */
    if (errno)
        return -errno;
    if (nice >= ours)
        return 0; /* which could not be taken back, perhaps */
    if (setpriority(PRIO_PROCESS, 0, nice))
        return -errno;
    if (setpriority(PRIO_PROCESS, 0, ours))
        rc = -errno;
    return rc;
}

uint64_t process_cpu_ns(int pid)
{
    struct timespec ts;
    clockid_t id;

    if (pid <= 0 || clock_getcpuclockid(pid, &id) || clock_gettime(id, &ts))
        return 0;
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

size_t process_read_memory(int pid, uint64_t va, void *buf, size_t len)
{
    size_t done = 0;

    if (pid <= 0)
        return 0;
    /* Page by page: a hole ends the copy exactly where it begins. */
    while (done < len) {
        size_t part = 4096 - ((va + done) & 4095);
        struct iovec to, from;
        ssize_t r;

        part = MIN(part, len - done);
        to.iov_base = (char *)buf + done;
        /* An address in the other process, not to be followed here. */
        from.iov_base = (void *)(uintptr_t)(va + done);
        to.iov_len = from.iov_len = part;
        r = process_vm_readv(pid, &to, 1, &from, 1, 0);
        if (r <= 0)
            break;
        done += (size_t)r;
        if ((size_t)r < part)
            break;
    }
    return done;
}

/* Holds (pid), stopped by a signal or not: only a tracee in a stop of its own
 * can be read. Let go, it is as it was. */
static int hold(int pid)
{
    siginfo_t si;
    int r;

    if (pid <= 0)
        return -ESRCH;
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
        return -errno;
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
        return -errno;
    do {
        r = waitid(P_PID, (id_t)pid, &si,
                   WSTOPPED | WEXITED | WNOWAIT | __WALL);
    } while (r < 0 && errno == EINTR);
    return 0;
}

static void let_go(int pid)
{
    (void)ptrace(PTRACE_DETACH, pid, NULL, NULL); /* fails if it has died */
}

int process_read_regs(int pid, struct user_regs_struct *regs)
{
    int rc = hold(pid);

    if (!rc && ptrace(PTRACE_GETREGS, pid, NULL, regs))
        rc = -errno;
    let_go(pid);
    return rc;
}

int process_read_filter(int pid, void *insns, unsigned max)
{
    unsigned long nth = 0;
    long n = hold(pid);

    if (!n) {
        /* They are numbered in the order of their installation. */
        while (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, nth + 1, NULL) > 0)
            nth++;
        n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, nth, NULL);
        if (n > (long)max)
            n = -E2BIG;
        else if (n < 0 ||
                 ptrace(PTRACE_SECCOMP_GET_FILTER, pid, nth, insns) < 0)
            n = -errno;
    }
    let_go(pid);
    return (int)n;
}

int process_open_fd(int pid, int fd)
{
    char path[64];

    if (pid <= 0)
        return -ESRCH;
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Whether (err) means that we could not look, and not that there is nothing. */
static bool is_shortage(int err)
{
    return err == EMFILE || err == ENFILE || err == ENOMEM;
}

/* Whether process (pid) has a descriptor whose /proc link reads (link): 1, 0 or
 * -errno. */
static int has_descriptor(int pid, const char *link)
{
    char path[64], text[64];
    struct dirent *e;
    int found = 0;
    DIR *d;

    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    d = opendir(path);
    if (!d)
        return is_shortage(errno) ? -errno : 0;
    while (!found && (e = readdir(d))) {
        ssize_t n = readlinkat(dirfd(d), e->d_name, text, sizeof(text) - 1);

        if (n > 0) {
            text[n] = '\0';
            found = !strcmp(text, link);
        }
    }
    closedir(d);
    return found;
}

int process_pipe_id(int pipe_fd, uint64_t *id)
{
    struct stat st;

    if (fstat(pipe_fd, &st))
        return -errno;
    *id = st.st_ino;
    return 0;
}

int process_find_by_pipe(int tid, uint64_t id)
{
    char path[64], link[64], text[32];
    int found = 0;
    FILE *f;

    snprintf(link, sizeof(link), "pipe:[%llu]", (unsigned long long)id);
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", tid);
    f = fopen(path, "re");
    if (!f)
        return is_shortage(errno) ? -errno : 0;
    while (!found && fscanf(f, "%31s", text) == 1) {
        long child = strtol(text, NULL, 10);

        found = child > 0 ? has_descriptor((int)child, link) : 0;
        if (found > 0)
            found = (int)child;
    }
    fclose(f);
    return found;
}

int process_thread_id(void)
{
    return (int)syscall(SYS_gettid);
}

int process_self(void)
{
    return getpid();
}
