/* SPDX-License-Identifier: ISC */
/*
 * The handler of SIGBUS. It runs where a guarded page was touched, which is never
 * within this file or in libc's own locks: so it may take the lock of the list,
 * and call mmap(). It keeps errno.
 */
#include <host/guard.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE      4096ul
#define NR_PLACES 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct guard *guards;      /* guarded by (lock)                     */
static void *replaced[NR_PLACES]; /* atomic; NULL = free                   */
static int told_fd = -1;          /* constant once the handler is there    */

static bool is_guarded(const char *p)
{
    const struct guard *g;

    pthread_mutex_lock(&lock);
    for (g = guards; g; g = g->next)
        if (p >= g->base && p < g->base + g->bytes)
            break;
    pthread_mutex_unlock(&lock);
    return g != NULL;
}

static void note(void *page)
{
    uint64_t one = 1;

    for (unsigned i = 0; i < NR_PLACES; i++) {
        void *none = NULL;

        if (__atomic_compare_exchange_n(&replaced[i], &none, page, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            break;
    }
    /* A full counter has told already. */
    (void)!write(told_fd, &one, sizeof(one));
}

/* To die of the next touch, where a core dump shows it. */
static void give_up(void)
{
    struct sigaction dfl;

    memset(&dfl, 0, sizeof(dfl));
    dfl.sa_handler = SIG_DFL;
    (void)sigaction(SIGBUS, &dfl, NULL); /* cannot fail */
}

static void on_bus_error(int sig, siginfo_t *si, void *context)
{
    char *page = (char *)si->si_addr - ((uintptr_t)si->si_addr & (PAGE - 1));
    int saved = errno;

    (void)sig;
    (void)context;
    if (si->si_code <= 0) { /* somebody sent it */
        give_up();
        (void)raise(SIGBUS);
    } else if (!is_guarded(page) ||
               mmap(page, PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                    0) == MAP_FAILED) {
        give_up();
    } else {
        note(page);
    }
    errno = saved;
}

int guard_init(void)
{
    struct sigaction sa;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        return -errno;
    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_bus_error;
    sa.sa_flags = SA_SIGINFO | SA_RESTART;
    told_fd = fd;
    (void)sigaction(SIGBUS, &sa, NULL); /* cannot fail */
    return fd;
}

void guard_add(struct guard *g, void *base, size_t bytes)
{
    g->base = base;
    g->bytes = bytes;
    pthread_mutex_lock(&lock);
    g->next = guards;
    g->prev = &guards;
    if (guards)
        guards->prev = &g->next;
    guards = g;
    pthread_mutex_unlock(&lock);
}

void guard_remove(struct guard *g)
{
    if (!g->base)
        return;
    pthread_mutex_lock(&lock);
    *g->prev = g->next;
    if (g->next)
        g->next->prev = g->prev;
    pthread_mutex_unlock(&lock);
    g->base = NULL;
}

void *guard_next(void)
{
    void *page = NULL;

    for (unsigned i = 0; i < NR_PLACES && !page; i++)
        page = __atomic_exchange_n(&replaced[i], NULL, __ATOMIC_SEQ_CST);
    return page;
}
