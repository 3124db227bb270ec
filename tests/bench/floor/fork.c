/* SPDX-License-Identifier: ISC */
/*
 * The steps that creating a confined process with memory of its own cannot do
 * without: a sealed memory file with its first pages filled, a pipe, a mapping
 * for the parent, a fork, a mapping and a filter in the child, the first touch
 * of its pages, and a byte through the pipe that wakes the parent.
 */
#include "floor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE      4096ul
#define FILE_SIZE (8ul << 20)
#define WINDOW    (4 * PAGE)
/* Where the child maps its memory: out of the way of everything else. */
#define CHILD_VA 0x100000000ul

struct memory {
    int fd, bell[2];
    uint64_t *window;
};

static char zeroes[64 * PAGE];

static int failed(const char *what)
{
    perror(what);
    return -1;
}

static int fill(int fd, unsigned long pages)
{
    size_t left = pages * PAGE;
    off_t at = WINDOW;

    while (left) {
        size_t part = left < sizeof(zeroes) ? left : sizeof(zeroes);
        ssize_t n = pwrite(fd, zeroes, part, at);

        if (n <= 0)
            return -1;
        left -= (size_t)n;
        at += n;
    }
    return 0;
}

static int make_memory(struct memory *m, const struct plan *p)
{
    void *window;

    m->window = MAP_FAILED;
    m->bell[0] = m->bell[1] = -1;
    m->fd = memfd_create("bench-floor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (m->fd < 0 || ftruncate(m->fd, FILE_SIZE) ||
        fcntl(m->fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) ||
        fill(m->fd, p->filled) || pipe2(m->bell, O_CLOEXEC))
        return -1;
    window = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_POPULATE, m->fd, 0);
    m->window = window;
    return window == MAP_FAILED ? -1 : 0;
}

static void free_memory(struct memory *m)
{
    if (m->window != MAP_FAILED)
        (void)munmap(m->window, WINDOW); /* whole mappings: cannot fail */
    for (unsigned i = 0; i < 2; i++)
        if (m->bell[i] >= 0)
            close(m->bell[i]);
    if (m->fd >= 0)
        close(m->fd);
}

static void child(const struct memory *m, const struct plan *p)
{
    void *want = (void *)CHILD_VA;
    volatile char *mem = mmap(want, FILE_SIZE, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_FIXED, m->fd, 0);
    size_t first = WINDOW + p->filled * PAGE;

    if (mem != want || filter_install())
        _exit(1);
    for (unsigned long i = 0; i < p->touched; i++)
        mem[first + i * PAGE] = 1;
    m->window[0] = tsc_now();
    _exit(write(m->bell[1], "!", 1) == 1 ? 0 : 1);
}

static int run(struct memory *m, const struct plan *p, int64_t start_ns,
               struct timing *out)
{
    int status = 1;
    char byte;
    pid_t pid = fork();
    ssize_t n;

    if (pid == 0)
        child(m, p);
    if (pid < 0)
        return -1;
    close(m->bell[1]);
    m->bell[1] = -1;
    n = read(m->bell[0], &byte, 1);
    out->wake_ns = clock_ns() - start_ns;
    if (waitpid(pid, &status, 0) != pid || status || n != 1)
        return -1;
    return 0;
}

int round_fork(const struct plan *p, unsigned long nr, struct timing *out)
{
    int64_t start_ns = clock_ns();
    uint64_t start = tsc_now();
    struct memory m;
    int rc;

    (void)nr;
    rc = make_memory(&m, p);
    if (!rc)
        rc = run(&m, p, start_ns, out);
    /* All pages are touched when main() begins: a guest's start-up code and
     * what touches them is part of its creation, too. */
    if (!rc)
        out->main_ns = tsc_ns_between(start, m.window[0], &p->rate);
    free_memory(&m);
    out->gone_ns = clock_ns() - start_ns;
    return rc ? failed("midge-bench-floor: fork") : 0;
}
