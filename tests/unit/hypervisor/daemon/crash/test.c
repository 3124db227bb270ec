/* SPDX-License-Identifier: ISC */
/* Crash reports on made-up memory: words, frames, loops, holes, overflows. */

#include <string.h>
#include <base/compiler.h>
#include <daemon/crash.h>
#include <tap.h>
#include "threads.h"

#define STACK_VA 0x10000u
#define WORDS    512u /* one page                                          */

static uint64_t stack[WORDS];
static char report[16384];
static unsigned nr_lines;

static size_t read_guest(void *arg, uint64_t va, void *buf, size_t len)
{
    (void)arg;
    if (va < STACK_VA || va >= STACK_VA + sizeof(stack))
        return 0;
    len = MIN(len, STACK_VA + sizeof(stack) - va);
    memcpy(buf, (char *)stack + (va - STACK_VA), len);
    return len;
}

static void line(void *arg, const char *text)
{
    size_t used = strlen(report);

    (void)arg;
    nr_lines++;
    snprintf(report + used, sizeof(report) - used, "%s\n", text);
}

static const struct crash_source src = {.read = read_guest, .line = line};

static void run(const struct portal_crash *c)
{
    report[0] = '\0';
    nr_lines = 0;
    crash_report(&src, c);
}

static bool says(const char *text)
{
    return strstr(report, text) != NULL;
}

static struct portal_crash trap(uint32_t vector, uint64_t cr2)
{
    struct portal_crash c = {.kind = PORTAL_CRASH_TRAP, .vector = vector};

    c.cr2 = cr2;
    c.regs.rip = 0x1234;
    c.regs.rsp = STACK_VA + 64;
    memset(stack, 0, sizeof(stack));
    return c;
}

static void test_words(void)
{
    struct portal_crash c = trap(14, 8);

    c.error = 2;
    run(&c);
    ok(says("page fault (vector 14) writing address 0x8"), "a write");
    ok(says("null pointer"), "through a null pointer");
    ok(!says("stack overflow"), "not on the stack");
    c = trap(14, 0x500000);
    c.error = 0x11;
    run(&c);
    ok(says("executing") && says("not permitted"), "execution of data");
    c = trap(0, 0);
    run(&c);
    ok(says("divide error"), "division");
    c = trap(200, 0);
    run(&c);
    ok(says("unknown exception (vector 200)"), "no such vector");
    c.kind = 77;
    run(&c);
    ok(says("unknown kind 77"), "no such kind");
    c.kind = PORTAL_CRASH_HOST;
    c.value = UINT64_MAX;
    run(&c);
    ok(says("errno -1"), "no such errno");
    c.kind = PORTAL_CRASH_WX;
    run(&c);
    ok(says("writes to the page it is on"), "code that writes to itself");
    c.kind = CRASH_KIND_SHUTDOWN;
    run(&c);
    ok(says("SCHEDOP_shutdown") && !says("r14"), "only what is known");
}

static void test_overflow(void)
{
    struct portal_crash c = trap(14, STACK_VA - 8);

    c.regs.rsp = STACK_VA - 8;
    run(&c);
    ok(says("stack overflow"), "a push below the stack");
    c = trap(14, STACK_VA - 0x2000);
    run(&c);
    ok(says("stack overflow"), "a large frame below the stack");
    c = trap(14, STACK_VA - 0x200000);
    run(&c);
    ok(!says("stack overflow"), "far away is something else");
    c = trap(14, STACK_VA + 16);
    run(&c);
    ok(!says("stack overflow"), "mapped memory is something else");
    c = trap(14, STACK_VA - 8);
    c.kind = PORTAL_CRASH_DOUBLE;
    c.regs.rsp = STACK_VA;
    run(&c);
    ok(says("stack overflow"), "no room for the trap frame");
}

/* A frame at word (at): the caller's frame at word (next), returning to (ret). */
static void frame(unsigned at, unsigned next, uint64_t ret)
{
    stack[at] = next ? STACK_VA + next * 8 : 0;
    stack[at + 1] = ret;
}

static void test_frames(void)
{
    struct portal_crash c = trap(6, 0);

    c.regs.rbp = STACK_VA + 80;
    frame(10, 20, 0xaaaa);
    frame(20, 30, 0xbbbb);
    frame(30, 0, 0xcccc);
    run(&c);
    ok(says("#0  0x0000000000001234"), "begins where it crashed");
    ok(says("#1  0x000000000000aaaa") && says("#2  0x000000000000bbbb") &&
           says("#3  0x000000000000cccc"),
       "follows the frames");
    ok(!says("#4 "), "to their end");
    frame(20, 10, 0xbbbb);
    run(&c);
    ok(says("#2 ") && !says("#3 "), "a loop ends it");
    frame(20, 20, 0xbbbb);
    run(&c);
    ok(says("#2 ") && !says("#3 "), "so does a frame that is its own caller");
    for (unsigned i = 10; i < 500; i += 2)
        frame(i, i + 2, 0xd000 + i);
    run(&c);
    ok(says("#31 ") && !says("#32 ") && says("more frames are not shown"),
       "bounded");
    for (unsigned i = 10; i < 500; i += 2)
        frame(i, i + 2, 0xdddd);
    frame(500, 0, 0xeeee);
    run(&c);
    ok(says("#1  0x000000000000dddd") && says("244 times more") &&
           says("#2  0x000000000000eeee"),
       "recursion is folded, and its start shown");
    c.regs.rbp = STACK_VA + sizeof(stack) - 8;
    run(&c);
    ok(says("stack 0x0000000000010040:"), "half a frame: top of stack instead");
    c.regs.rbp = STACK_VA + 83;
    run(&c);
    ok(says("stack 0x0000000000010040:"), "odd frame pointer: the same");
    c.regs.rbp = 0;
    c.regs.rsp = 0xfffffffffffffff8;
    run(&c);
    ok(says("is unreadable"), "no stack at all");
    ok(nr_lines < 70, "never long");
}

int main(void)
{
    test_words();
    test_overflow();
    test_frames();
    test_threads();
    return tap_done();
}
