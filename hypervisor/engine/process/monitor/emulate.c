/* SPDX-License-Identifier: ISC */
/*
 * Instructions that a PV kernel may execute although only Xen could: they fault
 * in a process as they do in ring 3 under Xen, and are carried out here. The
 * list is what guests of our own and common strangers use; everything else is
 * a #GP for the guest, as under Xen.
 *
 *   iretq, lretq with Xen's selectors      mov %sreg with Xen's selectors
 *   mov from %cr0/%cr2/%cr3/%cr4           mov to %cr2
 *   rdmsr/wrmsr of FS and GS bases         clts
 *   loads from the machine-to-phys table   (ud2 "xen" cpuid: cpuid.c)
 */

#include "machine_context.h"
#include "monitor.h"
#include <base/string.h>

#define CR0_VALUE 0x80050033ull
#define CR4_VALUE 0x2660ull

#define MSR_FS_BASE        0xc0000100u
#define MSR_GS_BASE        0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u

#define REX_B 1u
#define REX_X 2u
#define REX_R 4u
#define REX_W 8u

#define MAX_INSN 15

struct insn {
    uint8_t byte[MAX_INSN];
    unsigned n;   /* valid bytes                                           */
    unsigned pos; /* next one                                              */
    uint8_t rex;
};

static uint8_t next(struct insn *in)
{
    unsigned at = in->pos++;

    return at < in->n ? in->byte[at] : (uint8_t)0;
}

/* Reads as much of the instruction as there is, up to a page's end. */
static bool fetch(struct insn *in, uint64_t rip)
{
    *in = (struct insn){.n = MAX_INSN};
    if (copy_from_guest(in->byte, rip, MAX_INSN)) {
        in->n = (unsigned)(0x1000 - (rip & 0xfff));
        if (in->n >= MAX_INSN || copy_from_guest(in->byte, rip, in->n))
            return false;
    }
    return true;
}

static uint8_t opcode(struct insn *in)
{
    uint8_t b = next(in);

    while (b == 0x66 || b == 0x2e || b == 0x3e || b == 0xf2 || b == 0xf3)
        b = next(in);
    if ((b & 0xf0) == 0x40) {
        in->rex = b & 0xf;
        b = next(in);
    }
    return b;
}

static bool is_kernel_cs(uint64_t sel)
{
    return (sel & ~3ull) == GUEST_KERNEL_CS || sel == HOST_CS;
}

/* --- returns ------------------------------------------------------------------- */

static bool emulate_iretq(struct machine_context *u)
{
    struct iret_frame f;

    if (copy_from_guest(&f, u->rsp, sizeof f) || !is_kernel_cs(f.cs) ||
        !canonical(f.rip))
        return false;
    u->rip = f.rip;
    /* iretq at CPL 3 changes neither IF nor IOPL. */
    u->rflags = (f.rflags &
                 ~(uint64_t)(EFLAGS_IOPL | EFLAGS_NT | EFLAGS_VM | EFLAGS_RF)) |
                EFLAGS_IF | 2;
    u->rsp = f.rsp;
    return true;
}

static bool emulate_lretq(struct machine_context *u)
{
    uint64_t f[2];

    if (copy_from_guest(f, u->rsp, sizeof f) || !is_kernel_cs(f[1]) ||
        !canonical(f[0]))
        return false;
    u->rip = f[0];
    u->rsp += sizeof f;
    return true;
}

/* mov r16 -> sreg with one of Xen's flat selectors: the base becomes 0. */
static bool emulate_mov_sreg(struct machine_context *u, struct insn *in)
{
    uint8_t modrm = next(in);
    uint64_t sel;

    if (modrm >> 6 != 3)
        return false;
    sel = *context_gpr(u, (modrm & 7u) | (in->rex & REX_B ? 8u : 0)) & 0xffff;
    if ((sel | 3) != FLAT_RING3_SS64 && (sel | 3) != FLAT_RING3_CS32)
        return false;
    switch (modrm >> 3 & 7) {
    case 0: /* es */
    case 2: /* ss */
    case 3: /* ds */
        break;
    case 4:
        set_fs_base(0);
        break;
    case 5:
        set_gs_base(0);
        break;
    default:
        return false;
    }
    u->rip += in->pos;
    return true;
}

/* --- 0f xx ----------------------------------------------------------------------- */

static bool read_cr(struct machine_context *u, unsigned cr, uint64_t *reg)
{
    (void)u;
    switch (cr) {
    case 0:
        *reg = CR0_VALUE;
        return true;
    case 2:
        *reg = VCPU_INFO->arch.cr2;
        return true;
    case 3:
        *reg = xen_pfn_to_cr3(pv.cr3_mfn);
        return true;
    case 4:
        *reg = CR4_VALUE;
        return true;
    default:
        return false;
    }
}

static bool rdmsr(struct machine_context *u)
{
    uint64_t v;

    switch ((uint32_t)u->rcx) {
    case MSR_FS_BASE:
        v = get_fs_base();
        break;
    case MSR_GS_BASE:
        v = get_gs_base();
        break;
    case MSR_KERNEL_GS_BASE:
        v = pv.gs_user;
        break;
    default:
        return false;
    }
    u->rax = (uint32_t)v;
    u->rdx = v >> 32;
    return true;
}

static bool wrmsr(struct machine_context *u)
{
    uint64_t v = (uint32_t)u->rax | u->rdx << 32;

    if (!canonical(v))
        return false;
    switch ((uint32_t)u->rcx) {
    case MSR_FS_BASE:
        set_fs_base(v);
        return true;
    case MSR_GS_BASE:
        set_gs_base(v);
        return true;
    case MSR_KERNEL_GS_BASE:
        pv.gs_user = v;
        return true;
    default:
        return false;
    }
}

static bool emulate_0f(struct machine_context *u, struct insn *in)
{
    uint8_t op = next(in);
    uint8_t modrm;
    uint64_t *reg;
    bool done;

    switch (op) {
    case 0x06: /* clts */
        done = true;
        break;
    case 0x20: /* mov crN -> r */
    case 0x22: /* mov r -> crN */
        modrm = next(in);
        reg = context_gpr(u, (modrm & 7u) | (in->rex & REX_B ? 8u : 0));
        if (op == 0x20) {
            done = read_cr(u, modrm >> 3 & 7, reg);
        } else {
            done = (modrm >> 3 & 7) == 2;
            if (done)
                VCPU_INFO->arch.cr2 = *reg;
        }
        break;
    case 0x30:
        done = wrmsr(u);
        break;
    case 0x32:
        done = rdmsr(u);
        break;
    default:
        done = false;
    }
    if (done)
        u->rip += in->pos;
    return done;
}

bool emulate_privileged(struct machine_context *u)
{
    struct insn in;

    if (!fetch(&in, u->rip))
        return false;
    switch (opcode(&in)) {
    case 0x0f:
        return emulate_0f(u, &in);
    case 0x8e:
        return emulate_mov_sreg(u, &in);
    case 0xcb:
        return emulate_lretq(u);
    case 0xcf:
        return emulate_iretq(u);
    default:
        return false;
    }
}

/* --- the machine-to-phys table --------------------------------------------------------- */

/* Length of the memory operand after (in->pos): ModRM, SIB, displacement. */
static unsigned operand_length(const struct insn *in)
{
    uint8_t modrm = in->byte[in->pos];
    unsigned mod = modrm >> 6, rm = modrm & 7, n = 1;

    if (rm == 4) {
        n++;
        if (mod == 0 && (in->byte[in->pos + 1] & 7) == 5)
            n += 4;
    } else if (mod == 0 && rm == 5) {
        n += 4;
    }
    return n + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

/*
 * Entry i of the table is i: frames are numbered by slot. Only plain loads
 * (mov r32/r64, m) are carried out; the table cannot be mapped at its address.
 */
bool emulate_m2p_read(struct machine_context *u, uint64_t fault_va)
{
    uint64_t mfn = (fault_va - MACH2PHYS_VIRT_START) / 8, *reg;
    struct insn in;

    if (fault_va < MACH2PHYS_VIRT_START || fault_va % 8 ||
        mfn >= vcpu.boot.max_pages + NR_SPECIAL_FRAMES || !fetch(&in, u->rip) ||
        opcode(&in) != 0x8b || in.pos + 2 > in.n)
        return false;
    reg =
        context_gpr(u, (in.byte[in.pos] >> 3 & 7u) | (in.rex & REX_R ? 8u : 0));
    *reg = in.rex & REX_W ? mfn : (uint32_t)mfn;
    u->rip += in.pos + operand_length(&in);
    return true;
}
