/* SPDX-License-Identifier: ISC */
/*
 * Connecting: whom the library trusts, and how it starts a daemon. The daemon
 * is this same program, started with the daemon's options.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <midge/client.h>
#include "client_test.h"

static char dir[] = "/tmp/midge-client-XXXXXX";
static char run[sizeof(dir) + 8], sock[sizeof(dir) + 32];

/* A listening socket in the run directory, or -1 with errno. */
static int listen_there(const char *run_dir)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control.sock", run_dir);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
        listen(fd, 8) < 0)
        return -1;
    return fd;
}

/* Answers hello on (count) connections. */
static void serve(int fd, int count, int version)
{
    char buf[256], json[128];

    alarm(20); /* whatever goes wrong, nothing stays behind */
    while (count-- > 0) {
        int c = accept(fd, NULL, NULL);
        ssize_t n = c < 0 ? -1 : read(c, buf, sizeof(buf));
        int len = snprintf(json + 4, sizeof(json) - 4,
                           "{\"id\":1,\"ok\":true,\"version\":%d}", version);

        memcpy(json, (char[4]){(char)len}, 4);
        if (n > 0 && write(c, json, (size_t)len + 4) > 0)
            (void)!read(c, buf, 1); /* until the client closes */
        close(c);
    }
}

int fake_daemon(int argc, char **argv)
{
    const char *mode = getenv("FAKE_MODE");
    int fd, extra;

    if (argc != 5 || strcmp(argv[1], "--ready-fd") != 0 ||
        strcmp(argv[3], "--run-dir") != 0)
        return 9;
    if (mode && strcmp(mode, "fail") == 0) {
        fprintf(stderr, "first line\nmidge-hv: the reason\n");
        return 1;
    }
    extra = open("/dev/null", O_RDONLY);
    if (extra > 4) { /* something of the parent's was inherited */
        fprintf(stderr, "inherited a descriptor\n");
        return 1;
    }
    close(extra);
    (void)mkdir(argv[4], 0700);
    fd = listen_there(argv[4]);
    if (fd < 0 && errno != EADDRINUSE)
        return 1;
    if (write((int)strtol(argv[2], NULL, 10), "r", 1) != 1)
        return 1;
    if (fd >= 0)
        serve(fd, mode ? (int)strtol(mode, NULL, 10) : 1, 1);
    return 0;
}

static void expect(const struct midge_options *opt, enum midge_code code,
                   const char *text, const char *what)
{
    struct midge_error err = {.code = MIDGE_OK};
    struct midge *m = NULL;
    int rc = midge_connect(opt, &m, &err);

    midge_close(m);
    check(rc < 0 && err.code == code, "%s: %s", what,
          midge_code_name(err.code));
    if (rc < 0 && text)
        check_str(err.text, text, "with the right line");
}

/* Somebody without a login session: uid 65534 has none in /run/user. */
static void test_run_dir_user(void)
{
    struct midge_error err;
    char path[64] = "";

    if (seteuid(65534) < 0) {
        check(1, "of others # SKIP needs root to be somebody else");
        return;
    }
    check(midge_run_dir(path, sizeof(path), &err) == 0, "of an ordinary user");
    check_str(path, "/tmp/midge-65534", "is one in /tmp");
    if (seteuid(0) < 0)
        abort();
}

/* A daemon of (run_dir) that accepts and says nothing until we know. */
static int told_pid;
static unsigned told_seconds;
static void on_slow(int daemon_pid, unsigned seconds)
{
    told_pid = daemon_pid;
    told_seconds = seconds;
    kill(daemon_pid, SIGUSR1);
}

static void test_slow(void)
{
    struct midge_options opt = {
        .run_dir = run, .no_start = true, .slow = on_slow};
    struct midge_error err = {.text = ""};
    struct midge *m = NULL;
    sigset_t set;
    pid_t pid;
    int fd, caught, ready[2];
    char byte;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (pipe(ready) < 0)
        abort();
    pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_BLOCK, &set, NULL);
        alarm(20);
        fd = listen_there(run);
        (void)!write(ready[1], "r", 1);
        sigwait(&set, &caught);
        serve(fd, 1, 1);
        _exit(0);
    }
    (void)!read(ready[0], &byte, 1);
    close(ready[0]);
    close(ready[1]);
    check(midge_connect(&opt, &m, &err) == 0, "a late answer counts: %s",
          err.text);
    check(told_pid == (int)pid && told_seconds == 5,
          "somebody was told whose it was, after %u s", told_seconds);
    midge_close(m);
    (void)waitpid(pid, NULL, 0);
    unlink(sock);
}

/* A daemon that dies of the first question, and takes a little over it: what a
 * killed process does, whose socket goes before it does. */
static pid_t start_dying(void)
{
    int fd = listen_there(run), ready[2];
    pid_t pid;
    char c;

    if (pipe(ready) < 0)
        abort();
    pid = fork();
    if (pid == 0) {
        int at;

        alarm(20);
        (void)listen(fd, 8); /* its socket from now on */
        (void)!write(ready[1], "r", 1);
        at = accept(fd, NULL, NULL);
        (void)!read(at, &c, 1);
        unlink(sock); /* as the next daemon does with what it finds */
        close(at);
        usleep(50000); /* of dying, which cannot be hurried */
        _exit(0);
    }
    (void)!read(ready[0], &c, 1);
    close(ready[0]);
    close(ready[1]);
    close(fd);
    return pid;
}

/* Where its log is. */
static void test_hang_up(void)
{
    struct midge_options opt = {.run_dir = run, .no_start = true};
    pid_t pid = start_dying();
    char text[256];

    snprintf(text, sizeof(text),
             "midge-hv closed the connection; see %s/midge-hv.log", run);
    expect(&opt, MIDGE_E_NO_DAEMON, text, "a daemon that dies");
    (void)waitpid(pid, NULL, 0);
}

/* The library waits for its end and starts another. */
static void test_dying(void)
{
    struct midge_options opt = {.run_dir = run, .daemon = "/proc/self/exe"};
    struct midge_error err = {.text = ""};
    struct midge *m = NULL;
    pid_t pid = start_dying();

    setenv("FAKE_MODE", "1", 1);
    check(midge_connect(&opt, &m, &err) == 0, "one that dies is replaced: %s",
          err.text);
    midge_close(m);
    (void)waitpid(pid, NULL, 0);
    unlink(sock);
}

/* The last word of a daemon that has nothing left names no request. */
static void test_last_word(void)
{
    static const char word[] =
        "{\"id\":0,\"ok\":false,\"error\":\"limit\",\"message\":\"no more\"}";
    struct midge_options opt = {.run_dir = run, .no_start = true};
    char header[4] = {sizeof(word) - 1};
    int fd = listen_there(run);
    pid_t pid = fork();

    if (pid == 0) {
        int at = accept(fd, NULL, NULL);

        /* Without having read what was asked. */
        if (write(at, header, 4) != 4 ||
            write(at, word, sizeof(word) - 1) != (ssize_t)sizeof(word) - 1)
            _exit(1);
        _exit(0);
    }
    close(fd);
    expect(&opt, MIDGE_E_LIMIT, "no more", "a daemon without descriptors");
    (void)waitpid(pid, NULL, 0);
    unlink(sock);
}

/* What stands where the run directory would be made is not followed. */
static void test_symlink(void)
{
    char link[sizeof(dir) + 16], text[256];
    struct midge_options opt = {.run_dir = link, .daemon = "/bin/false"};

    snprintf(link, sizeof(link), "%s/link", dir);
    if (symlink(run, link) < 0)
        abort();
    snprintf(text, sizeof(text),
             "run directory %s is not a directory; remove it or set MIDGE_RUN",
             link);
    expect(&opt, MIDGE_E_UNTRUSTED, text, "a symbolic link");
    unlink(link);
}

static void test_run_dir(void)
{
    struct midge_error err;
    char path[64];

    unsetenv("MIDGE_RUN");
    unsetenv("XDG_RUNTIME_DIR");
    check(midge_run_dir(path, sizeof(path), &err) == 0 &&
              (geteuid() != 0 || strcmp(path, "/run/midge") == 0),
          "default run directory of root");
    test_run_dir_user();
    setenv("MIDGE_RUN", "", 1);
    check(midge_run_dir(path, sizeof(path), &err) == 0 && path[0] == '/',
          "an empty MIDGE_RUN is none");
    setenv("XDG_RUNTIME_DIR", "/x", 1);
    check(midge_run_dir(path, sizeof(path), &err) == 0 &&
              strcmp(path, "/x/midge") == 0,
          "of XDG_RUNTIME_DIR");
    setenv("MIDGE_RUN", "/y", 1);
    check(midge_run_dir(path, sizeof(path), &err) == 0 &&
              strcmp(path, "/y") == 0,
          "of MIDGE_RUN");
    check(midge_run_dir(path, 2, &err) < 0, "does not fit");
}

static void test_no_daemon(void)
{
    struct midge_options opt = {.run_dir = run, .no_start = true};
    char text[256], longest[200];

    snprintf(text, sizeof(text), "no midge-hv runs: %s does not exist", run);
    expect(&opt, MIDGE_E_NO_DAEMON, text, "no run directory");
    if (mkdir(run, 0700) < 0)
        abort();
    snprintf(text, sizeof(text),
             "cannot connect to %s: No such file or directory", sock);
    expect(&opt, MIDGE_E_NO_DAEMON, text, "no socket");
    close(listen_there(run));
    snprintf(text, sizeof(text), "cannot connect to %s: Connection refused",
             sock);
    expect(&opt, MIDGE_E_NO_DAEMON, text, "a socket that nobody serves");
    unlink(sock);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[0] = '/';
    longest[sizeof(longest) - 1] = '\0';
    opt.run_dir = longest;
    expect(&opt, MIDGE_E_SYSTEM, NULL, "a path too long for a socket");
}

static void test_trust(void)
{
    struct midge_options opt = {.run_dir = run};
    char text[256];
    pid_t pid;
    int fd;

    (void)chmod(run, 0777);
    snprintf(text, sizeof(text),
             "run directory %s can be written by other users (mode 777); run "
             "chmod go-w on it",
             run);
    expect(&opt, MIDGE_E_UNTRUSTED, text, "a directory open to all");
    (void)chmod(run, 0700);
    if (geteuid() != 0) {
        check(1, "owners # SKIP needs root to make files of other users");
        return;
    }
    (void)!chown(run, 65534, 65534);
    snprintf(text, sizeof(text),
             "run directory %s belongs to user 65534, not to you (0) or root; "
             "set MIDGE_RUN to a directory of yours",
             run);
    expect(&opt, MIDGE_E_UNTRUSTED, text, "somebody else's directory");
    (void)!chown(run, 0, 0);
    fd = listen_there(run);
    pid = fork();
    if (pid == 0) {
        /* The peer is who called listen() last. */
        if (setuid(65534) < 0 || listen(fd, 8) < 0)
            _exit(1);
        _exit(0);
    }
    (void)waitpid(pid, NULL, 0);
    snprintf(text, sizeof(text),
             "midge-hv (pid %d) runs as user 65534, not as you (0) or root; "
             "set MIDGE_RUN to a directory of yours",
             (int)pid);
    expect(&opt, MIDGE_E_UNTRUSTED, text, "somebody else's daemon");
    close(fd);
    unlink(sock);
}

static void test_start(void)
{
    struct midge_options opt = {.run_dir = run, .daemon = "/proc/self/exe"};
    struct midge_error err = {.text = ""};
    struct midge *m = NULL, *second = NULL;
    int keep = open("/dev/null", O_RDONLY); /* must not be inherited */

    setenv("FAKE_MODE", "2", 1);
    check(midge_connect(&opt, &m, &err) == 0, "starts a daemon: %s", err.text);
    opt.no_start = true;
    midge_close(m);
    check(midge_connect(&opt, &second, &err) == 0, "which serves the next");
    midge_close(second);
    unlink(sock);
    close(keep);

    opt.no_start = false;
    setenv("FAKE_MODE", "fail", 1);
    expect(&opt, MIDGE_E_NO_DAEMON,
           "cannot start /proc/self/exe: midge-hv: the reason",
           "a daemon that cannot start");
    opt.daemon = "/nonexistent/midge-hv";
    expect(&opt, MIDGE_E_NO_DAEMON,
           "cannot start /nonexistent/midge-hv: No such file or directory",
           "a daemon that is not there");
    opt.daemon = "/bin/true";
    expect(&opt, MIDGE_E_NO_DAEMON,
           "cannot start /bin/true: it ended without a reason",
           "a daemon that ends at once");
    opt.daemon = NULL;
    setenv("PATH", "/nonexistent:", 1);
    expect(&opt, MIDGE_E_NO_DAEMON,
           "cannot find midge-hv beside this program or on PATH",
           "no daemon at all");
}

static void test_version(void)
{
    struct midge_options opt = {.run_dir = run};
    int fd = listen_there(run);
    pid_t pid = fork();

    if (pid == 0) {
        serve(fd, 1, 7);
        _exit(0);
    }
    close(fd);
    expect(&opt, MIDGE_E_PROTOCOL,
           "midge-hv speaks version 7 of the control protocol, this program "
           "version 1; stop the old daemon",
           "a daemon of another version");
    (void)waitpid(pid, NULL, 0);
    unlink(sock);
}

int test_connect(void)
{
    if (!mkdtemp(dir))
        return -1;
    snprintf(run, sizeof(run), "%s/run", dir);
    snprintf(sock, sizeof(sock), "%s/control.sock", run);
    test_run_dir();
    test_no_daemon();
    test_trust();
    test_symlink();
    test_version();
    test_hang_up();
    test_slow();
    test_start();
    test_dying();
    test_last_word();
    unlink(sock);
    check(rmdir(run) == 0 && rmdir(dir) == 0, "nothing is left behind");
    return 0;
}
