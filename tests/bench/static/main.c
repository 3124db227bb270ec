/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-static [pause]: prints the time stamp counter and leaves; with an
 * argument it stays until it is killed. Without libc and without a dynamic
 * linker, so that starting it costs what Linux itself takes for an exec and
 * nothing else.
 */
#include <bench/bare.h>

_Noreturn void bare_main(long argc, char **argv)
{
    uint64_t tsc = __builtin_ia32_rdtsc();

    (void)argv;
    bare_print_tsc(tsc);
    if (argc > 1)
        bare_pause();
    bare_exit(0);
}

BARE_START
