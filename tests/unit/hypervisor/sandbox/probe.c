/* SPDX-License-Identifier: ISC */
/*
 * The kernel's own word on the filter: for every number a child installs it, has
 * a page of code where the monitor's text would be, and makes that call from
 * there. Calls that are on the list get arguments that the list allows and that
 * do nothing.
 */
#include "sandbox_test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/compiler.h>
#include <tap.h>

#define LAST_NUMBER 511u
#define X32_BIT     0x40000000u
#define INT80       0x80000000u /* of ours: the call is made in that way   */

/* Linux asks no filter about these (since 6.12 and 6.18): they are made by code
 * that its uprobes put into a process, and are refused anywhere else. */
#define NR_URETPROBE 335u
#define NR_UPROBE    336u

/* rdi = number, rsi = six arguments: makes the call and leaves with its
 * error. */
static const uint8_t code[] = {
    0x48, 0x89, 0xf8,          /* mov %rdi, %rax                              */
    0x48, 0x89, 0xf3,          /* mov %rsi, %rbx                              */
    0x48, 0x8b, 0x3b,          /* mov (%rbx), %rdi                            */
    0x48, 0x8b, 0x73, 0x08,    /* mov 8(%rbx), %rsi                           */
    0x48, 0x8b, 0x53, 0x10,    /* mov 16(%rbx), %rdx                          */
    0x4c, 0x8b, 0x53, 0x18,    /* mov 24(%rbx), %r10                          */
    0x4c, 0x8b, 0x43, 0x20,    /* mov 32(%rbx), %r8                           */
    0x4c, 0x8b, 0x4b, 0x28,    /* mov 40(%rbx), %r9                           */
    0x0f, 0x05,                /* syscall                                     */
    0xf7, 0xd8,                /* neg %eax                                    */
    0x89, 0xc7,                /* mov %eax, %edi: the error                   */
    0xb8, 231,  0,    0,    0, /* mov $exit_group, %eax                       */
    0x0f, 0x05,                /* syscall                                     */
};

static const struct filter *filter;
static const struct sandbox_paths *paths;

/* Arguments for call (nr) that the filter lets through, all as small as can be;
 * zeroes when there are none. Returns whether there are. */
static bool arguments(uint32_t nr, uint64_t *arg)
{
    memset(arg, 0, 6 * sizeof(*arg));
    for (unsigned i = 0; i < paths->nr; i++) {
        const struct sandbox_word *w = paths->path[i].word;

        if (paths->path[i].verdict != BPF_RET_ALLOW ||
            !sandbox_word_has(&w[BPF_DATA_NR / 4], nr))
            continue;
        for (unsigned a = 0; a < 6; a++)
            arg[a] = w[BPF_ARG_LO(a) / 4].min |
                     (uint64_t)w[BPF_ARG_HI(a) / 4].min << 32;
        return true;
    }
    return false;
}

static _Noreturn void child(uint32_t nr, const uint64_t *arg)
{
    struct {
        uint16_t len;
        const struct bpf_insn *insn;
    } prog = {filter->len, filter->insn};

    alarm(20); /* for a call that sleeps */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)signal(SIGSYS, SIG_DFL);
    (void)signal(SIGSEGV, SIG_DFL);
    (void)signal(SIGILL, SIG_DFL);
    if (syscall(SYS_seccomp, 1, 0, &prog))
        _exit(99);
    if (nr == INT80)
        __asm__ volatile("int $0x80" : : "a"(20));
    else
        __asm__ volatile(
            "call *%2"
            :
            : "D"((uint64_t)nr), "S"(arg), "r"((uintptr_t)TEXT_START)
            : "memory", "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11");
    __builtin_trap();
}

/* True when the kernel did what the call says. */
static bool reaches(uint32_t nr, const uint64_t *arg)
{
    int status = 0;
    int pid = fork();

    if (!pid)
        child(nr, arg);
    if (waitpid(pid, &status, 0) != pid)
        return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
        ok(0, "the filter could not be installed for %u", nr);
    if (nr == NR_URETPROBE && WIFSIGNALED(status))
        return WTERMSIG(status) != SIGILL && WTERMSIG(status) != SIGSYS;
    if (nr == NR_UPROBE && WIFEXITED(status))
        return WEXITSTATUS(status) != ENXIO;
    return !(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static bool map_code(void)
{
    void *page = mmap((void *)(uintptr_t)TEXT_START, TEXT_END - TEXT_START,
                      PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if (page == MAP_FAILED)
        return false;
    memcpy(page, code, sizeof(code));
    return !mprotect(page, TEXT_END - TEXT_START, PROT_READ | PROT_EXEC);
}

static void numbers(void)
{
    unsigned wrong = 0, made = 0;

    for (uint32_t n = 0; n <= LAST_NUMBER; n++) {
        uint64_t arg[6];
        bool listed = arguments(n, arg), got = reaches(n, arg);

        made += got;
        if (got != listed && wrong++ < 5)
            printf("#   %u is %slisted and %smade\n", n, listed ? "" : "not ",
                   got ? "" : "not ");
    }
    is_int(wrong, 0, "every number up to %u ends as listed", LAST_NUMBER);
    ok(made == 9 || made == 10, "%u calls are made", made);
}

/* A call on the list, with one argument changed to what the list excludes. */
static void refused_arguments(void)
{
    static const struct {
        uint32_t nr;
        unsigned arg;
        uint64_t value;
        const char *what;
    } t[] = {
        {SYS_write, 0, 3, "write to the RAM file"},
        {SYS_write, 2, 2, "write of two bytes"},
        {SYS_write, 2, 1ull << 32, "write of 4 GiB"},
        {SYS_mmap, 0, 0, "mmap at 0"},
        {SYS_mmap, 0, 0xff000, "mmap over the window"},
        {SYS_mmap, 2, 8, "mmap with an unknown protection"},
        {SYS_mmap, 3, 0x10, "mmap neither shared nor private"},
        {SYS_mmap, 3, 0x12, "mmap MAP_PRIVATE"},
        {SYS_mmap, 3, 0x01, "mmap without MAP_FIXED"},
        {SYS_mmap, 3, 0x8011, "mmap MAP_POPULATE"},
        {SYS_mmap, 3, 0x31, "mmap MAP_ANONYMOUS"},
        {SYS_mmap, 4, 4, "mmap of the doorbell"},
        {SYS_mmap, 4, UINT64_MAX, "mmap of no descriptor"},
        {SYS_munmap, 0, 0xff000, "munmap of the window"},
        {SYS_setitimer, 0, 1, "ITIMER_VIRTUAL"},
        {SYS_setitimer, 0, 2, "ITIMER_PROF"},
        {SYS_futex, 1, 1, "FUTEX_WAKE"},
        {SYS_futex, 1, 3, "FUTEX_REQUEUE"},
        {SYS_futex, 1, 5, "FUTEX_WAKE_OP"},
        {SYS_futex, 1, 6, "FUTEX_LOCK_PI"},
        {SYS_futex, 1, 11, "FUTEX_WAIT_REQUEUE_PI"},
        {SYS_futex, 1, 128, "FUTEX_WAIT_PRIVATE"},
        {SYS_futex, 1, 256, "FUTEX_CLOCK_REALTIME"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
        uint64_t arg[6];

        ok(arguments(t[i].nr, arg), "%s: listed otherwise", t[i].what);
        arg[t[i].arg] = t[i].value;
        ok(!reaches(t[i].nr, arg), "%s: refused", t[i].what);
    }
}

static void other_doors(void)
{
    uint64_t arg[6] = {0};
    unsigned made = 0;

    for (uint32_t n = 0; n <= 64; n++)
        made += reaches(X32_BIT + n, arg);
    for (uint32_t n = 512; n <= 547; n++) /* x32's own */
        made += reaches(X32_BIT + n, arg);
    is_int(made, 0, "no x32 call is made");
    ok(!reaches(INT80, arg), "nor one by int 0x80");
    ok(!reaches(UINT32_MAX, arg), "nor one of the highest number");
}

void test_probe(bool strict_wx, bool arch_prctl)
{
    static struct sandbox_paths p;
    struct filter f;

    build_filter(&f, &p, strict_wx, arch_prctl);
    filter = &f;
    paths = &p;
    if (!map_code()) {
        ok(0, "code at %#x: %s", TEXT_START, strerror(errno));
        return;
    }
    numbers();
    if (strict_wx) {
        uint64_t arg[6];

        refused_arguments();
        other_doors();
        arguments(SYS_mmap, arg);
        arg[2] = PROT_READ | PROT_WRITE | PROT_EXEC;
        ok(!reaches(SYS_mmap, arg), "writable and executable: refused");
        arg[2] = PROT_READ | PROT_EXEC;
        ok(reaches(SYS_mmap, arg), "executable: made");
    } else {
        uint64_t arg[6];

        arguments(SYS_mmap, arg);
        arg[2] = PROT_READ | PROT_WRITE | PROT_EXEC;
        ok(reaches(SYS_mmap, arg), "relaxed: writable and executable is made");
        memset(arg, 0, sizeof(arg));
        arg[0] = 0x1012; /* ARCH_SET_CPUID */
        ok(!reaches(SYS_arch_prctl, arg), "arch_prctl of other codes: refused");
    }
    munmap((void *)(uintptr_t)TEXT_START, TEXT_END - TEXT_START);
}
