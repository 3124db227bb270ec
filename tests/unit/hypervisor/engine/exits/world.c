/* SPDX-License-Identifier: ISC */
/*
 * One domain of the process engine and of the core, and what the daemon does
 * for it (daemon/hv_ops.c, daemon/portal_calls.c), in steps between which the
 * vCPU can be let go on.
 */
#include "exits.h"

#include <elf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <xen/event_channel.h>
#include <xen/xen.h>

#include <base/compiler.h>
#include <elf/elf.h>
#include <host/clock.h>
#include <host/futex.h>
#include <host/process.h>
#include <hv/core.h>
#include <portal/portal.h>

#define HOUR_NS 3600000000000ull

struct world world;

static const struct engine_ops *const ops = &process_engine;

static struct engine_template *tmpl;
static struct hv *hv;
static evtchn_port_t raised_by_call;

extern const uint8_t _binary_monitor_elf_start[], _binary_monitor_elf_end[];

int __real_process_signal(int pid, int sig);
int __wrap_process_signal(int pid, int sig);
void __real_futex_wake(volatile uint32_t *word, int n);
void __wrap_futex_wake(volatile uint32_t *word, int n);

/* --- the vCPU goes on --------------------------------------------------------- */

/* In a cut of kind (here), if that is where the run has it. */
static void let_go_on(enum cut here)
{
    unsigned n = world.steps;

    if (world.cut != here)
        return;
    world.cut = CUT_NONE;
    while (world.made < n && world.t.regs.rip != guest_label(exits_done)) {
        if (trace_step(&world.t) != STOPPED)
            return;
        world.made++;
    }
}

int __wrap_process_signal(int pid, int sig)
{
    if (sig == SIGUSR1) {
        let_go_on(CUT_SIGNAL);
        if (world.fault == NO_SIGNAL)
            return 0;
    }
    return __real_process_signal(pid, sig);
}

void __wrap_futex_wake(volatile uint32_t *word, int n)
{
    if (world.d.win.portal && word == &world.d.win.portal->wake_seq)
        let_go_on(CUT_SIGNAL);
    __real_futex_wake(word, n);
}

/* --- what the core asks for ------------------------------------------------------ */

static void *op_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

static void op_kick(struct hv_domain *hvd, unsigned vcpu)
{
    (void)hvd;
    (void)vcpu;
    let_go_on(CUT_KICK);
    if (world.fault == NO_WAKE_SEQ)
        __atomic_fetch_sub(&world.d.win.portal->wake_seq, 1, __ATOMIC_SEQ_CST);
    ops->vm_kick(world.d.vm, world.in_call);
}

static void op_port_changed(struct hv_domain *hvd, evtchn_port_t port,
                            enum hv_port_use use)
{
    volatile struct portal_events *ev = &world.d.win.portal->events;

    (void)hvd;
    if (use == HV_PORT_USE_REMOTE)
        ev->remote |= 1ull << port;
    if (use == HV_PORT_USE_TIMER)
        ev->timer_port = port;
}

static void op_console(struct hv_domain *hvd, const char *bytes, size_t len)
{
    (void)hvd;
    (void)bytes;
    (void)len;
}

static void op_shutdown(struct hv_domain *hvd, unsigned reason)
{
    (void)hvd;
    (void)reason;
}

static void op_release(struct hv_domain *hvd, uint32_t mfn, uint32_t nr)
{
    (void)hvd;
    ops->vm_release_frames(world.d.vm, mfn, nr);
}

static int op_unshare(struct hv_domain *hvd, uint32_t mfn)
{
    (void)hvd;
    return ops->vm_unshare_frame(world.d.vm, mfn);
}

static void *op_map(struct hv_domain *hvd, uint32_t mfn, bool writable)
{
    (void)hvd;
    return ops->vm_map_frame(world.d.vm, mfn, writable);
}

static void op_unmap(struct hv_domain *hvd, uint32_t mfn, void *page)
{
    (void)hvd;
    ops->vm_unmap_frame(world.d.vm, mfn, page);
}

static void op_unmapped(struct hv_domain *hvd)
{
    (void)hvd;
}

static const struct hv_ops hv_ops = {
    .alloc = op_alloc,
    .free = free,
    .kick = op_kick,
    .port_changed = op_port_changed,
    .console_write = op_console,
    .shutdown = op_shutdown,
    .release_frames = op_release,
    .unshare_frame = op_unshare,
    .map_frame = op_map,
    .unmap_frame = op_unmap,
    .grants_unmapped = op_unmapped,
    .now_ns = clock_mono_ns,
};

/* --- calls ------------------------------------------------------------------------- */

static void serve(struct domain *d)
{
    evtchn_port_t port = raised_by_call;

    world.in_call = true;
    hv_hypercall(world.hvd, &d->req);
    raised_by_call = 0;
    if (port)
        hv_evtchn_notify(world.hvd, port);
    world.in_call = false;
}

static bool serve_waiting(void)
{
    unsigned n = world.d.requests;

    settle();
    return world.d.requests != n;
}

bool call_waits(void)
{
    return world.d.win.portal->req_seq != world.d.last_seq;
}

void serve_call(evtchn_port_t port)
{
    raised_by_call = port;
    settle();
}

/* --- events ------------------------------------------------------------------------ */

void raise_event(evtchn_port_t port, enum cut cut, unsigned steps)
{
    world.cut = cut;
    world.steps = steps;
    world.made = 0;
    hv_evtchn_notify(world.hvd, port);
    world.cut = CUT_NONE;
}

/* SIGALRM is an hour away: the test sends it when it has made the hour pass. */
void arm_timer(void)
{
    const struct vcpu_time_info *ti =
        &world.d.win.shared_info->vcpu_info[0].time;
    struct user_regs_struct regs = world.t.regs;

    regs.rip = guest_label(exits_page);
    regs.rax = EXITS_HYPERCALLS + __HYPERVISOR_set_timer_op * 32;
    regs.rdi = ti->system_time + HOUR_NS;
    regs.rsp = EXITS_STACK_TOP;
    trace_set_regs(&world.t, &regs);
    (void)trace_run(&world.t, guest_label(exits_done));
}

void timer_comes(void)
{
    world.d.win.shared_info->vcpu_info[0].time.system_time += 2 * HOUR_NS;
    (void)__real_process_signal(world.t.pid, SIGALRM);
}

/* --- the guest ---------------------------------------------------------------------- */

static uint64_t *word(uint64_t va)
{
    return (uint64_t *)(void *)(world.data + (va - EXITS_DATA));
}

uint64_t guest_word(uint64_t va)
{
    return *(volatile uint64_t *)word(va);
}

void set_guest_word(uint64_t va, uint64_t value)
{
    *(volatile uint64_t *)word(va) = value;
}

uint64_t guest_label(const char *l)
{
    return GUEST_TEXT + (uint64_t)(l - exits_text);
}

void world_clear(void)
{
    struct shared_info *si = world.d.win.shared_info;
    uint64_t iret = guest_word(EXITS_IRET);

    settle();
    (void)portal_take_sends(world.d.win.portal);
    memset(world.data, 0, PORTAL_PAGE_SIZE);
    set_guest_word(EXITS_IRET, iret);
    si->vcpu_info[0].evtchn_upcall_pending = 0;
    si->vcpu_info[0].evtchn_upcall_mask = 0;
    si->vcpu_info[0].evtchn_pending_sel = 0;
    si->evtchn_pending[0] = si->evtchn_mask[0] = 0;
}

/* --- faults -------------------------------------------------------------------------- */

static uint64_t monitor_symbol(const char *name)
{
    static struct elf_image img;
    struct elf_symbol sym;

    if (elf_read(&img, _binary_monitor_elf_start,
                 (size_t)(_binary_monitor_elf_end - _binary_monitor_elf_start),
                 EM_X86_64) == ELF_E_MAGIC ||
        !elf_symbol_by_name(&img, name, &sym))
        abort();
    return sym.value;
}

/* struct exit_window: start, end, stack_bytes. */
static void break_monitor(void)
{
    uint64_t at = monitor_symbol("exit_windows");

    for (unsigned i = 0; i < 2; i++, at += 24) {
        if (world.fault == NO_WINDOWS)
            trace_poke(&world.t, at + 8, trace_peek(&world.t, at));
        if (world.fault == WRONG_STACK)
            trace_poke(&world.t, at + 16, trace_peek(&world.t, at + 16) - 8);
    }
}

/* --- a domain ------------------------------------------------------------------------ */

static void on_send(struct hv_domain *d, evtchn_port_t port, void *arg)
{
    (void)d;
    (void)port;
    (void)arg;
}

static evtchn_port_t bind_timer(void)
{
    static struct portal_request q;
    struct evtchn_bind_virq b = {.virq = VIRQ_TIMER};

    q = (struct portal_request){.nr = __HYPERVISOR_event_channel_op,
                                .len = sizeof(b),
                                .args = {EVTCHNOP_bind_virq}};
    memcpy(q.buf, &b, sizeof(b));
    hv_hypercall(world.hvd, &q);
    memcpy(&b, q.buf, sizeof(b));
    return b.port;
}

static void make_core_domain(void)
{
    struct hv_domain_config c = {.name = "exits",
                                 .uuid = {1},
                                 .nr_pages = GUEST_PAGES,
                                 .max_pages = GUEST_MAX_PAGES,
                                 .nr_vcpus = 1,
                                 .shared_info = world.d.win.shared_info};

    if (!hv)
        hv = hv_create(&hv_ops);
    if (!hv || hv_domain_create(hv, &c, &world.hvd))
        abort();
    hv_domain_start(world.hvd);
    world.first = (evtchn_port_t)hv_evtchn_bind_backend(world.hvd, on_send, 0);
    world.second = (evtchn_port_t)hv_evtchn_bind_backend(world.hvd, on_send, 0);
    world.timer = bind_timer();
}

void world_start(enum fault fault)
{
    size_t len = (size_t)(exits_text_end - exits_text);
    uint64_t steps = world.t.steps;

    if (!tmpl)
        tmpl = guest_template_of(exits_text, len);
    memset(&world, 0, sizeof(world));
    world.t.steps = steps;
    world.fault = fault;
    domain_create(&world.d, tmpl);
    world.d.serve = serve;
    make_core_domain();
    if (domain_spawn(&world.d, ""))
        abort();
    run_until(&world.d.spawned, 1);
    world.data = ops->vm_map_frame(world.d.vm, EXITS_DATA >> 12, true);
    if (world.d.spawn_rc || !world.data)
        abort();
    trace_serve = serve_waiting;
    trace(&world.t, ops->vm_pid(world.d.vm));
    ops->vm_unpause(world.d.vm);
    if (trace_run(&world.t, guest_label(exits_done)) != STOPPED)
        abort();
    break_monitor();
}

void world_end(void)
{
    trace_serve = NULL;
    world.d.hold = true;
    world.d.serve = NULL;
    hv_domain_kill(world.hvd);
    hv_domain_destroy(world.hvd);
    ops->vm_kill(world.d.vm);
    while (world.t.stop != GONE)
        (void)trace_step(&world.t);
    run_until(&world.d.exited, 1);
    ops->vm_destroy(world.d.vm);
    world.d.win.portal = NULL;
}

void world_again(void)
{
    enum fault fault = world.fault;

    world_end();
    world_start(fault);
}
