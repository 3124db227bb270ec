/* SPDX-License-Identifier: ISC */
/* Ways through the monitor: where they begin, and what must be at their end. */
#include "exits.h"

#include <string.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/version.h>
#include <xen/xen.h>

#include <base/compiler.h>
#include <portal/portal.h>

#define FLAGS_SET  0x8d5u /* CF PF AF ZF SF OF                         */
#define FLAGS_SEEN (FLAGS_SET | 0x400u | 0x4100u) /* and DF, TF, NT    */
#define FLAGS_BASE 0x202u

#define VERSION 0x40011 /* 4.17 */

#define EVTCHN __HYPERVISOR_event_channel_op

/* Indices of world's ports for struct path.port. */
#define PORT_NONE  0
#define PORT_FIRST 1

const struct path paths[] = {
    {.name = "guest code",
     .entry = exits_plain,
     .keeps_flags = true,
     .timer = true},
    {.name = "upcall and back",
     .entry = exits_plain,
     .keeps_flags = true,
     .first = FIRST_AT_START,
     .timer = true},
    {.name = "hypercall",
     .cuts = true,
     .entry = exits_page,
     .nr = __HYPERVISOR_xen_version,
     .rdi = XENVER_version,
     .result = VERSION,
     .timer = true},
    {.name = "hypercall that unmasks a pending event",
     .entry = exits_page,
     .nr = EVTCHN,
     .rdi = EVTCHNOP_unmask,
     .rsi = EXITS_ARG,
     .port = PORT_FIRST,
     .port_masked = true,
     .first = FIRST_AT_START,
     .timer = true},
    {.name = "iret",
     .cuts = true,
     .entry = exits_iret,
     .masked = true,
     .iret = true,
     .keeps_flags = true,
     .timer = true},
    {.name = "iret with an event pending",
     .entry = exits_iret,
     .masked = true,
     .iret = true,
     .keeps_flags = true,
     .first = FIRST_AT_START,
     .timer = true},
    {.name = "block",
     .cuts = true,
     .entry = exits_page,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_block,
     .blocks = true,
     .timer = true},
    {.name = "block, masked at first",
     .entry = exits_page,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_block,
     .blocks = true,
     .masked = true},
    {.name = "wake from block",
     .entry = exits_page,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_block,
     .blocks = true,
     .first = FIRST_ASLEEP,
     .timer = true},
    {.name = "poll with events masked, iret",
     .entry = exits_poll,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_poll,
     .rsi = EXITS_ARG,
     .masked = true,
     .iret = true,
     .keeps_flags = true},
    {.name = "yield",
     .entry = exits_page,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_yield,
     .timer = true},
    {.name = "send",
     .cuts = true,
     .entry = exits_page,
     .nr = EVTCHN,
     .rdi = EVTCHNOP_send,
     .rsi = EXITS_ARG,
     .port = PORT_FIRST,
     .timer = true},
    {.name = "forwarded call",
     .entry = exits_page,
     .nr = EVTCHN,
     .rdi = EVTCHNOP_status,
     .rsi = EXITS_ARG,
     .calls = true,
     .timer = true},
    {.name = "syscall",
     .entry = exits_syscall,
     .nr = __HYPERVISOR_xen_version,
     .rdi = XENVER_version,
     .result = VERSION,
     .keeps_flags = true,
     .raw = true,
     .timer = true},
    {.name = "block by syscall",
     .cuts = true,
     .entry = exits_syscall,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_block,
     .blocks = true,
     .keeps_flags = true,
     .raw = true},
    {.name = "wake from block by syscall",
     .entry = exits_syscall,
     .nr = __HYPERVISOR_sched_op,
     .rdi = SCHEDOP_block,
     .blocks = true,
     .keeps_flags = true,
     .raw = true,
     .first = FIRST_ASLEEP},
    {.name = "exception and back",
     .entry = exits_trap,
     .keeps_flags = true,
     .timer = true},
};
const unsigned nr_paths = ARRAY_SIZE(paths);

const struct path *path_by_name(const char *name)
{
    for (unsigned i = 0; i < nr_paths; i++)
        if (!strcmp(paths[i].name, name))
            return &paths[i];
    return NULL;
}

/* --- the start ----------------------------------------------------------------- */

/* xen-x86_64.h: struct iret_context, from its flags on. */
static uint64_t push_iret_frame(void)
{
    uint64_t rsp = EXITS_STACK_TOP - 6 * 8;
    const uint64_t frame[] = {0,
                              guest_label(exits_done),
                              FLAT_KERNEL_CS & ~3u,
                              FLAGS_SET | FLAGS_BASE,
                              EXITS_STACK_TOP,
                              FLAT_KERNEL_SS};

    for (unsigned i = 0; i < ARRAY_SIZE(frame); i++)
        trace_poke(&world.t, rsp + i * 8ul, frame[i]);
    return rsp;
}

static void set_argument(const struct path *p)
{
    if (p->port == PORT_FIRST)
        set_guest_word(EXITS_ARG, world.first);
    if (p->nr == __HYPERVISOR_sched_op && p->rdi == SCHEDOP_poll) {
        /* struct sched_poll: ports, nr_ports, timeout. */
        set_guest_word(EXITS_PORTS, world.second);
        set_guest_word(EXITS_ARG, EXITS_PORTS);
        set_guest_word(EXITS_ARG + 8, 1);
    }
    if (p->calls)
        /* struct evtchn_status: dom, port. */
        set_guest_word(EXITS_ARG, DOMID_SELF | (uint64_t)world.first << 32);
}

static struct user_regs_struct start_regs(const struct path *p)
{
    struct user_regs_struct r = world.t.regs;

    r.rip = guest_label(p->entry);
    r.rsp = p->iret ? push_iret_frame() : EXITS_STACK_TOP;
    r.eflags = FLAGS_SET | FLAGS_BASE;
    r.rax = p->nr;
    if (p->entry == exits_page || p->entry == exits_poll)
        r.rax = EXITS_HYPERCALLS + p->nr * 32ul;
    if (p->entry == exits_iret)
        r.rax = 0x1111;
    r.rdi = p->rdi;
    r.rsi = p->rsi;
    r.rbx = 0xb0b0b0b0b0b0b0b0;
    r.rcx = 0xc0c0c0c0c0c0c0c0;
    r.rdx = 0xd0d0d0d0d0d0d0d0;
    r.rbp = 0xe0e0e0e0e0e0e0e0;
    r.r8 = 0x0808080808080808;
    r.r9 = 0x0909090909090909;
    r.r10 = 0x1010101010101010;
    r.r11 = 0x1111111111111111;
    r.r12 = 0x1212121212121212;
    r.r13 = 0x1313131313131313;
    r.r14 = 0x1414141414141414;
    r.r15 = 0x1515151515151515;
    r.orig_rax = (unsigned long long)-1;
    return r;
}

static struct user_regs_struct begun;

void path_begin(const struct path *p)
{
    struct shared_info *si = world.d.win.shared_info;

    world_clear();
    set_argument(p);
    begun = start_regs(p);
    trace_set_regs(&world.t, &begun);
    si->vcpu_info[0].evtchn_upcall_mask = p->masked;
    if (p->port_masked)
        si->evtchn_mask[0] = 1ull << world.first;
    if (p->first == FIRST_AT_START)
        raise_event(world.first, CUT_NONE, 0);
}

/* --- the end -------------------------------------------------------------------- */

static const char *check_regs(const struct path *p)
{
    struct user_regs_struct is = world.t.regs, want = begun;

    if (p->entry == exits_page || p->entry == exits_poll || p->raw)
        want.rax = (unsigned long long)p->result;
    if (p->raw) {
        want.rcx = is.rcx;
        want.r11 = is.r11;
    }
    want.rip = is.rip;
    want.rsp = EXITS_STACK_TOP;
    want.orig_rax = is.orig_rax;
    want.eflags = is.eflags;
    if (memcmp(&is, &want, sizeof(is)) != 0)
        return "registers are not what they were";
    if (p->keeps_flags && (is.eflags & FLAGS_SEEN) != FLAGS_SET)
        return "flags are not what they were";
    return NULL;
}

static const char *check_events(const struct path *p, evtchn_port_t port,
                                bool extra)
{
    unsigned total = 0;

    for (evtchn_port_t i = 0; i < 64; i++) {
        unsigned n = (unsigned)guest_word(EXITS_EVENTS + i * 8ul);
        unsigned want = (i == port) + (p->first && i == world.first) +
                        (extra && i == world.first);

        if (n != want)
            return n < want ? "an event is lost" : "an event came twice";
        total += want;
    }
    if (!guest_word(EXITS_UPCALLS) || guest_word(EXITS_UPCALLS) > total)
        return "there were too many upcalls";
    return NULL;
}

static const char *check_idle(void)
{
    const struct shared_info *si = world.d.win.shared_info;
    const struct vcpu_info *v = &si->vcpu_info[0];

    if (v->evtchn_upcall_pending || v->evtchn_pending_sel ||
        si->evtchn_pending[0])
        return "something is still pending";
    if (v->evtchn_upcall_mask)
        return "events are masked";
    if (world.d.win.portal->vcpu_state != PORTAL_VCPU_RUNNING)
        return "the vCPU's state is not RUNNING";
    return NULL;
}

const char *path_check(const struct path *p, evtchn_port_t port, bool extra,
                       bool late)
{
    uint64_t end = guest_label(late ? exits_late : exits_done);
    const char *why;

    if (world.t.stop == ASLEEP)
        return "it sleeps";
    if (world.t.stop == GONE || world.t.regs.rip != end + 1)
        return "it does not return";
    why = check_events(p, port, extra);
    if (!why)
        why = check_idle();
    if (!why)
        why = check_regs(p);
    if (!why && guest_word(EXITS_TRAPS) != (p->entry == exits_trap))
        why = "exceptions were not one";
    return why;
}
