/* SPDX-License-Identifier: ISC */
/* Exceptions: all are fatal, and all are explained before the domain dies. */
#include "arch/arm/arm.h"

#include <base/fmt.h>
#include <minios/console.h>
#include <minios/panic.h>

/* Linker script. */
extern const char _text_start[], _text_end[];

/* ESR_EL1: exception class, instruction-specific syndrome (Arm ARM D19.2). */
#define CLASS(esr) ((unsigned)((esr) >> 26) & 0x3f)

#define CLASS_INSTRUCTION_ABORT 0x21
#define CLASS_DATA_ABORT        0x25
#define SYNDROME_WRITE          (1u << 6)
/* Status of an abort, without the level. */
#define STATUS(esr)        ((unsigned)(esr)&0x3c)
#define STATUS_TRANSLATION 0x04
#define STATUS_ACCESS      0x08
#define STATUS_PERMISSION  0x0c
#define STATUS_ALIGNMENT   0x20

static const char *class_name(unsigned class)
{
    static const struct {
        unsigned class;
        const char *name;
    } names[] = {
        {0x00, "undefined instruction"},
        {0x07, "no floating point"},
        {0x0e, "illegal state"},
        {0x15, "supervisor call"},
        {0x16, "hypervisor call"},
        {0x17, "secure monitor call"},
        {0x18, "system register"},
        {CLASS_INSTRUCTION_ABORT, "instruction abort"},
        {0x22, "misaligned pc"},
        {CLASS_DATA_ABORT, "data abort"},
        {0x26, "misaligned stack"},
        {0x2c, "floating point"},
        {0x2f, "SError"},
        {0x3c, "breakpoint"},
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].class == class)
            return names[i].name;
    }
    return "unknown";
}

static void explain_abort(uint64_t esr)
{
    uint64_t address = READ_SYSREG("far_el1");
    bool fetch = CLASS(esr) == CLASS_INSTRUCTION_ABORT;
    const char *how = fetch                    ? "execute"
                      : (esr & SYNDROME_WRITE) ? "write to"
                                               : "read from";

    switch (STATUS(esr)) {
    case STATUS_TRANSLATION:
        panic_access(address, how, false);
        break;
    case STATUS_ACCESS:
    case STATUS_PERMISSION:
        panic_access(address, how, true);
        break;
    default:
        emergency_printf("cannot %s address 0x%lx: %s\n", how, address,
                         STATUS(esr) == STATUS_ALIGNMENT ? "misaligned"
                                                         : "no memory there");
    }
}

static void dump_registers(const struct trap_frame *f)
{
    unsigned i;

    emergency_printf("pc  %016lx  sp  %016lx  pstate %08lx\n", f->pc, f->sp,
                     f->pstate);
    for (i = 0; i + 2 < ARRAY_SIZE(f->x); i += 3)
        emergency_printf("x%-2u %016lx  x%-2u %016lx  x%-2u %016lx\n", i,
                         f->x[i], i + 1, f->x[i + 1], i + 2, f->x[i + 2]);
    emergency_printf("x30 %016lx\n", f->x[30]);
}

static bool in_text(uint64_t address)
{
    return address >= (uintptr_t)_text_start && address < (uintptr_t)_text_end;
}

/*
 * Every function makes a frame record, so the records lead to all callers but
 * one: that of code that was reached by a stray call. The link register has it.
 */
static uintptr_t stray_caller(const struct trap_frame *f)
{
    return in_text(f->pc) ? 0 : f->x[30];
}

static __noreturn void finish(const struct trap_frame *frame)
{
    panic_thread();
    dump_registers(frame);
    backtrace_trap(frame->pc, stray_caller(frame), frame->x[29]);
    panic_end();
}

static void begin(const char *what, unsigned number, uint64_t syndrome)
{
    if (!arm_on_xen)
        arm_stop(arm_reason ? arm_reason : what);
    panic_begin();
    emergency_printf("%spanic: trap %u (%s), syndrome 0x%lx\n",
                     console_at_line_start() ? "" : "\n", number, what,
                     syndrome);
}

void arm_trap(struct trap_frame *frame)
{
    uint64_t esr = READ_SYSREG("esr_el1");
    unsigned class = CLASS(esr);

    begin(class_name(class), class, esr);
    if (class == CLASS_DATA_ABORT || class == CLASS_INSTRUCTION_ABORT)
        explain_abort(esr);
    finish(frame);
}

void arm_unexpected(struct trap_frame *frame, uint64_t vector)
{
    begin(vector == 3 ? "SError" : "unexpected interrupt",
          64 + (unsigned)vector, READ_SYSREG("esr_el1"));
    finish(frame);
}

/* start.S has set the vectors already. */
int arch_init_traps(void)
{
    return 0;
}
