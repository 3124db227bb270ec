/* SPDX-License-Identifier: ISC */
/*
 * Classic BPF as seccomp runs it: instructions, the data they see, verdicts
 * (linux/filter.h, linux/seccomp.h; part of Linux's stable ABI).
 */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

#include <stdint.h>

struct bpf_insn {
    uint16_t code;
    uint8_t jt, jf; /* instructions to skip, condition true / false        */
    uint32_t k;
};

/* What we use of it: A is the one register. */
#define BPF_LD_ABS 0x20u /* A = the 32-bit word at offset k                */
#define BPF_AND    0x54u /* A &= k                                         */
#define BPF_JEQ    0x15u /* A == k                                         */
#define BPF_JGT    0x25u /* A > k, unsigned                                */
#define BPF_JGE    0x35u /* A >= k, unsigned                               */
#define BPF_RET    0x06u /* verdict k                                      */

/* struct seccomp_data: offsets of its 16 words. */
#define BPF_DATA_NR    0u
#define BPF_DATA_ARCH  4u
#define BPF_DATA_IP_LO 8u
#define BPF_DATA_IP_HI 12u
#define BPF_ARG_LO(n)  (16u + 8u * (n))
#define BPF_ARG_HI(n)  (20u + 8u * (n))
#define BPF_DATA_WORDS 16u

#define BPF_RET_KILL  0x80000000u /* the process, by SIGSYS                */
#define BPF_RET_TRAP  0x00030000u /* SIGSYS with si_errno = the low 16 bits*/
#define BPF_RET_ALLOW 0x7fff0000u

#define BPF_ARCH_X86_64 0xc000003eu

#endif /* FILTER_BPF_H */
