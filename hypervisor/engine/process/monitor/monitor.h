/* SPDX-License-Identifier: ISC */
/*
 * The monitor: what stands in for Xen inside a domain's vCPU process. It is
 * libc-free, single-threaded and not trusted by anybody but the guest whose
 * process it is: the guest can write its data and jump into its text. The wall
 * is the filter (filter/filter.h).
 *
 *   child.c         in the zygote, and from fork to first guest instruction
 *   filter.c        installs the seccomp filter (filter/filter.h)
 *   entry.S         hypercall and iret entry, restartable exits, copies
 *   signals.c       faults, kicks, raw system calls
 *   emulate.c       privileged instructions a PV kernel may still execute
 *   cpuid.c         cpuid with Xen's prefix
 *   frames.c        exception and upcall frames, iret
 *   hypercalls.c    who serves what stays in the process; op_*.c serve it
 *   mmu.c           the guest's page tables, followed by mmap
 *   frames_of_ram.c which file backs a frame
 *   crash.c         the end
 *
 * vcpu/vcpu.h has what it shares with the KVM engine's program.
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vcpu/vcpu.h>

/* What iretq takes. */
struct iret_frame {
    uint64_t rip, cs, rflags, rsp, ss;
};

/* Linux's selectors for 64-bit user code: what the CPU really runs with. */
#define HOST_CS 0x33u
#define HOST_SS 0x2bu

/* Selectors in frames the guest sees (xen/arch-x86/xen-x86_64.h): kernel mode
 * shows RPL 0. */
#define GUEST_KERNEL_CS (FLAT_KERNEL_CS64 & ~3u)
#define GUEST_KERNEL_SS FLAT_KERNEL_SS64

#define EFLAGS_TF   0x100u
#define EFLAGS_IF   0x200u
#define EFLAGS_IOPL 0x3000u
#define EFLAGS_NT   0x4000u
#define EFLAGS_RF   0x10000u
#define EFLAGS_VM   0x20000u
#define EFLAGS_AC   0x40000u
/* Cleared when a handler of the guest is entered, as Xen does. */
#define EFLAGS_CLEAR (EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC)

struct trap_gate {
    uint64_t address; /* 0 = not set                                       */
    uint8_t flags;    /* TI_* of xen.h: DPL, mask events                   */
};

#define NR_VECTORS 256

/* From here up lie the monitor's views of RAM (frames_of_ram.c); what the guest
 * maps stays below. */
#define MONITOR_WINDOWS_VA 0x7d0000000000ull

/* What only a PV vCPU has. */
struct pv_vcpu {
    uint64_t event_callback, failsafe_callback, syscall_callback;
    uint64_t kernel_sp;
    uint64_t cr3_mfn;
    uint64_t gs_user;
    bool fsgsbase; /* the CPU lets us write FS and GS bases                */
    bool ram_window, template_window; /* mapped yet?                       */
    bool template_alias;  /* a template frame was mapped off its identity   */
    uint32_t nr_mappings; /* made since the last full flush                */
};

extern struct pv_vcpu pv;
extern struct iret_frame v_iret; /* entry.S: where iret_exit goes         */
extern struct trap_gate trap_table[NR_VECTORS];

/* The stack both entries use (entry.S). */
extern char monitor_stack_top[];

/* --- entry.S ----------------------------------------------------------------- */
extern const char monitor_text_start[], monitor_text_end[];
extern const char hypercall_exit_start[], hypercall_exit_end[];
extern const char iret_insn[];
extern const char copy_start[], copy_end[], copy_fixup[];
/* Code that a kick sends back to its (start), with rsp (stack_bytes) below the
 * top of the monitor's stack. */
struct exit_window {
    uint64_t start, end, stack_bytes;
};
#define NR_EXIT_WINDOWS 2
extern const struct exit_window exit_windows[NR_EXIT_WINDOWS];
void signal_restorer(void);
__noreturn void enter_guest(uint64_t rsi);
unsigned long copy_guest(void *dst, const void *src, size_t n);

/* Called from entry.S. */
void do_iret(void);
void iret_from_call(uint64_t guest_rsp);
void deliver_upcall_on_exit(struct guest_regs *block);

/* --- filter.c ---------------------------------------------------------------------- */

/* Installs the filter; (strict_wx) also refuses writable+executable mappings,
 * (arch_prctl) allows arch_prctl. 0 or -errno. */
long filter_install(bool strict_wx, bool arch_prctl);

struct machine_context;
struct signal_info;
/* SIGSYS for a system call that is not on the list: the end. */
__noreturn void violation(const struct machine_context *u,
                          const struct signal_info *si);

/* --- signals.c --------------------------------------------------------------------- */

/* Sets alternate stack and handlers; inherited by the children. Returns 0 or
 * -errno, -LINUX_ENOMEM when the kernel wants bigger signal frames than we have
 * room for. */
long signals_init(uint64_t min_signal_stack);

/* --- frames.c ---------------------------------------------------------------------- */

/* What a frame needs to know about the interrupted guest, and gets changed so
 * that execution continues in the handler. */
struct interrupted {
    uint64_t *rip, *rsp, *rflags;
    uint64_t rcx, r11;
};

/* Pushes an exception frame for (vector) and redirects to its handler. False:
 * the guest's stack cannot take it (nothing changed). The gate must be set. */
bool push_exception(const struct interrupted *in, unsigned vector,
                    bool has_error, uint64_t error);
/* The same for the event callback, which must be set. */
bool push_upcall(const struct interrupted *in);

/* Reads and checks the guest's iret frame at (va) and sets v_iret and the upcall
 * mask from it; ends the vCPU when it is no good. */
void load_iret_frame(uint64_t va);

/* Base registers, by instruction or by arch_prctl. */
void set_fs_base(uint64_t base);
void set_gs_base(uint64_t base);
uint64_t get_fs_base(void);
uint64_t get_gs_base(void);

/* --- emulate.c --------------------------------------------------------------------- */

/* After a general-protection fault at u->rip: true when the instruction was one
 * we emulate and the context has been advanced. */
bool emulate_privileged(struct machine_context *u);
/* After a read fault in the machine-to-phys table: its value is known. */
bool emulate_m2p_read(struct machine_context *u, uint64_t fault_va);

/* --- cpuid.c ------------------------------------------------------------------------- */

/* After an invalid opcode: the forced-emulation prefix of Xen (ud2 "xen" cpuid). */
bool emulate_forced_cpuid(struct machine_context *u);

/* --- frames_of_ram.c ----------------------------------------------------------------- */

struct frame_backing {
    int fd; /* GUEST_FD_RAM or GUEST_FD_TEMPLATE               */
    uint64_t file_page;
    bool writable;
};
/* Which file page backs machine frame (mfn). False: no such frame. */
bool frame_backing(uint64_t mfn, struct frame_backing *b);
/* frame_read(), writable; unshares a template frame first. */
volatile uint64_t *frame_write(uint64_t mfn);

/* --- mmu.c ----------------------------------------------------------------------------- */

#define PTE_P        0x1ull
#define PTE_RW       0x2ull
#define PTE_PS       0x80ull
#define PTE_NX       (1ull << 63)
#define PTE_MFN(pte) (((pte)&0x000ffffffffff000ull) >> 12)

#define ACCESS_READ  0u
#define ACCESS_WRITE 1u
#define ACCESS_EXEC  2u

/* Result of walking the guest's tables for one address. */
struct walk {
    bool present; /* a leaf was reached                                    */
    bool rw, nx;  /* over all levels                                       */
    uint64_t mfn; /* of the 4 KiB page                                     */
    uint64_t table_mfn; /* table that holds the last entry read            */
    unsigned level;     /* its level, 1..4                                 */
    unsigned index;
    uint64_t entry; /* that entry                                      */
};
void mmu_walk(uint64_t va, struct walk *w);
/* A fault at (va): maps the page if the guest's tables allow the access. True:
 * try again. False: it is the guest's fault. */
bool mmu_refill(uint64_t va, unsigned access);
/* The leaf entry for (va) has changed: make the host agree. */
void mmu_sync_page(uint64_t va);
/* Entry (index) of table (mfn) was present and has changed: the same, wherever
 * the table is hooked. */
void mmu_forget_entry(uint64_t mfn, unsigned index);
/* Whether the running tables use frame (mfn) as one of them. */
bool mmu_is_table(uint64_t mfn);
/* Whether L4 table (mfn) has entries for addresses that only the host's
 * monitor can have. */
bool mmu_maps_windows(uint64_t mfn);
/* Anything may have changed: forget every mapping; faults bring them back. */
void mmu_flush_all(void);
/* Writes one page-table entry at machine address (ma). 0 or -XEN_E*. */
int mmu_write_entry(uint64_t ma, uint64_t val);

/* --- op_*.c -------------------------------------------------------------------------- */

local_op op_mmu_update, op_mmuext_op, op_update_va_mapping,
    op_update_va_mapping_otherdomain; /* op_mmu.c */
local_op op_memory;                   /* op_memory.c */
local_op op_set_trap_table, op_set_gdt, op_stack_switch, op_set_callbacks,
    op_fpu_taskswitch, op_set_debugreg, op_get_debugreg, op_update_descriptor,
    op_vm_assist, op_set_segment_base, op_callback; /* op_misc.c */

/* --- crash.c ------------------------------------------------------------------------------ */

/* Reports through the portal and ends the process. (u) may be NULL: registers
 * of the running hypercall are used. */
__noreturn void crash(enum portal_crash_kind kind, unsigned vector,
                      uint64_t error, uint64_t cr2, uint64_t value,
                      const struct machine_context *u);

#endif /* MONITOR_MONITOR_H */
