/* SPDX-License-Identifier: ISC */
/* Starting a program and waiting for its end, as a shell would. */
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS 32
#define MAX_TEXT 4096

struct command {
    char *argv[MAX_ARGS + 1];
    char text[MAX_TEXT];
};

/* Copies (p->argv), "%d" replaced by (nr). */
static int expand(struct command *c, const struct plan *p, unsigned long nr)
{
    size_t used = 0;
    unsigned i;

    for (i = 0; p->argv[i] && i < MAX_ARGS; i++) {
        const char *arg = p->argv[i], *hole = strstr(arg, "%d");
        size_t left = sizeof(c->text) - used;
        int n;

        if (hole)
            n = snprintf(c->text + used, left, "%.*s%lu%s", (int)(hole - arg),
                         arg, nr, hole + 2);
        else
            n = snprintf(c->text + used, left, "%s", arg);
        if (n < 0 || (size_t)n >= left)
            return -1;
        c->argv[i] = c->text + used;
        used += (size_t)n + 1;
    }
    c->argv[i] = NULL;
    return p->argv[i] ? -1 : 0;
}

static pid_t start(struct command *c, int out)
{
    /* fork() would measure our own size, too. The child only moves a
     * descriptor and executes. */
    pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

    if (pid == 0) {
        if (dup2(out, 1) == 1) /* NOLINT(clang-analyzer-unix.Vfork) */
            execv(c->argv[0], c->argv);
        _exit(127);
    }
    return pid;
}

/* Everything the program prints; its first bytes stay in (text). */
static void collect(int fd, char text[64], int64_t start_ns, struct timing *out)
{
    char rest[512];
    size_t used = 0;
    ssize_t n;

    out->wake_ns = -1;
    while ((n = read(fd, rest, sizeof(rest))) > 0) {
        size_t part = (size_t)n < 63 - used ? (size_t)n : 63 - used;

        if (out->wake_ns < 0)
            out->wake_ns = clock_ns() - start_ns;
        memcpy(text + used, rest, part);
        used += part;
    }
    text[used] = '\0';
}

int round_exec(const struct plan *p, unsigned long nr, struct timing *out)
{
    struct command c;
    char text[64] = "";
    int64_t start_ns;
    uint64_t start_tsc;
    int fds[2], status = 1;
    pid_t pid;

    if (expand(&c, p, nr)) {
        fprintf(stderr, "midge-bench-floor: the command is too long\n");
        return -1;
    }
    if (pipe2(fds, O_CLOEXEC)) {
        perror("midge-bench-floor: pipe");
        return -1;
    }
    start_ns = clock_ns();
    start_tsc = tsc_now();
    pid = start(&c, fds[1]);
    close(fds[1]);
    collect(fds[0], text, start_ns, out);
    close(fds[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
        fprintf(stderr, "midge-bench-floor: %s failed (status %d)\n", c.argv[0],
                status);
        return -1;
    }
    out->gone_ns = clock_ns() - start_ns;
    out->main_ns = -1;
    if (strncmp(text, "tsc: ", 5) == 0)
        out->main_ns =
            tsc_ns_between(start_tsc, strtoull(text + 5, NULL, 10), &p->rate);
    return 0;
}
