/* SPDX-License-Identifier: ISC */
/* A seccomp filter that costs what the monitor's costs and forbids nothing. */
#include <bench/filter.h>

#include <linux/seccomp.h>
#include <stddef.h>

void filter_build(struct sock_filter insn[FILTER_LENGTH])
{
    /* Pairs of a load and a comparison that never holds, as for a long list of
     * system calls. The monitor's filter looks at the instruction pointer
     * first, and so does this one: Linux tries filters that look at the number
     * only with every number beforehand, which costs more than all the rest. */
    for (unsigned i = 0; i + 1 < FILTER_LENGTH; i++)
        insn[i] =
            i % 2 ? (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                 0xfffffff0u, 0, 0)
                  : (struct sock_filter)BPF_STMT(
                        BPF_LD | BPF_W | BPF_ABS,
                        i == 0 ? (unsigned)offsetof(struct seccomp_data,
                                                    instruction_pointer)
                               : (unsigned)offsetof(struct seccomp_data, nr));
    insn[FILTER_LENGTH - 1] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}
