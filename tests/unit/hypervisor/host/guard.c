/* SPDX-License-Identifier: ISC */
/* Pages that are gone when they are touched. */
#include "host_test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/guard.h>
#include <host/helper.h>
#include <host/memfd.h>
#include <host/service.h>

#define PAGE 4096ul

static volatile char *pages;
static char seen;

static void touch(void *arg)
{
    (void)arg;
    seen = pages[PAGE];
}

/* How a process ends that touches a page nobody guards. */
static bool dies_of(const volatile char *page, bool sent)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (sent)
            (void)kill(getpid(), SIGBUS);
        else
            (void)*page;
        _exit(0);
    }
    (void)waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
}

void test_guard(void)
{
    int fd = memfd_create_sealable("test", 4 * PAGE), told = guard_init();
    struct guard g = {.base = NULL};
    struct thread *t;
    unsigned more;
    char *p = memfd_map(fd, 0, 4 * PAGE, true);

    check(told >= 0 && p, "guard_init");
    memset(p, 'x', 4 * PAGE);
    pages = p;
    guard_remove(&g);
    guard_add(&g, p, 3 * PAGE);
    check(fd_set_size(fd, 0) == 0, "the memory goes");
    check(pages[2 * PAGE + 7] == 0, "a page of zeroes instead");
    check(fd_readable(told), "which is told");
    check(fd_drain(told, 8) == 8 && guard_next() == p + 2 * PAGE,
          "and which one it was");
    check(!guard_next(), "no other");
    pages[2 * PAGE] = 'y';
    check(pages[2 * PAGE] == 'y' && pages[0] == 0, "it can be written to");
    seen = 'z';
    check(thread_start(&t, "test-guard", touch, NULL) == 0, "in a thread");
    thread_join(t);
    check(seen == 0, "the same");
    for (more = 0; guard_next(); more++)
        ;
    check(more == 2, "two more");
    check(dies_of(pages + 3 * PAGE, false), "outside of ranges it kills");
    check(dies_of(pages, true), "and when somebody sends it");
    guard_remove(&g);
    mem_unmap(p, 4 * PAGE);
    fd_close(&fd);
}
