/* SPDX-License-Identifier: ISC */
/*
 * The daemon's mappings of windows: slots in large reservations of address
 * space, lowest free slot first, so that the mappings in use stay dense.
 */
#include <common/window.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#include <host/guard.h>
#include <host/memfd.h>
#include <portal/layout.h>

#define WINDOW_BYTES  (WINDOW_PAGES * PORTAL_PAGE_SIZE)
#define CHUNK_WINDOWS 4096u /* 64 MiB of addresses                         */
#define CHUNK_BYTES   (CHUNK_WINDOWS * WINDOW_BYTES)
#define CHUNK_WORDS   (CHUNK_WINDOWS / 64)
#define MAX_CHUNKS    16u /* 65,536 windows, twice the number of domids     */
#define PT_SPAN       (2ul << 20) /* addresses under one page of PTEs       */

struct chunk {
    uint8_t *base; /* NULL until needed                                    */
    struct guard guard;
    uint32_t hint; /* no free slot in words below                          */
    uint64_t used[CHUNK_WORDS];
    uint64_t stuck[CHUNK_WORDS]; /* used by nobody, but not emptied yet     */
};

static struct chunk chunks[MAX_CHUNKS]; /* guarded by (lock)               */
static unsigned nr_stuck;               /* the same                        */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint8_t *take_from(struct chunk *c)
{
    for (; c->hint < CHUNK_WORDS; c->hint++) {
        uint64_t *word = &c->used[c->hint];
        unsigned bit;

        if (*word == UINT64_MAX)
            continue;
        bit = (unsigned)__builtin_ctzll(~*word);
        *word |= 1ull << bit;
        return c->base + (c->hint * 64ul + bit) * WINDOW_BYTES;
    }
    return NULL;
}

static uint8_t *take(void)
{
    uint8_t *p = NULL;

    pthread_mutex_lock(&lock);
    errno = ENOMEM;
    for (unsigned i = 0; i < MAX_CHUNKS && !p; i++) {
        struct chunk *c = &chunks[i];

        if (!c->base) {
            c->base = mem_reserve(CHUNK_BYTES, PT_SPAN);
            if (!c->base)
                break;
            guard_add(&c->guard, c->base, CHUNK_BYTES);
        }
        p = take_from(c);
    }
    pthread_mutex_unlock(&lock);
    return p;
}

/* The chunk that (p) lies in, and its slot there. */
static struct chunk *chunk_of(const uint8_t *p, unsigned long *slot)
{
    struct chunk *c = chunks;

    while (!c->base || p < c->base || p >= c->base + CHUNK_BYTES)
        c++;
    *slot = (unsigned long)(p - c->base) / WINDOW_BYTES;
    return c;
}

/* With the lock. */
static void set_free(struct chunk *c, unsigned long slot)
{
    c->used[slot / 64] &= ~(1ull << (slot % 64));
    if (slot / 64 < c->hint)
        c->hint = (uint32_t)(slot / 64);
}

static void give_back(const uint8_t *p)
{
    unsigned long slot;
    struct chunk *c;

    pthread_mutex_lock(&lock);
    c = chunk_of(p, &slot);
    set_free(c, slot);
    pthread_mutex_unlock(&lock);
}

/* Once more, with the lock. */
static void retry_word(struct chunk *c, unsigned word)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        unsigned long slot = word * 64ul + bit;

        if (!(c->stuck[word] >> bit & 1) ||
            mem_unreserve_at(c->base + slot * WINDOW_BYTES, WINDOW_BYTES))
            continue;
        c->stuck[word] &= ~(1ull << bit);
        nr_stuck--;
        set_free(c, slot);
    }
}

static void retry_stuck(void)
{
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < MAX_CHUNKS && nr_stuck; i++)
        for (unsigned word = 0; word < CHUNK_WORDS && nr_stuck; word++)
            if (chunks[i].stuck[word])
                retry_word(&chunks[i], word);
    pthread_mutex_unlock(&lock);
}

void *window_map(int ram_fd)
{
    uint8_t *p;
    int rc;

    retry_stuck();
    p = take();
    if (!p)
        return NULL;
    rc = memfd_map_at(p, ram_fd, 0, WINDOW_BYTES, true);
    if (rc) {
        give_back(p);
        errno = -rc;
        return NULL;
    }
    return p;
}

void window_unmap(void *window)
{
    unsigned long slot;
    struct chunk *c;

    if (!window)
        return;
    retry_stuck();
    if (mem_unreserve_at(window, WINDOW_BYTES) == 0) {
        give_back(window);
        return;
    }
    /* The kernel is out of memory for its bookkeeping. The slot keeps its
     * mapping, and that all the memory of the file, until it can be emptied. */
    pthread_mutex_lock(&lock);
    c = chunk_of(window, &slot);
    c->stuck[slot / 64] |= 1ull << (slot % 64);
    nr_stuck++;
    pthread_mutex_unlock(&lock);
}
