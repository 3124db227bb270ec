/* SPDX-License-Identifier: ISC */
/* The wall, as instructions. Its list is in filter/filter.h. */
#include <filter/filter.h>

#include <base/compiler.h>
#include <filter/calls.h>
#include <portal/layout.h>

/* The handler makes itself known to the daemon, and dies. */
#define VIOLATION (BPF_RET_TRAP | FILTER_VIOLATION)

static void emit(struct filter *f, unsigned code, uint32_t k, unsigned jt,
                 unsigned jf)
{
    if (f->len < ARRAY_SIZE(f->insn))
        f->insn[f->len] =
            (struct bpf_insn){(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k};
    f->len++;
}

static void load(struct filter *f, uint32_t offset)
{
    emit(f, BPF_LD_ABS, offset, 0, 0);
}

static void ret(struct filter *f, uint32_t action)
{
    emit(f, BPF_RET, action, 0, 0);
}

/* Goes on when the word at (offset) equals (k), else it is refused. */
static void require(struct filter *f, uint32_t offset, uint32_t k)
{
    load(f, offset);
    emit(f, BPF_JEQ, k, 1, 0);
    ret(f, VIOLATION);
}

/* Goes on when 64-bit argument (n) is at least GUEST_VA_MIN, else it is refused. */
static void require_guest_va(struct filter *f, unsigned n)
{
    load(f, BPF_ARG_HI(n));
    emit(f, BPF_JEQ, 0, 0, 3); /* any higher half but 0 is high enough */
    load(f, BPF_ARG_LO(n));
    emit(f, BPF_JGE, (uint32_t)GUEST_VA_MIN, 1, 0);
    ret(f, VIOLATION);
}

/* Begins the block of one system call; ends with block_end(). */
static uint16_t block_begin(struct filter *f, uint32_t nr)
{
    load(f, BPF_DATA_NR);
    emit(f, BPF_JEQ, nr, 0, 0);
    return (uint16_t)(f->len - 1);
}

static void block_end(struct filter *f, uint16_t start)
{
    ret(f, BPF_RET_ALLOW);
    f->insn[start].jf = (uint8_t)(f->len - start - 1);
}

static void allow(struct filter *f, uint32_t nr)
{
    block_end(f, block_begin(f, nr));
}

static void routing(const struct filter_params *params, struct filter *f)
{
    load(f, BPF_DATA_ARCH);
    emit(f, BPF_JEQ, BPF_ARCH_X86_64, 1, 0);
    ret(f, BPF_RET_KILL); /* int80 dies here */
    load(f, BPF_DATA_IP_HI);
    emit(f, BPF_JEQ, 0, 0, 3);
    load(f, BPF_DATA_IP_LO);
    emit(f, BPF_JGE, params->text_start, 0, 1);
    /* The address is that of the instruction after `syscall'. */
    emit(f, BPF_JGT, params->text_end, 0, 1);
    ret(f, BPF_RET_TRAP);
}

static void allow_write(struct filter *f)
{
    uint16_t b = block_begin(f, NR_write);

    require(f, BPF_ARG_LO(0), GUEST_FD_DOORBELL);
    load(f, BPF_ARG_HI(2));
    emit(f, BPF_JEQ, 0, 0, 2);
    load(f, BPF_ARG_LO(2));
    emit(f, BPF_JGT, 1, 0, 1);
    ret(f, VIOLATION);
    block_end(f, b);
}

static void allow_mmap(struct filter *f, bool strict_wx)
{
    uint16_t b = block_begin(f, NR_mmap);

    require_guest_va(f, 0);
    load(f, BPF_ARG_LO(2));
    emit(f, BPF_JGT, MMAP_PROT_R | MMAP_PROT_W | MMAP_PROT_X, 0, 1);
    ret(f, VIOLATION);
    if (strict_wx) {
        emit(f, BPF_AND, MMAP_PROT_W | MMAP_PROT_X, 0, 0);
        emit(f, BPF_JEQ, MMAP_PROT_W | MMAP_PROT_X, 0, 1);
        ret(f, VIOLATION);
    }
    require(f, BPF_ARG_LO(3), MMAP_SHARED_FIXED);
    load(f, BPF_ARG_LO(4));
    emit(f, BPF_JEQ, GUEST_FD_RAM, 2, 0);
    emit(f, BPF_JEQ, GUEST_FD_TEMPLATE, 1, 0);
    ret(f, VIOLATION);
    block_end(f, b);
}

/* Its other codes change what is not the vCPU's: CPUID faults, the size of
 * signal frames, a vDSO. */
static void allow_arch_prctl(struct filter *f)
{
    uint16_t b = block_begin(f, NR_arch_prctl);

    load(f, BPF_ARG_LO(0));
    emit(f, BPF_JGE, ARCH_PRCTL_SET_GS, 0, 1);
    emit(f, BPF_JGT, ARCH_PRCTL_GET_GS, 0, 1);
    ret(f, VIOLATION);
    block_end(f, b);
}

bool filter_build(const struct filter_params *params, struct filter *f)
{
    uint16_t b;

    f->len = 0;
    routing(params, f);

    b = block_begin(f, NR_futex);
    require(f, BPF_ARG_LO(1), FUTEX_WAIT_SHARED);
    block_end(f, b);

    allow_write(f);
    allow_mmap(f, params->strict_wx);

    b = block_begin(f, NR_munmap);
    require_guest_va(f, 0);
    block_end(f, b);

    b = block_begin(f, NR_setitimer);
    require(f, BPF_ARG_LO(0), TIMER_REAL);
    block_end(f, b);

    allow(f, NR_rt_sigreturn);
    allow(f, NR_sched_yield);
    allow(f, NR_restart_syscall);
    allow(f, NR_exit_group);
    if (params->arch_prctl)
        allow_arch_prctl(f);

    load(f, BPF_DATA_NR);
    emit(f, BPF_JEQ, FILTER_NR_DIE, 0, 1);
    ret(f, BPF_RET_KILL);
    ret(f, VIOLATION);
    return f->len <= ARRAY_SIZE(f->insn);
}
