/* SPDX-License-Identifier: ISC */
/*
 * The daemon's sandbox, from inside: each attempt is made by a child that has
 * put it on itself, as the daemon does, and by one without, so that no attempt
 * can fail for another reason.
 */
#include "host_test.h"
#include "sandbox_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/compiler.h>
#include <host/fd.h>
#include <host/file.h>
#include <host/futex.h>
#include <host/helper.h>
#include <host/loop.h>
#include <host/memfd.h>
#include <host/pipe.h>
#include <host/process.h>
#include <host/pty.h>
#include <host/sandbox.h>
#include <host/socket.h>

char sandbox_dir[] = "/tmp/midge-sandbox-XXXXXX";
int landlock;
pid_t somebody;
int loose;

/* --- what the daemon does --------------------------------------------------------- */

static int does_files(void)
{
    char path[64], moved[64];
    int fd;

    snprintf(path, sizeof(path), "%s/file", sandbox_dir);
    snprintf(moved, sizeof(moved), "%s/file.1", sandbox_dir);
    fd = file_create(path);
    if (fd < 0 || fd_write_all(fd, "x", 1) || fd_set_size(fd, 0))
        return 1;
    fd_close(&fd);
    if (rename(path, moved) || file_remove(moved))
        return 2;
    snprintf(path, sizeof(path), "%s/folder", sandbox_dir);
    if (file_private_dir(path) || file_remove_dir(path))
        return 3;
    fd = file_open_read("/dev/null");
    return fd < 0 ? 4 : 0;
}

static int does_terminal(void)
{
    char name[PTY_NAME_MAX];
    int slave, fd = pty_open(name, &slave);

    return fd >= 0 && slave >= 0 ? 0 : 1;
}

static int does_memory(void)
{
    int fd = memfd_create_sealable("test", 8192), ro;
    void *p, *again;

    if (fd < 0)
        return 1;
    p = memfd_map(fd, 0, 4096, true);
    again = p ? memfd_map_again(p, 4096, 4096) : NULL;
    if (!p || !again || mem_populate(p, 4096) || mem_punch(p, 4096))
        return 2;
    mem_unmap(again, 4096);
    ro = memfd_reopen_readonly(fd);
    return ro < 0 ? 3 : 0;
}

static int does_sockets(void)
{
    int pair[2], pipe_fd[2];
    uint32_t word = 0;
    char byte = 0;

    if (socket_pair(pair, true) || pipe_create(pipe_fd))
        return 1;
    if (socket_send(pair[0], &byte, 1, pipe_fd, 2) != 1)
        return 2;
    futex_wake(&word, 1);
    return process_signal(getpid(), 0) ? 3 : 0;
}

/* A call that is neither needed nor dangerous. */
static int does_odd_call(void)
{
    int last;

    if (sandbox_refused(&last) != 0 || last != -1)
        return 1;
    if (syscall(SYS_getpgid, 0) != -1 || errno != ENOSYS)
        return 2;
    if (syscall(SYS_getpgid, 0) != -1 || errno != ENOSYS)
        return 3;
    return sandbox_refused(&last) == 2 && last == SYS_getpgid ? 0 : 4;
}

/* One that Linux does not have yet. */
static int does_future_call(void)
{
    return syscall(100000) == -1 && errno == ENOSYS ? 0 : 1;
}

static const struct attempt duties[] = {
    {"files of its own", does_files, WENT_WELL, WENT_WELL},
    {"a terminal", does_terminal, WENT_WELL, WENT_WELL},
    {"memory files", does_memory, WENT_WELL, WENT_WELL},
    {"socket pairs, pipes, signals", does_sockets, WENT_WELL, WENT_WELL},
    {"a harmless call fails and is counted", does_odd_call, ODD, WENT_WELL},
    {"so does one of the future", does_future_call, ODD, WENT_WELL},
};

/* --- the children -------------------------------------------------------------------- */

static int put_on(void)
{
    const struct sandbox_path paths[] = {
        {sandbox_dir, SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MAKE, false},
        {"/dev/ptmx", SANDBOX_READ | SANDBOX_WRITE | SANDBOX_IOCTL, true},
        {"/dev/pts", SANDBOX_READ | SANDBOX_WRITE | SANDBOX_IOCTL, true},
        {"/dev/null", SANDBOX_READ | SANDBOX_WRITE, false},
        {"/proc", SANDBOX_READ, false},
        {"/not/there", SANDBOX_READ, true},
    };
    const char *at;
    int rc = sandbox_begin();

    if (!rc)
        rc = sandbox_files(paths, ARRAY_SIZE(paths), &at);
    if (rc >= 0 || rc == -EOPNOTSUPP)
        rc = sandbox_syscalls();
    return rc;
}

/* Runs (fn) in a child; DIES or its value. What it says goes to (err). */
static int in_child(int (*fn)(void), bool sandboxed, int err)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (err >= 0)
            dup2(err, 2);
        if (sandboxed && put_on())
            _exit(99);
        _exit(fn());
    }
    if (waitpid(pid, &status, 0) != pid)
        return 98;
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? DIES : 97;
    return WEXITSTATUS(status);
}

static void run(const struct attempt *list, size_t nr)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    for (size_t i = 0; i < nr; i++) {
        const struct attempt *a = &list[i];
        int how;

        if (a->without != ODD)
            check(in_child(a->run, false, null) == a->without,
                  "%s, without the sandbox", a->what);
        how = in_child(a->run, true, null);
        check(how == a->with, "%s, within: %d", a->what, how);
    }
    close(null);
}

/* --- more than one call ------------------------------------------------------------- */

/* In the abstract name space, under a name that other runs do not have. */
socklen_t abstract_address(struct sockaddr_un *sa)
{
    *sa = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(sa->sun_path + 1, sandbox_dir, strlen(sandbox_dir));
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                       strlen(sandbox_dir));
}

static int listen_abstract(void)
{
    struct sockaddr_un sa;
    socklen_t len = abstract_address(&sa);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&sa, len) || listen(fd, 16))
        abort();
    return fd;
}

static int gate[2]; /* pipe: holds a thread until the filter is there       */

static void waits_and_breaks_out(void *arg)
{
    char c;

    (void)arg;
    if (read(gate[0], &c, 1) == 1 && socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        _exit(WENT_WELL);
}

static int try_older_thread(void)
{
    struct thread *t;

    if (pipe2(gate, O_CLOEXEC) ||
        thread_start(&t, "older", waits_and_breaks_out, NULL) ||
        sandbox_begin() || sandbox_syscalls() || fd_write(gate[1], "x", 1) != 1)
        return ODD;
    thread_join(t);
    return FAILED;
}

static void test_line(void)
{
    char text[256];
    int fd[2];
    long n;

    if (pipe2(fd, O_CLOEXEC | O_NONBLOCK))
        abort();
    (void)in_child(try_exec, true, fd[1]); /* how it ends is not the matter */
    n = fd_read(fd[0], text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    check(!strcmp(text, "midge-hv: sandbox: system call 59 (execve) is "
                        "forbidden; this program ends\n"),
          "a line says why: %s", text);
    (void)in_child(does_odd_call, true, fd[1]); /* the same */
    n = fd_read(fd[0], text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    check(!strcmp(text, "midge-hv: sandbox: system call 121 is not on the "
                        "list; it fails\n"),
          "and one for each number: %s", text);
    check(in_child(try_older_thread, false, fd[1]) == DIES,
          "a thread that was there before, with all signals blocked");
    n = fd_read(fd[0], text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    check(strstr(text, "41 (socket) is forbidden") != NULL,
          "which is told, too: %s", text);
    close(fd[0]);
    close(fd[1]);
}

void test_sandbox(void)
{
    char link[64], text[8];
    int fd;

    somebody = getpid();
    landlock = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    if (!mkdtemp(sandbox_dir))
        abort();
    snprintf(link, sizeof(link), "%s/link", sandbox_dir);
    if (symlink("/etc/passwd", link))
        abort();
    fd = listen_abstract();
    loose = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    run(attempts, nr_attempts);
    if (landlock > 0)
        run(file_attempts, nr_file_attempts);
    else
        check(1, "files # SKIP this kernel has no landlock");
    run(duties, ARRAY_SIZE(duties));
    test_line();
    check(file_read_text("/proc/self/status", text, sizeof(text)) > 0,
          "we ourselves are free");
    close(loose);
    close(fd);
    check(!unlink(link) && !rmdir(sandbox_dir), "nothing is left");
}
