/* SPDX-License-Identifier: ISC */
/* Finding the thread of a stack pointer in descriptions, true ones and lies. */
#include "threads.h"

#include <string.h>
#include <base/compiler.h>
#include <daemon/crash.h>
#include <debuginfo/threads.h>
#include <tap.h>

#define BASE 0x40000u
#define NR   4

/* The guest's memory: a description, two pointers, a few threads. */
static struct {
    struct debuginfo_threads d;
    uint64_t current, first;
    struct {
        uint64_t next, start, end, guard;
        char name[DEBUGINFO_THREAD_NAME_MAX];
    } thread[NR];
} mem;

static unsigned reads;

#define VA(field) (BASE + (uint64_t)((char *)&(field) - (char *)&mem))

static size_t read_guest(void *arg, uint64_t va, void *buf, size_t len)
{
    (void)arg;
    reads++;
    if (va < BASE || va >= BASE + sizeof(mem))
        return 0;
    len = MIN(len, BASE + sizeof(mem) - va);
    memcpy(buf, (char *)&mem + (va - BASE), len);
    return len;
}

static const struct crash_source src = {.read = read_guest};
static struct crash_thread got;

/* Threads "t0" .. with stacks of 4 KiB from 1 MiB on, 16 KiB apart. */
static void make(void)
{
    unsigned i;

    memset(&mem, 0, sizeof(mem));
    mem.d = (struct debuginfo_threads){
        .magic = DEBUGINFO_THREADS_MAGIC,
        .version = DEBUGINFO_THREADS_VERSION,
        .current = VA(mem.current),
        .first = VA(mem.first),
        .off_name = 32,
        .off_stack_start = 8,
        .off_stack_end = 16,
        .off_guard = 24,
    };
    for (i = 0; i < NR; i++) {
        mem.thread[i].next = i + 1 < NR ? VA(mem.thread[i + 1]) : 0;
        mem.thread[i].start = 0x100000 + i * 0x4000;
        mem.thread[i].end = mem.thread[i].start + 0x1000;
        mem.thread[i].guard = mem.thread[i].start - 0x1000;
        memcpy(mem.thread[i].name, "t0", 3);
        mem.thread[i].name[1] = (char)('0' + i);
    }
    mem.first = VA(mem.thread[0]);
    mem.current = VA(mem.thread[1]);
}

static const char *owner(uint64_t rsp)
{
    reads = 0;
    memset(&got, 0x55, sizeof(got));
    return crash_thread(&src, BASE, rsp, &got) ? got.name : "(none)";
}

static void test_owner(void)
{
    make();
    is_str(owner(0x104800), "t1", "on the stack of the running thread");
    is_str(owner(0x103ff8), "t1", "in its guard page");
    is_str(owner(0x10c800), "t3", "on another one's");
    is_str(owner(0x10bff8), "t3", "in another one's guard page");
    is_str(owner(0x900000), "t1", "on nobody's: the running one");
    mem.current = 0;
    is_str(owner(0x108010), "t2", "none runs: by its stack");
    is_str(owner(0x900000), "(none)", "none runs, nobody's stack");
    memcpy(mem.thread[2].name, "a\nb\x80 0123456789a", 16);
    is_str(owner(0x108010), "a?b??0123456789a", "a full and dirty name");
    mem.thread[2].guard = 0x1000;
    is_str(owner(0x80000), "(none)", "a guard far away is not believed");
}

static void test_lies(void)
{
    make();
    mem.thread[3].next = VA(mem.thread[0]);
    is_str(owner(0x900000), "t1", "a list without an end");
    ok(reads < 256 * 6, "is not followed for ever");
    mem.thread[0].next = UINT64_MAX - 3;
    is_str(owner(0x10c800), "t1", "a list that leads nowhere");
    make();
    mem.first = 0x10;
    is_str(owner(0x900000), "t1", "a bad first");
    mem.d.off_name = 0xfffffff0;
    is_str(owner(0x104800), "(none)", "an absurd offset");
    make();
    mem.d.magic++;
    is_str(owner(0x104800), "(none)", "no magic");
    make();
    mem.d.version++;
    is_str(owner(0x104800), "(none)", "another version");
    ok(!crash_thread(&src, BASE + sizeof(mem) - 8, 0, &got),
       "a description that is cut off");
    make();
    mem.d.current = mem.d.first = UINT64_MAX;
    is_str(owner(0x104800), "(none)", "pointers to nowhere");
}

void test_threads(void)
{
    test_owner();
    test_lies();
}
