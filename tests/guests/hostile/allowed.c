/* SPDX-License-Identifier: ISC */
/* What the list lets through, used as badly as possible. */
#include "hostile.h"

#include <base/string.h>
#include <minios/stdio.h>
#include <portal/portal.h>

#define PORTAL ((volatile struct portal *)PORTAL_VA)

#define BOMB_VA 0x1000000000ul /* 64 GiB                                   */
#define HOG_VA  0x4000000000ul
#define GIB     (1ul << 30)

/* Whatever is unmapped, the guest's page tables bring back. */
static int unmap_all(void)
{
    long rc = monitor_call(NR_munmap, GUEST_VA_MIN,
                           (long)(GUEST_VA_END - GUEST_VA_MIN), 0, 0, 0, 0);

    return rc ? survived("munmap") : unharmed("unmap-all");
}

static int leave(long code)
{
    monitor_call(NR_exit_group, code, 0, 0, 0, 0, 0);
    return survived("exit_group");
}

static int exit_0(void)
{
    return leave(0);
}

static int exit_255(void)
{
    return leave(255);
}

static int exit_wild(void)
{
    return leave(-256);
}

/* Nobody's, everybody's and Linux's words. */
static int futexes(void)
{
    static const uint64_t where[] = {
        0,         1,        MONITOR_TEXT,         PORTAL_VA,
        SHINFO_VA, 0x100000, 0x7d0000000000,       GUEST_VA_END,
        ~0ul << 1, ~3ul,     0xffffffffff600000ul, 0xffff800000000000ul,
    };
    static const int64_t times[][2] = {
        {0, 1}, {0, 0}, {0, -1}, {-1, 0}, {0, 2000000000}};

    for (unsigned i = 0; i < ARRAY_SIZE(where); i++)
        for (unsigned t = 0; t < ARRAY_SIZE(times); t++)
            monitor_call(NR_futex, (long)where[i], 0, 0, (long)times[t], -1,
                         -1);
    /* With a value that is not there; a time that cannot be read. */
    monitor_call(NR_futex, PORTAL_VA, 0, 0x12345678, 8, 0, 0);
    monitor_call(NR_restart, -1, -1, -1, -1, -1, -1);
    monitor_call(NR_sched_yield, -1, -1, -1, -1, -1, -1);
    return unharmed("futexes");
}

static int timers(void)
{
    static const int64_t wild[][4] = {{-1, -1, -1, -1},
                                      {0, 2000000, 0, 2000000},
                                      {1ll << 62, 0, 1ll << 62, 0}};
    static const long where[] = {0, 8, MONITOR_TEXT, -8, (long)GUEST_VA_END};

    for (unsigned i = 0; i < ARRAY_SIZE(wild); i++)
        for (unsigned k = 0; k < ARRAY_SIZE(where); k++)
            monitor_call(NR_setitimer, 0, (long)wild[i], where[k], 0, 0, 0);
    for (unsigned k = 0; k < ARRAY_SIZE(where); k++)
        monitor_call(NR_setitimer, 0, where[k], where[k], 0, 0, 0);
    return unharmed("timers");
}

/* Frames of noise, on a stack of noise. */
static int sigreturn(void)
{
    static uint8_t stack[16384] __attribute__((aligned(16)));
    uint32_t x = 99;

    for (unsigned i = 0; i < sizeof stack; i++) {
        x = x * 1664525 + 1013904223;
        stack[i] = (uint8_t)(x >> 24);
    }
    monitor_sigreturn(stack + 8192);
}

/* One page every GiB costs Linux two pages of tables. */
static int bomb(void)
{
    long rc = 0;
    unsigned n = 0;

    for (uint64_t va = BOMB_VA; va < 0x7d0000000000; va += GIB) {
        rc = monitor_call(NR_mmap, (long)va, 4096, PROT_RW, SHARED_FIXED,
                          GUEST_FD_RAM, 0);
        if (rc != (long)va)
            break;
        (void)*(volatile uint8_t *)va;
        n++;
    }
    printf("bomb: %u mappings, then %ld\n", n, rc);
    while (for_ever())
        CALL(sched_op, 0 /* yield */);
    return survived("bomb");
}

/* All of maxmem, whether the domain has been given it or not. */
static int hog(void)
{
    uint64_t pages =
        RAM_FILE_FIRST + PORTAL->boot.max_pages + NR_SPECIAL_FRAMES;
    long rc = monitor_call(NR_mmap, (long)HOG_VA, (long)(pages << 12), PROT_RW,
                           SHARED_FIXED, GUEST_FD_RAM, 0);

    for (uint64_t i = 0; rc == (long)HOG_VA && i < pages; i++) {
        volatile uint8_t *p = (volatile uint8_t *)(HOG_VA + (i << 12));

        *p = *p;
    }
    printf("hog: %lu pages, %ld\n", pages, rc);
    while (for_ever())
        CALL(sched_op, 0);
    return survived("hog");
}

/* Behind the end of the RAM file. */
static int past_the_end(void)
{
    uint64_t pages =
        RAM_FILE_FIRST + PORTAL->boot.max_pages + NR_SPECIAL_FRAMES;

    monitor_call(NR_mmap, (long)HOG_VA, 8192, PROT_RW, SHARED_FIXED,
                 GUEST_FD_RAM, (long)(pages << 12));
    *(volatile uint8_t *)(HOG_VA + 4096) = 1;
    return survived("past-the-end");
}

/* The template is everybody's. */
static int write_template(void)
{
    long rc = monitor_call(NR_mmap, (long)HOG_VA, 4096, PROT_RW, SHARED_FIXED,
                           GUEST_FD_TEMPLATE, 0);

    if (rc >= 0)
        return survived("write-template");
    monitor_call(NR_mmap, (long)HOG_VA, 4096, 1, SHARED_FIXED,
                 GUEST_FD_TEMPLATE, 0);
    *(volatile uint8_t *)HOG_VA = 0xcc;
    return survived("write-template");
}

const struct attack allowed_attacks[] = {
    {"unmap-all", unmap_all},
    {"exit-0", exit_0},
    {"exit-255", exit_255},
    {"exit-wild", exit_wild},
    {"futexes", futexes},
    {"timers", timers},
    {"sigreturn", sigreturn},
    {"bomb", bomb},
    {"hog", hog},
    {"past-the-end", past_the_end},
    {"write-template", write_template},
    {NULL, NULL},
};
