/* SPDX-License-Identifier: ISC */
/* Installs the filter of the floors. */
#include "floor.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bench/filter.h>

int filter_install(void)
{
    struct sock_filter insn[FILTER_LENGTH];
    struct sock_fprog prog = {.len = FILTER_LENGTH, .filter = insn};

    filter_build(insn);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) ? -1 : 0;
}
