/* SPDX-License-Identifier: ISC */
/* Child processes. The child is this very program under another name. */
#include "host_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/file.h>
#include <host/memfd.h>
#include <host/pipe.h>
#include <host/process.h>
#include <host/signals.h>

/* Bits of what is wrong in the child; 0 = all as promised. */
static int inspect_self(void)
{
    struct sigaction sa;
    struct rlimit rl;
    sigset_t mask;
    int bad = 0;

    if (environ && environ[0])
        bad |= 1;
    for (int fd = 0; fd < 1024; fd++) {
        int wanted = fd == 2 || fd == 3 || fd == 5;

        if ((fcntl(fd, F_GETFD) >= 0) != wanted)
            bad |= 2;
    }
    if (getrlimit(RLIMIT_CORE, &rl) || rl.rlim_max != 1)
        bad |= 4;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        bad |= 8;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int sig = 1; sig < 32; sig++) {
        if (sigismember(&mask, sig))
            bad |= 16;
    }
    if (sigaction(SIGPIPE, NULL, &sa) || sa.sa_handler != SIG_DFL)
        bad |= 32;
    if (getsid(0) != getpid())
        bad |= 64;
    return bad;
}

void child_main(const char *name)
{
    char c;

    if (!strcmp(name, "child-inspect"))
        _exit(inspect_self());
    /* child-wait: says that it runs, then waits for the end of its input. */
    if (write(5, "r", 1) != 1)
        _exit(9);
    while (read(3, &c, 1) > 0)
        ;
    _exit(7);
}

struct started {
    int pid, in, out;
};

static struct started start(const char *name)
{
    struct started s = {.pid = -1, .in = -1, .out = -1};
    int in[2], out[2];
    int exe = file_open_read("/proc/self/exe");
    char c;

    if (exe < 0 || pipe_create(in) || pipe_create(out))
        abort();
    struct process_fd fds[] = {{in[0], 3}, {out[1], 5}};
    struct process_spec spec = {.exec_fd = exe,
                                .argv0 = name,
                                .fds = fds,
                                .nr_fds = 2,
                                .oom_score_adj = 100,
                                .die_with_thread = true};

    check(fd_set_block(in[0]) == 0 && fd_set_block(out[0]) == 0, "blocking");
    s.pid = process_start(&spec);
    check(s.pid > 0, "started %s", name);
    fd_close(&in[0]);
    fd_close(&out[1]);
    fd_close(&exe);
    s.in = in[1];
    s.out = out[0];
    if (!strcmp(name, "child-wait"))
        check(fd_read(s.out, &c, 1) == 1, "it runs");
    return s;
}

static void forget(struct started *s)
{
    fd_close(&s->in);
    fd_close(&s->out);
}

static void test_start(void)
{
    struct started s = start("child-inspect");
    int status = -1;

    check(process_wait(s.pid, true, &status) == 1, "collected");
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0,
          "the child found everything as promised (status 0x%x)", status);
    check(process_wait(s.pid, false, &status) == -ECHILD, "only once");
    forget(&s);
}

static void test_exec_fails(void)
{
    int fd = memfd_create_exec("not-a-program", 4096);
    struct process_spec spec = {.exec_fd = fd, .argv0 = "x"};
    int status;

    check(process_start(&spec) == -ENOEXEC, "not a program: told");
    check(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD,
          "no child is left behind");
    fd_close(&fd);
    spec.exec_fd = 999;
    check(process_start(&spec) == -EBADF, "bad descriptor: told");
}

static int look_until_not(int pid, int what)
{
    int now;

    do {
        now = process_look(pid);
    } while (now == what);
    return now;
}

/* Without a descriptor to look with, nothing is said about who has the pipe. */
static void test_too_few(uint64_t id)
{
    struct rlimit ours, none;

    if (getrlimit(RLIMIT_NOFILE, &ours))
        abort();
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = ours.rlim_max};
    (void)setrlimit(RLIMIT_NOFILE, &none);
    check(process_find_by_pipe(process_thread_id(), id) == -EMFILE,
          "not found for want of descriptors");
    (void)setrlimit(RLIMIT_NOFILE, &ours);
}

static void test_stop_and_end(void)
{
    struct started s = start("child-wait");
    int pidfd = process_open(s.pid);
    int status = 0;
    uint64_t id = 0;
    char buf[32];
    static const char secret[] = "seen from outside";

    check(pidfd >= 0, "process_open");
    check(process_wait(s.pid, false, &status) == 0, "still running");
    check(process_signal(s.pid, SIGSTOP) == 0, "stop asked for");
    check(look_until_not(s.pid, PROCESS_RUNNING) == PROCESS_STOPPED,
          "stop seen");
    check(process_look(s.pid) == PROCESS_STOPPED, "as often as one looks");
    check(process_pipe_id(s.out, &id) == 0 &&
              process_find_by_pipe(process_thread_id(), id) == s.pid,
          "found by its pipe");
    check(process_find_by_pipe(process_thread_id(), ~0ul) == 0,
          "nobody has that one");
    test_too_few(id);
    /* Not a child, but a process with memory at a known place: ourselves. */
    check(process_read_memory(getpid(), (uintptr_t)secret, buf,
                              sizeof(secret)) == sizeof(secret) &&
              !strcmp(buf, secret),
          "memory read");
    check(process_read_memory(s.pid, 0x1000, buf, 4) == 0, "a hole reads as 0");
    check(process_cpu_ns(s.pid) > 0, "CPU time");
    check(process_signal(s.pid, SIGCONT) == 0, "goes on");
    check(look_until_not(s.pid, PROCESS_STOPPED) == PROCESS_RUNNING,
          "which is seen");
    fd_close(&s.in); /* its input ends, so it ends */
    check(look_until_not(s.pid, PROCESS_RUNNING) == PROCESS_ENDED, "end seen");
    check(process_wait(s.pid, true, &status) == 1 && WIFEXITED(status) &&
              WEXITSTATUS(status) == 7,
          "collected with its status");
    check(process_look(s.pid) == -ECHILD, "and gone");
    fd_close(&pidfd);
    forget(&s);
    check(process_signal(0, SIGKILL) == -ESRCH, "no group is ever signalled");
}

static void test_looking_into(void)
{
    const int ours = nice(0);
    uint64_t cpus[1];
    struct started s = start("child-wait");
    struct user_regs_struct regs;
    int status, fd = process_open_fd(s.pid, 2);

    check(fd >= 0, "its standard error");
    fd_close(&fd);
    check(process_open_fd(s.pid, 77) == -ENOENT, "it has no such descriptor");
    memset(&regs, 0, sizeof(regs));
    check(process_read_regs(s.pid, &regs) == 0 && regs.rsp != 0,
          "registers of a child that runs");
    check(process_signal(s.pid, SIGSTOP) == 0, "stop it");
    check(look_until_not(s.pid, PROCESS_RUNNING) == PROCESS_STOPPED, "seen");
    memset(&regs, 0, sizeof(regs));
    check(process_read_regs(s.pid, &regs) == 0 && regs.rsp != 0,
          "registers of one that is stopped");
    check(process_look(s.pid) == PROCESS_STOPPED, "which it stays");
    check(process_set_cpus(s.pid, (const uint64_t[]){UINT64_MAX}, 1) == 0,
          "it may run anywhere");
    check(process_set_cpus(s.pid, (const uint64_t[]){0}, 1) == -EINVAL,
          "but somewhere");
    check(process_set_nice(s.pid, 5) == 0, "it is nice");
    check(process_usable_cpus(cpus, 1) == 0 &&
              process_set_cpus(s.pid, cpus, 1) == 0 &&
              process_set_cpus(s.pid, (const uint64_t[]){~cpus[0]}, 1) ==
                  -EINVAL,
          "exactly where we are told it may");
    check(process_try_nice(5) == 0 && nice(0) == ours, "tried, not done");
    check(process_try_nice(-5) == process_set_nice(s.pid, -5) &&
              nice(0) == ours,
          "and so with what needs a privilege");
    check(process_set_cpus(0, (const uint64_t[]){1}, 1) == -ESRCH &&
              process_set_nice(0, 5) == -ESRCH,
          "never we");
    check(process_signal(s.pid, SIGKILL) == 0 &&
              process_wait(s.pid, true, &status) == 1,
          "it can be killed");
    check(process_read_regs(s.pid, &regs) == -ESRCH &&
              process_read_regs(0, &regs) == -ESRCH &&
              process_open_fd(0, 2) == -ESRCH,
          "who is gone has nothing to show");
    forget(&s);
}

static void test_signals(void)
{
    int list[] = {SIGCHLD, SIGTERM};
    int fd = signals_open(list, 2);
    struct started s = start("child-wait");
    int status;

    while (signals_next(fd) > 0)
        ; /* children of the tests before */
    check(signals_next(fd) == 0, "nothing pending");
    check(process_signal(s.pid, SIGKILL) == 0, "killed");
    check(process_wait(s.pid, true, &status) == 1 && WIFSIGNALED(status),
          "collected");
    check(signals_next(fd) == SIGCHLD, "SIGCHLD told");
    check(kill(getpid(), SIGTERM) == 0 && signals_next(fd) == SIGTERM,
          "SIGTERM told");
    check(signals_next(fd) == 0, "that was all");
    fd_close(&fd);
    forget(&s);
}

void test_processes(void)
{
    test_start();
    test_exec_fails();
    test_stop_and_end();
    test_looking_into();
    test_signals();
}
