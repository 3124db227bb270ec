/* SPDX-License-Identifier: ISC */
/* For programs without libc. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdint.h>

/* A system call; its result, or -errno. */
long bare_call(long nr, long a, long b, long c, long d, long e, long f);

/* Prints "tsc: N" and a newline on standard output. */
void bare_print_tsc(uint64_t tsc);

/* Leaves with (code). */
_Noreturn void bare_exit(int code);

/* Sleeps until a signal ends the program. */
_Noreturn void bare_pause(void);

/* Where the program begins: calls bare_main() on a stack as Linux gave it. */
#define BARE_START                                                             \
    __asm__(".globl _start\n"                                                  \
            "_start:\n"                                                        \
            "    xor %ebp, %ebp\n"                                             \
            "    mov (%rsp), %rdi\n"                                           \
            "    lea 8(%rsp), %rsi\n"                                          \
            "    call bare_main\n");
_Noreturn void bare_main(long argc, char **argv);

#endif /* BENCH_BARE_H */
