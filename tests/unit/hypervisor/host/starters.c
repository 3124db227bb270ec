/* SPDX-License-Identifier: ISC */
/* The process that starts others; what it starts is processes.c's children. */
#include "host_test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/file.h>
#include <host/memfd.h>
#include <host/pipe.h>
#include <host/process.h>
#include <host/starter.h>

static struct starter make(const char *argv0, int exec_fd, const char *oom)
{
    struct starter_spec spec = {.error_fd = 2,
                                .exec_fd = exec_fd,
                                .argv0 = argv0,
                                .fds = {3, 5},
                                .nr_fds = 2,
                                .oom_score_adj = oom};
    struct starter s;

    check(starter_create(&s, &spec) == 0, "a starter of %s", argv0);
    return s;
}

/* /proc/(pid)/oom_score_adj */
static int oom_of(int pid)
{
    char path[64], text[32];

    snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
    return file_read_text(path, text, sizeof(text)) > 0
               ? (int)strtol(text, NULL, 10)
               : -9999;
}

static void test_inspected(int exe, int in, int out)
{
    struct starter s = make("child-inspect", exe, "100");
    const int fds[] = {in, out};
    int pid, status = -1;

    check(starter_give_oom(&s) == 0, "it may have another oom_score_adj");
    pid = starter_start(&s, fds, 0);
    check(pid > 0, "asked");
    check(process_wait(pid, true, &status) == 1 && WIFEXITED(status) &&
              WEXITSTATUS(status) == 0,
          "our child, which found everything as promised (status 0x%x)",
          status);
    starter_destroy(&s);
}

static void test_outlives(int exe, int in[2], int out[2])
{
    struct starter s = make("child-wait", exe, "100");
    const int fds[] = {in[0], out[1]}, before = oom_of(s.pid);
    int pid, status = 0, wrong[] = {in[0], out[1]};
    char c;

    pid = starter_start(&s, fds, 0);
    check(pid > 0 && fd_read(out[0], &c, 1) == 1, "it runs");
    check(oom_of(pid) == before, "without the file nothing changes");
    check(process_signal(pid, SIGKILL) == 0 &&
              process_wait(pid, true, &status) == 1,
          "signalled and collected");
    check(starter_give_oom(&s) == 0, "the file comes later");
    pid = starter_start(&s, fds, 0);
    check(pid > 0 && fd_read(out[0], &c, 1) == 1, "another one runs");
    check(oom_of(pid) == 100 && oom_of(s.pid) == before,
          "100 for it, and the starter as before");
    s.nr_fds = 1;
    check(starter_start(&s, wrong, 0) == -EINVAL, "too few descriptors");
    s.nr_fds = 2;
    check(starter_start(&s, fds, UINT64_MAX) == -EINVAL, "no such limit");
    starter_destroy(&s);
    check(process_look(pid) == PROCESS_RUNNING, "it outlives the starter");
    check(starter_start(&s, fds, 0) < 0, "which is gone");
    starter_destroy(&s); /* harmless */
    fd_close(&in[1]);    /* its input ends, so it ends */
    check(process_wait(pid, true, &status) == 1 && WIFEXITED(status) &&
              WEXITSTATUS(status) == 7,
          "and ends in its own way");
}

static void test_not_a_program(int in, int out)
{
    int fd = memfd_create_exec("not-a-program", 4096), status;
    struct starter s = make("x", fd, "100");
    const int fds[] = {in, out};

    check(starter_start(&s, fds, 0) == -ENOEXEC, "not a program: told");
    check(process_signal(s.pid, SIGKILL) == 0, "the starter dies");
    /* Not collected: starter_destroy() does. */
    while (process_look(s.pid) != PROCESS_ENDED)
        ;
    check(starter_start(&s, fds, 0) < 0, "which is told as well");
    starter_destroy(&s);
    check(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD,
          "no child is left behind");
    fd_close(&fd);
}

void test_starters(void)
{
    int exe = file_open_read("/proc/self/exe"), in[2], out[2];

    if (exe < 0 || pipe_create(in) || pipe_create(out))
        abort();
    check(fd_set_block(in[0]) == 0 && fd_set_block(out[0]) == 0 &&
              fd_set_block(out[1]) == 0,
          "blocking");
    test_inspected(exe, in[0], out[1]);
    test_not_a_program(in[0], out[1]);
    test_outlives(exe, in, out);
    fd_close(&exe);
    for (int i = 0; i < 2; i++) {
        fd_close(&in[i]);
        fd_close(&out[i]);
    }
}
