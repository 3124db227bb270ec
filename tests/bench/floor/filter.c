/* SPDX-License-Identifier: ISC */
/* A filter that costs what the monitor's costs and forbids nothing. */
#include "floor.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <base/compiler.h>

/* Instructions; hypervisor/engine/filter/filter.c builds as many, give
 * or take ten. */
#define LENGTH 71

int filter_install(void)
{
    struct sock_filter insn[LENGTH];
    struct sock_fprog prog = {.len = LENGTH, .filter = insn};

    /* Pairs of a load and a comparison that never holds, as for a long list of
     * system calls. The monitor's filter looks at the instruction pointer
     * first, and so does this one: Linux tries filters that look at the number
     * only with every number beforehand, which costs more than all the rest. */
    for (unsigned i = 0; i + 1 < LENGTH; i++)
        insn[i] =
            i % 2 ? (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                 0xfffffff0u, 0, 0)
                  : (struct sock_filter)BPF_STMT(
                        BPF_LD | BPF_W | BPF_ABS,
                        i == 0 ? (unsigned)offsetof(struct seccomp_data,
                                                    instruction_pointer)
                               : (unsigned)offsetof(struct seccomp_data, nr));
    insn[LENGTH - 1] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) ? -1 : 0;
}
