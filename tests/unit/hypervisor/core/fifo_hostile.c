/* SPDX-License-Identifier: ISC */
/* The FIFO ABI in the hands of an attacker: ATTACKS 18, 19 and 20. */
#include "world.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <tap.h>
#include <ucontext.h>
#include <x86intrin.h>

#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define LINK_MASK ((event_word_t)EVTCHN_FIFO_LINK_MASK)

static struct hv *hv;
static struct hv_domain *a, *b;

static void begin(enum world_abi abi)
{
    hv = world_begin();
    world_abi = abi;
    a = new_domain(hv, "a");
    b = new_domain(hv, "b");
    world_abi = WORLD_2L;
}

/* ATTACKS 18: set-up with all that can be wrong about it. */
static void test_attack_18_control(void)
{
    const uint32_t size = sizeof(struct evtchn_fifo_control_block);

    begin(WORLD_2L);
    is_int(op_expand(a, 2), -XEN_EOPNOTSUPP, "an array before control");
    op_ipi(a, 0);
    is_int(op_priority(a, 1, 3), -XEN_ENOSYS, "a priority before control");
    is_int(op_init_control(a, 1, 1, 0), -XEN_ENOENT, "no such vCPU");
    is_int(op_init_control(a, UINT32_MAX, 1, 0), -XEN_ENOENT, "nor that");
    is_int(op_init_control(a, 0, 1, 4), -XEN_EINVAL, "misaligned");
    is_int(op_init_control(a, 0, 1, 4096 - size + 8), -XEN_EINVAL,
           "across the end of the page");
    is_int(op_init_control(a, 0, 1, 4096), -XEN_EINVAL, "behind it");
    is_int(op_init_control(a, 0, 1, UINT32_MAX - 7), -XEN_EINVAL, "far behind");
    is_int(op_init_control(a, 0, 100, 0), -XEN_EINVAL, "a slot without memory");
    is_int(op_init_control(a, 0, WORLD_PAGES, 0), -XEN_EINVAL, "shared_info");
    is_int(op_init_control(a, 0, WORLD_PAGES + 1, 0), -XEN_EINVAL, "no RAM");
    is_int(op_init_control(a, 0, 1ull << 32 | 1, 0), -XEN_EINVAL, "2^32 + 1");
    is_int(op_init_control(a, 0, UINT64_MAX, 0), -XEN_EINVAL, "no frame");
    is_int(mapped_frames, 0, "none of them left anything mapped");
    is_int(op_send(a, 1), 0, "an event");
    ok(pending(a, 1), "the ABI has not changed");
    is_int(op_expand(a, 2), -XEN_EOPNOTSUPP, "not a bit");
    is_int(op_init_control(a, 0, 1, 4096 - size), 0, "the end of a page");
    is_int(op_init_control(a, 0, 1, 0), -XEN_EINVAL, "twice");
    is_int(op_init_control(a, 1, 1, 0), -XEN_ENOENT, "for another vCPU");
    is_int(op_expand(a, 100), -XEN_EINVAL, "words in a slot without memory");
    is_int(op_expand(a, UINT64_MAX), -XEN_EINVAL, "or nowhere");
    is_int(op_expand(a, 1), 0, "words and control in one frame");
    is_int(op_expand(a, 1), -XEN_ENOSPC, "1,024 ports need no second page");
    is_int(op_send(a, 1), 0, "an event there");
    is_int(op_priority(a, 1, 16), -XEN_EINVAL, "priority 16");
    is_int(op_priority(a, 1, UINT32_MAX), -XEN_EINVAL, "and worse");
    is_int(op_priority(a, 2, 3), -XEN_EACCES, "of a closed port");
    is_int(op_priority(a, 64, 3), -XEN_EINVAL, "of one that is not there");
    world_end(hv);
}

/* ATTACKS 18: no memory at any point: nothing changes, nothing is kept. */
static void test_attack_18_no_memory(void)
{
    begin(WORLD_2L);
    op_ipi(a, 0);
    fail_alloc_after = 0;
    is_int(op_init_control(a, 0, 1, 0), -XEN_ENOMEM, "no memory for queues");
    fail_alloc_after = -1;
    is_int(op_send(a, 1), 0, "the old ABI goes on");
    is_int(info_of(a)->evtchn_pending[0], 2, "as before");
    is_int(op_init_control(a, 0, 1, 0), 0, "later it works");
    world_end(hv);
}

/* ATTACKS 18 (XSA-107): events for a vCPU without a control block, and before
 * there are words; a peer that sends meanwhile. */
static void test_attack_18_too_early(void)
{
    struct hv_domain_config c = domain_config("smp");

    begin(WORLD_2L);
    c.nr_vcpus = 2;
    if (hv_domain_create(hv, &c, &a) != 0)
        abort();
    op_alloc(a, DOMID_SELF, hv_domain_id(b));
    op_bind_vcpu(a, 1, 1);
    is_int(op_bind(b, hv_domain_id(a), 1), 1, "b is connected to vCPU 1");
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "vCPU 0 only");
    is_int(op_send(b, 1), 0, "b sends: there is no word");
    is_int(op_unmask(a, 1), 0, "unmask: neither");
    is_int(op_expand(a, FIFO_WORDS), 0, "there is one, but no control block");
    ok(pending(a, 1), "the event is in it");
    is_int(op_send(b, 1), 0, "b sends again");
    ok(!(*fifo_word(a, 1) & LINKED), "it is in no queue");
    world_end(hv);
}

/* Somebody who writes all over a domain's FIFO pages. */
struct scribbler {
    pthread_t thread;
    struct hv_domain *d;
    bool stop;
    uint64_t seed;
};

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*seed >> 32);
}

static void *scribble(void *arg)
{
    struct scribbler *s = arg;
    uint32_t *control = frame_of(s->d, FIFO_CONTROL);

    while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
        uint32_t r = next_random(&s->seed), v = next_random(&s->seed);

        if (r & 1)
            __atomic_store_n(fifo_word(s->d, r / 2 % 1024), v,
                             __ATOMIC_RELAXED);
        else
            __atomic_store_n(&control[r / 2 % 18], v, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void scribble_start(struct scribbler *s)
{
    (void)frame_of(s->d, 0); /* its memory is there */
    if (pthread_create(&s->thread, NULL, scribble, s))
        abort();
}

static void scribble_end(struct scribbler *s)
{
    __atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
    pthread_join(s->thread, NULL);
}

/* ATTACKS 19: everything in a's words and control block changes all the time.
 * ASan watches; b must not notice. */
static void test_attack_19_scribbler(void)
{
    struct scribbler s = {.seed = 19};
    uint64_t seed = 20;
    unsigned i, good = 1;

    begin(WORLD_FIFO);
    s.d = a;
    for (i = 1; i <= 900; i++)
        op_ipi(a, 0);
    op_alloc(b, DOMID_SELF, hv_domain_id(a));
    op_bind(a, hv_domain_id(b), 1);
    scribble_start(&s);
    for (i = 0; i < 200000; i++) {
        evtchn_port_t port = 1 + next_random(&seed) % 901;

        op_send(a, port);
        if (i % 7 == 0)
            op_priority(a, port, i % 16);
        if (i % 11 == 0)
            op_unmask(a, port);
        if (i % 1000 == 0) {
            *fifo_word(b, 1) = 0;
            good &= op_send(a, 901) == 0 && pending(b, 1);
        }
    }
    scribble_end(&s);
    ok(good, "events of the other domain arrive all the same");
    is_int(op_reset(a, DOMID_SELF), 0, "and the guest can begin anew");
    is_int(mapped_frames, 2, "b's frames are the only ones");
    world_end(hv);
}

/* An attacker who is faster than any thread: the CPU runs one instruction at a
 * time, and after each of them the word changes. */
#define EFLAGS_TF 0x100
#define MAX_STEPS 100000u

static uint32_t *stepped_word, stepped_bits;
static volatile unsigned steps;

static void on_step(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    (void)sig;
    (void)info;
    if (++steps < MAX_STEPS)
        *stepped_word =
            (*stepped_word & ~stepped_bits) | (steps & stepped_bits);
    else
        u->uc_mcontext.gregs[REG_EFL] &= ~EFLAGS_TF;
}

/* Instructions that op_send() takes while (bits) of (*word) are under attack. */
static unsigned stepped_send(struct hv_domain *d, evtchn_port_t port,
                             uint32_t *word, uint32_t bits)
{
    struct sigaction old,
        sa = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};

    if (sigaction(SIGTRAP, &sa, &old))
        abort();
    stepped_word = word;
    stepped_bits = bits;
    steps = 0;
    __writeeflags(__readeflags() | EFLAGS_TF);
    op_send(d, port);
    __writeeflags(__readeflags() & ~(unsigned long long)EFLAGS_TF);
    sigaction(SIGTRAP, &old, NULL);
    return steps;
}

/* ATTACKS 19: the word at the tail is never twice the same: linking to it takes
 * a bounded number of attempts, and then the event is left alone. */
static void test_attack_19_tail(void)
{
    unsigned n;

    begin(WORLD_FIFO);
    op_ipi(a, 0);
    op_ipi(a, 0);
    op_send(a, 1);
    n = stepped_send(a, 2, fifo_word(a, 1), LINK_MASK);
    printf("# %u instructions\n", n);
    ok(n > 100, "the attacker has had his chances");
    ok(n < MAX_STEPS, "whoever sends does not go on for ever");
    ok(pending(a, 2), "the event is pending");
    ok(!(*fifo_word(a, 2) & LINKED), "and in no queue");
    is_int(*fifo_word(a, 1) >> EVTCHN_FIFO_BUSY & 1, 0, "nothing is busy");
    is_int(op_unmask(a, 2), 0, "a guest that stops it");
    is_int(*fifo_word(a, 1) & 0x1ffff, 2, "gets its event");
    world_end(hv);
}

/* The same with every other word that a sender changes. */
static void test_attack_19_words(void)
{
    struct shared_info *si;

    begin(WORLD_FIFO);
    op_ipi(a, 0);
    ok(stepped_send(a, 1, fifo_word(a, 1), LINK_MASK) < MAX_STEPS,
       "the port's own word");
    *fifo_word(a, 1) = 0;
    ok(stepped_send(a, 1, &fifo_control(a, 0)->ready, 0x7f) < MAX_STEPS,
       "the ready word");
    world_end(hv);
    begin(WORLD_2L);
    si = info_of(a);
    op_ipi(a, 0);
    ok(stepped_send(a, 1, (uint32_t *)&si->evtchn_pending[0], ~2u) < MAX_STEPS,
       "2-level: the pending word");
    clear(a, 1);
    ok(stepped_send(a, 1, (uint32_t *)&si->vcpu_info[0].evtchn_pending_sel,
                    ~1u) < MAX_STEPS,
       "2-level: the selector");
    world_end(hv);
}

/* ATTACKS 19: loops and links to nowhere. The guest has lost its own events;
 * whoever sends does not walk the list. */
static void test_attack_19_loops(void)
{
    unsigned i;

    begin(WORLD_FIFO);
    for (i = 0; i < 3; i++)
        op_ipi(a, 0);
    op_send(a, 1);
    op_send(a, 2);
    *fifo_word(a, 2) = (*fifo_word(a, 2) & ~0x1ffffu) | 1; /* 1 -> 2 -> 1 */
    is_int(op_send(a, 3), 0, "behind a loop");
    is_int(*fifo_word(a, 2) & 0x1ffff, 3, "it is linked at the tail");
    *fifo_word(a, 3) |= 0x1ffff;
    fifo_control(a, 0)->head[7] = UINT32_MAX;
    *fifo_word(a, 1) = 0;
    is_int(op_send(a, 1), 0, "behind a link to nowhere");
    is_int(*fifo_word(a, 3) & 0x1ffff, 1, "which is overwritten");
    is_int(*fifo_word(a, 3) >> EVTCHN_FIFO_BUSY & 1, 0, "not busy");
    world_end(hv);
}

/* ATTACKS 20: resets with all ports open, connected to another domain. */
static void test_attack_20_reset(void)
{
    struct hv_domain_config c = domain_config("large");
    domid_t self = DOMID_SELF;
    unsigned i, calls = 0, good = 1, mapped;
    int64_t rc;

    begin(WORLD_FIFO);
    c.max_event_channels = 20000;
    c.nr_pages = c.max_pages;
    if (hv_domain_create(hv, &c, &a) != 0)
        abort();
    mapped = mapped_frames;
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "FIFO");
    for (i = 0; op_expand(a, FIFO_WORDS + i) == 0;)
        i++;
    is_int(i, 20, "20 pages for 20,001 ports");
    for (i = 0; op_alloc(a, DOMID_SELF, hv_domain_id(b)) > 0;)
        i++;
    is_int(i, 20000, "20,000 ports");
    is_int(op_virq(a, VIRQ_DEBUG, 0), -XEN_ENOSPC, "no room for a virq");
    for (i = 1; i <= 1000; i++)
        good &= op_bind(b, hv_domain_id(a), i * 20) == (int64_t)i;
    ok(good, "b is connected to 1,000 of them");
    do {
        rc = call(a, __HYPERVISOR_event_channel_op, EVTCHNOP_reset, &self,
                  sizeof(self));
        calls++;
        op_send(b, 500);
        op_send(b, 1000);
    } while (rc == -XEN_EAGAIN);
    is_int(rc, 0, "reset");
    is_int(calls, 5, "in parts of 4,096 ports");
    for (i = 1; i <= 1000; i++)
        good &= op_status(b, i).status == EVTCHNSTAT_unbound;
    ok(good, "b's ends are unbound");
    is_int(mapped_frames, mapped, "its frames are its own again");
    is_int(op_expand(a, FIFO_WORDS), -XEN_EOPNOTSUPP, "2-level again");
    world_end(hv);
}

/* ATTACKS 18 (XSA-505), 20: what is done between the parts of a reset. */
static void test_attack_20_between(void)
{
    struct hv_domain_config c = domain_config("large");
    domid_t self = DOMID_SELF;
    unsigned i;

    begin(WORLD_2L);
    c.max_event_channels = 20000;
    c.nr_pages = c.max_pages;
    if (hv_domain_create(hv, &c, &a) != 0)
        abort();
    op_init_control(a, 0, FIFO_CONTROL, 0);
    for (i = 0; i < 9000; i++)
        op_ipi(a, 0);
    is_int(call(a, __HYPERVISOR_event_channel_op, EVTCHNOP_reset, &self, 2),
           -XEN_EAGAIN, "a part of a reset");
    is_int(op_expand(a, FIFO_WORDS), 0, "then an array page");
    is_int(op_ipi(a, 0), 1, "and a port that was closed");
    is_int(op_send(a, 1), 0, "with an event");
    is_int(op_reset(a, DOMID_SELF), 0, "the rest of the reset");
    is_int(op_expand(a, FIFO_WORDS), -XEN_EOPNOTSUPP, "2-level again");
    is_int(op_send(a, 1), -XEN_EINVAL, "that port as well is closed");
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "FIFO again");
    is_int(op_expand(a, FIFO_WORDS), 0, "with an array page");
    hv_domain_kill(a);
    is_int(mapped_frames, 0, "death takes everything away");
    world_end(hv);
}

/* ATTACKS 20: ports that only FIFO has, opened where an unfinished reset has been
 * already, are not left to the 2-level ABI, which has no bits for them. */
static void test_attack_20_behind(void)
{
    struct hv_domain_config c = domain_config("large");
    domid_t self = DOMID_SELF;
    unsigned i, port = 0;

    begin(WORLD_2L);
    c.max_event_channels = 20000;
    c.nr_pages = c.max_pages;
    if (hv_domain_create(hv, &c, &a) != 0)
        abort();
    op_init_control(a, 0, FIFO_CONTROL, 0);
    while (op_ipi(a, 0) > 0)
        ;
    for (i = 0; i < 4; i++)
        is_int(call(a, __HYPERVISOR_event_channel_op, EVTCHNOP_reset, &self, 2),
               -XEN_EAGAIN, "a part of a reset");
    while (port < 10000)
        port = (unsigned)op_ipi(a, 0);
    is_int(op_reset(a, DOMID_SELF), 0, "the rest of it");
    is_int(op_expand(a, FIFO_WORDS), -XEN_EOPNOTSUPP, "2-level");
    is_int(op_send(a, 10000), -XEN_EINVAL, "port 10000 is closed");
    is_int(op_send(a, 1), -XEN_EINVAL, "as is every other");
    world_end(hv);
}

void test_fifo_hostile(void)
{
    test_attack_18_control();
    test_attack_18_no_memory();
    test_attack_18_too_early();
    test_attack_19_scribbler();
    test_attack_19_tail();
    test_attack_19_words();
    test_attack_19_loops();
    test_attack_20_reset();
    test_attack_20_between();
    test_attack_20_behind();
}
