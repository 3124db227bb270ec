/* SPDX-License-Identifier: ISC */
/*
 * ATTACKS 24, 28: every hypercall that takes a pointer is given every kind of
 * pointer that is none, by every way of making a hypercall. What there is to
 * call is hc_table's word: a row that nobody has thought of here fails.
 */

#include "attacks.h"
#include <base/string.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <portal/hypercalls.h>
#include <portal/layout.h>
#include <xen/callback.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define PTR  0xdeadull /* stands for the pointer                             */
#define NONE 6u        /* no argument is one                                 */

/* A hypercall and which of its arguments is a pointer. */
struct victim {
    uint32_t nr, op; /* as in hc_table; op in args[0] too, if it has ops  */
    uint64_t args[6];
    bool writes;  /* it needs to be written, so must not be read-only     */
    bool ignores; /* it is not looked at: what comes is not -EFAULT       */
    long want;    /* if (ignores)                                         */
};

#define C(call) __HYPERVISOR_##call
/* (call), with (op) as in hc_table, reads or writes what PTR stands for. */
#define READS(call, o, ...)                                                    \
    {                                                                          \
        .nr = C(call), .op = (o), .args = { __VA_ARGS__ }                      \
    }
#define WRITES(call, o, ...)                                                   \
    {                                                                          \
        .nr = C(call), .op = (o), .args = {__VA_ARGS__}, .writes = true        \
    }
/* It says how many extents it has done: none. */
#define COUNTS(call, o)                                                        \
    {                                                                          \
        .nr = C(call), .op = (o), .args = {(o), PTR}, .ignores = true          \
    }
/* It takes numbers only. */
#define NUMBERS(call, o)                                                       \
    {                                                                          \
        .nr = C(call), .op = (o)                                               \
    }

static const struct victim victims[] = {
    READS(set_trap_table, HC_ANY, PTR),
    READS(mmu_update, HC_ANY, PTR, 1, 0, DOMID_SELF),
    WRITES(mmu_update, HC_ANY, 0, 0, PTR, DOMID_SELF),
    READS(set_gdt, HC_ANY, PTR, 1),
    NUMBERS(stack_switch, HC_ANY),
    NUMBERS(set_callbacks, HC_ANY),
    NUMBERS(fpu_taskswitch, HC_ANY),
    NUMBERS(set_debugreg, HC_ANY),
    NUMBERS(get_debugreg, HC_ANY),
    NUMBERS(update_descriptor, HC_ANY),
    COUNTS(memory_op, XENMEM_increase_reservation),
    COUNTS(memory_op, XENMEM_decrease_reservation),
    COUNTS(memory_op, XENMEM_populate_physmap),
    NUMBERS(memory_op, XENMEM_maximum_ram_page),
    WRITES(memory_op, XENMEM_memory_map, XENMEM_memory_map, PTR),
    WRITES(memory_op, XENMEM_machphys_mapping, XENMEM_machphys_mapping, PTR),
    WRITES(multicall, HC_ANY, PTR, 1),
    NUMBERS(update_va_mapping, HC_ANY),
    NUMBERS(update_va_mapping_otherdomain, HC_ANY),
    NUMBERS(set_timer_op, HC_ANY),
    WRITES(xen_version, HC_ANY, XENVER_extraversion, PTR),
    WRITES(xen_version, HC_ANY, XENVER_compile_info, PTR),
    WRITES(xen_version, HC_ANY, XENVER_capabilities, PTR),
    WRITES(xen_version, HC_ANY, XENVER_changeset, PTR),
    WRITES(xen_version, HC_ANY, XENVER_platform_parameters, PTR),
    READS(xen_version, HC_ANY, XENVER_get_features, PTR),
    WRITES(xen_version, HC_ANY, XENVER_guest_handle, PTR),
    WRITES(xen_version, HC_ANY, XENVER_commandline, PTR),
    READS(console_io, CONSOLEIO_write, CONSOLEIO_write, 16, PTR),
    NUMBERS(vm_assist, HC_ANY),
    NUMBERS(iret, HC_ANY),
    READS(vcpu_op, HC_ANY, VCPUOP_set_singleshot_timer, 0, PTR),
    NUMBERS(set_segment_base, HC_ANY),
    READS(mmuext_op, HC_ANY, PTR, 1, 0, DOMID_SELF),
    WRITES(mmuext_op, HC_ANY, 0, 0, PTR, DOMID_SELF),
    NUMBERS(sched_op, SCHEDOP_yield),
    NUMBERS(sched_op, SCHEDOP_block),
    READS(sched_op, SCHEDOP_shutdown, SCHEDOP_shutdown, PTR),
    READS(sched_op, SCHEDOP_poll, SCHEDOP_poll, PTR),
    READS(callback_op, HC_ANY, CALLBACKOP_register, PTR),
};

/* A page that can only be read, full of ones. */
static char *read_only;

static struct pointer {
    const char *name;
    uint64_t va;
    bool readable;
} pointers[] = {
    {"unmapped memory", NOT_MAPPED, false},
    {"Xen's area", XEN_AREA, false},
    {"the top of all addresses", UINT64_MAX - 3, false},
    {"the last byte", UINT64_MAX, false},
    {"no canonical address", NOT_CANONICAL, false},
    {"the highest bit", 1ull << 63, false},
    {"the monitor", MONITOR_TEXT, false},
    {"the portal", PORTAL_VA, false},
    {"the byte before the lowest", GUEST_VA_MIN - 1, false},
    {"the monitor's windows", MONITOR_WINDOW, false},
    {"what ends unmapped", 0, false}, /* set at run time */
    {"read-only memory", 0, true},    /* set at run time */
    {"our own text", 0, true},        /* set at run time */
};

static long by_multicall(unsigned nr, const uint64_t args[6])
{
    multicall_entry_t m = {.op = nr};
    long rc;

    for (unsigned i = 0; i < 6; i++)
        m.args[i] = args[i];
    rc = CALL(multicall, va_of(&m), 1);
    return rc ? rc : (long)m.result;
}

static const struct {
    const char *name;
    long (*call)(unsigned nr, const uint64_t args[6]);
} ways[] = {
    {"the page", call_page},
    {"syscall", call_syscall},
    {"multicall", by_multicall},
};

static unsigned pointer_arg(const struct victim *v)
{
    unsigned i;

    for (i = 0; i < NONE && v->args[i] != PTR; i++)
        ;
    return i;
}

/* All pointers, in all ways: one line for all of them. */
static void attack(const struct victim *v, const char *name)
{
    unsigned arg = pointer_arg(v), bad = 0, i, w;
    long want = v->ignores ? v->want : -XEN_EFAULT, got;
    uint64_t args[6];

    memcpy(args, v->args, sizeof args);
    for (i = 0; i < ARRAY_SIZE(pointers); i++) {
        if (pointers[i].readable && !v->writes)
            continue;
        args[arg] = pointers[i].va;
        for (w = 0; w < ARRAY_SIZE(ways); w++) {
            /* One within another is refused whatever it points at. */
            if (v->nr == C(multicall) && ways[w].call == by_multicall)
                continue;
            got = ways[w].call(v->nr, args);
            if (got == want)
                continue;
            bad++;
            printf("#   %s with %s by %s: %ld, want %ld\n", name,
                   pointers[i].name, ways[w].name, got, want);
        }
    }
    check(!bad, name);
}

/* What any forwarded call with one structure must do. */
static void attack_structure(const struct hc_row *row)
{
    const struct victim v = {.nr = row->nr,
                             .op = row->op,
                             .args = {row->op, PTR, 1},
                             .writes = row->dir & HC_OUT};

    attack(&v, row->name);
}

/* The same for arrays of structures: grants. */
static void attack_array(const struct hc_row *row)
{
    const struct victim v = {
        .nr = row->nr, .op = row->op, .args = {row->op, PTR, 1}};

    attack(&v, row->name);
}

/* Nobody's business but the host's, or nothing that exists: whatever the
 * pointer, the number decides. */
static void attack_refused(const struct hc_row *row)
{
    struct victim v = {.nr = row->nr,
                       .op = row->op,
                       .args = {row->op, PTR, PTR + 1},
                       .writes = true,
                       .ignores = true};

    v.want = row->where == HC_EPERM ? -XEN_EPERM : -XEN_ENOSYS;
    if (row->op == HC_ANY)
        v.args[0] = 1000; /* the numbers below have rows of their own */
    attack(&v, row->name);
}

static void attack_row(const struct hc_row *row)
{
    unsigned i, known = 0;

    if (row->where == HC_EPERM || row->where == HC_ENOSYS) {
        attack_refused(row);
        return;
    }
    if (row->arg_size) {
        attack_structure(row);
        return;
    }
    if (row->nr == C(grant_table_op)) {
        attack_array(row);
        return;
    }
    for (i = 0; i < ARRAY_SIZE(victims); i++) {
        if (victims[i].nr != row->nr || victims[i].op != row->op)
            continue;
        known++;
        if (pointer_arg(&victims[i]) < NONE)
            attack(&victims[i], row->name);
    }
    if (!known)
        printf("#   %s: which argument is its pointer?\n", row->name);
    check(known, "is in the list of victims");
}

void test_pointers(void)
{
    const unsigned n = ARRAY_SIZE(pointers);
    char *pages = page_alloc(1);
    size_t i;

    read_only = page_alloc(0);
    /* Ones: as an argument they name no domain, port, frame or vCPU. */
    memset(read_only, 0xff, PAGE_SIZE);
    memset(pages, 0xff, 2 * PAGE_SIZE);
    map_page(read_only, READ_ONLY);
    map_page(pages + PAGE_SIZE, UNMAPPED);
    pointers[n - 3].va = va_of(pages + PAGE_SIZE - 1);
    pointers[n - 2].va = va_of(read_only);
    pointers[n - 1].va = va_of((const void *)test_pointers);
    for (i = 0; i < hc_table_rows; i++)
        attack_row(&hc_table[i]);
    check(read_only[0] == -1 && read_only[PAGE_SIZE - 1] == -1,
          "the read-only page is as it was");
    map_page(read_only, READ_WRITE);
    map_page(pages + PAGE_SIZE, READ_WRITE);
    page_free(read_only, 0);
    page_free(pages, 1);
}
