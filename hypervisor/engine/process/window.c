/* SPDX-License-Identifier: ISC */
/*
 * The daemon's mappings of windows: slots in large reservations of address
 * space, lowest free slot first, so that the mappings in use stay dense.
 */
#include <process/window.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>

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
    uint32_t hint; /* no free slot in words below                          */
    uint64_t used[CHUNK_WORDS];
};

static struct chunk chunks[MAX_CHUNKS]; /* guarded by (lock)               */
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
        }
        p = take_from(c);
    }
    pthread_mutex_unlock(&lock);
    return p;
}

static void give_back(const uint8_t *p)
{
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < MAX_CHUNKS; i++) {
        struct chunk *c = &chunks[i];
        unsigned long n;

        if (!c->base || p < c->base || p >= c->base + CHUNK_BYTES)
            continue;
        n = (unsigned long)(p - c->base) / WINDOW_BYTES;
        c->used[n / 64] &= ~(1ull << (n % 64));
        if (n / 64 < c->hint)
            c->hint = (uint32_t)(n / 64);
        break;
    }
    pthread_mutex_unlock(&lock);
}

void *window_map(int ram_fd)
{
    uint8_t *p = take();
    int rc;

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
    /* A slot that cannot be made empty (the kernel is out of memory for its
     * bookkeeping) keeps its mapping and is not used again. */
    if (window && mem_unreserve_at(window, WINDOW_BYTES) == 0)
        give_back(window);
}
