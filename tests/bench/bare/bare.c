/* SPDX-License-Identifier: ISC */
/* For programs without libc. */
#include <bench/bare.h>

#include <sys/syscall.h>

long bare_call(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long r;

    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return r;
}

/* "tsc: N\n"; returns its length. */
static long format(uint64_t tsc, char out[32])
{
    char digits[20];
    unsigned nr = 0, at = 0;

    out[at++] = 't';
    out[at++] = 's';
    out[at++] = 'c';
    out[at++] = ':';
    out[at++] = ' ';
    do {
        digits[nr++] = (char)('0' + tsc % 10);
        tsc /= 10;
    } while (tsc);
    while (nr)
        out[at++] = digits[--nr];
    out[at++] = '\n';
    return at;
}

void bare_print_tsc(uint64_t tsc)
{
    char line[32];
    long length = format(tsc, line);

    (void)bare_call(SYS_write, 1, (long)(uintptr_t)line, length, 0, 0, 0);
}

_Noreturn void bare_exit(int code)
{
    (void)bare_call(SYS_exit_group, code, 0, 0, 0, 0, 0);
    __builtin_unreachable();
}

_Noreturn void bare_pause(void)
{
    for (;;)
        (void)bare_call(SYS_pause, 0, 0, 0, 0, 0, 0);
}
