/* SPDX-License-Identifier: ISC */
/* Raises exceptions and events and prints the frames they arrive with. */
#include "framedump.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/panic.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <xen/callback.h>
#include <xen/vcpu.h>

/* Sites, in the order of entry.S. */
enum {
    SITE_INT3,
    SITE_UD2,
    SITE_UD2_ODD,
    SITE_UD2_FLAGS,
    SITE_DIVIDE,
    SITE_READ,
    SITE_WRITE,
    SITE_LOAD_DS,
    SITE_HLT,
    SITE_STACK,
    SITE_JUMP,
    SITE_X87,
    SITE_STEP,
};

#define NO_VECTOR 256

/* SDM 3A 6.3: those that a handler must clear to go on. */
#define EFLAGS_RF     0x10000ul /* set in frames of faults, but not by QEMU */
#define EFLAGS_STATUS 0x8d5ul   /* CF PF AF ZF SF OF */
#define EFLAGS_TF     0x100ul
#define EFLAGS_DF     0x400ul
#define EFLAGS_NT     0x4000ul
#define EFLAGS_AC     0x40000ul

/* The site under way, and what its handler saw besides `seen'. */
static const struct site *site;
static uint64_t seen_vector, seen_cr2;
static uint8_t seen_mask;

/* Restored after the exceptions; minios/arch/x86. */
extern const struct vector_entry pv_trap_entries[];
extern const char x86_upcall_entry[], hypercall_page[];

static struct vcpu_info *vcpu(void)
{
    return &arch_shared_info->vcpu_info[0];
}

/* Where in the frame the saved rip stands: 2, or 3 behind an error code. The
 * selector word next to it has nothing in it that an address could have. */
static unsigned rip_index(const uint64_t *word)
{
    return (word[3] & 0xffff) >= 0xe000 && (word[3] & 0xffffff0000) == 0 ? 2
                                                                         : 3;
}

uint64_t exception_seen(uint64_t vector)
{
    uint64_t *frame = (uint64_t *)seen.rsp;
    unsigned rip = rip_index(frame);

    seen_vector = vector;
    seen_mask = vcpu()->evtchn_upcall_mask;
    seen_cr2 = vcpu()->arch.cr2;
    if (!site)
        panic("exception %lu at %lx", vector, frame[rip]);
    frame[rip] = site->after;
    frame[rip + 2] &= ~(EFLAGS_TF | EFLAGS_DF | EFLAGS_NT | EFLAGS_AC);
    return rip == 3 ? 8 : 0;
}

/* --- printing a frame ------------------------------------------------------------ */

/* Only rax and rdi vary; rcx and r11 are in the frame. */
static bool registers_kept(uint64_t rax, uint64_t rdi)
{
    const struct seen *s = &seen;
    const uint64_t one = 0x1111111111111111;

    return s->rax == rax && s->rdi == rdi && s->rbx == 2 * one &&
           s->rdx == 4 * one && s->rsi == 5 * one && s->rbp == 7 * one &&
           s->r8 == 8 * one && s->r9 == 9 * one && s->r10 == 10 * one &&
           s->r12 == 12 * one && s->r13 == 13 * one && s->r14 == 14 * one &&
           s->r15 == 15 * one;
}

static void print_frame(const char *rip_name, uint64_t rsp)
{
    const uint64_t *w = seen.word;
    unsigned rip = rip_index(w), n = rip + 5, i;

    printf("#");
    for (i = 0; i < n; i++)
        printf(" %lx", w[i]);
    printf("\n");
    printf("  frame: %u words, ends %ld below the interrupted rsp\n", n,
           rsp - (seen.rsp + n * 8ul));
    printf("  rcx %lx r11 %lx\n", w[0], w[1]);
    if (rip == 3)
        printf("  error code %lx\n", w[2]);
    printf("  rip: %s\n", rip_name);
    printf("  cs %lx, saved mask %lx, rest %lx\n", w[rip + 1] & 0xffff,
           w[rip + 1] >> 32 & 0xff, w[rip + 1] & ~(uint64_t)0xff0000ffff);
    printf("  rflags without RF %lx\n", w[rip + 2] & ~EFLAGS_RF);
    printf("  rsp: %s\n", w[rip + 3] == rsp ? "as interrupted" : "wrong");
    printf("  ss %lx\n", w[rip + 4]);
    printf("  in the handler: mask %u, rflags %lx\n", seen_mask, seen.rflags);
    printf("~ in the handler: cs %lx ss %lx\n", seen.cs, seen.ss);
}

/* --- exceptions -------------------------------------------------------------------- */

static const char *rip_name(uint64_t rip, uint64_t at)
{
    if (rip == at)
        return "at the instruction";
    return rip == site->after ? "behind the instruction" : "somewhere else";
}

/* (vector_mark) stands in front of the vector: "~" where it may differ. */
static void raise(const char *name, unsigned nr, uint64_t address,
                  const char *vector_mark)
{
    void (*go)(uint64_t address) =
        (void (*)(uint64_t address))site_table[nr].raise;
    uint64_t at;

    site = &site_table[nr];
    at = site->at ? site->at : address;
    seen_vector = NO_VECTOR;
    memset(&seen, 0, sizeof(seen));
    vcpu()->arch.cr2 = 0x5eed;
    go(address);
    printf("exception by %s\n", name);
    if (seen_vector == NO_VECTOR) {
        printf("  none\n");
    } else {
        printf("%s vector %lu\n", vector_mark, seen_vector);
        print_frame(rip_name(seen.word[rip_index(seen.word)], at),
                    expected_rsp);
        printf("  other registers kept: %s\n",
               yes_no(registers_kept(address, address)));
        printf("  cr2: %s\n", seen_cr2 == 0x5eed    ? "untouched"
                              : seen_cr2 == address ? "the address"
                                                    : "something else");
    }
    site = NULL;
}

static long set_vectors(const struct vector_entry *entries, bool mask)
{
    struct trap_info table[32] = {0};
    unsigned i;

    for (i = 0; entries[i].entry != 0 && i < ARRAY_SIZE(table) - 1; i++) {
        table[i].vector = (uint8_t)entries[i].vector;
        /* The kernel lets its own code raise 3 and 4 (traps.c). */
        table[i].flags = table[i].vector == 3 || table[i].vector == 4 ? 3 : 0;
        table[i].cs = FLAT_KERNEL_CS;
        table[i].address = entries[i].entry;
        if (mask)
            TI_SET_IF(&table[i], 1);
    }
    return hypercall(__HYPERVISOR_set_trap_table, address_of(table), 0, 0, 0);
}

/* Data that nobody may execute or, being constant, write. */
static uint64_t some_data = 0xcccccccccccccccc;
static const uint64_t some_constant = 1;

void print_exceptions(void)
{
    if (set_vectors(vector_entries, true) != 0)
        panic("set_trap_table refused");
    raise("int3", SITE_INT3, 0, " ");
    raise("ud2", SITE_UD2, 0, " ");
    raise("ud2 with rsp 8 mod 16", SITE_UD2_ODD, 0, " ");
    raise("ud2 with AC, NT, DF and CF", SITE_UD2_FLAGS, 0, " ");
    raise("div by 0", SITE_DIVIDE, 0, " ");
    raise("read of an unmapped page", SITE_READ, 0x10, " ");
    raise("write of an unmapped page", SITE_WRITE, 0x10, " ");
    raise("write of a constant", SITE_WRITE, address_of(&some_constant), " ");
    raise("jump to data", SITE_JUMP, address_of(&some_data), " ");
    raise("jump to an unmapped page", SITE_JUMP, 0x10, " ");
    raise("read of a non-canonical address", SITE_READ, 0x8000000000000000,
          " ");
    /* #SS on a real CPU, #GP in QEMU. */
    raise("non-canonical stack access", SITE_STACK, 0, "~");
    raise("load of ds with a bad selector", SITE_LOAD_DS, 0xd008, " ");
    raise("hlt", SITE_HLT, 0, " ");
    raise("x87 division by 0", SITE_X87, 0, " ");
    raise("single step", SITE_STEP, 0, " ");
    if (set_vectors(vector_entries, false) != 0)
        panic("set_trap_table refused");
    raise("ud2 with a gate that leaves events on", SITE_UD2, 0, " ");
    if (set_vectors(pv_trap_entries, true) != 0)
        panic("set_trap_table refused");
}

/* --- upcalls ------------------------------------------------------------------------ */

static volatile unsigned events_seen;

static void event_seen(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    events_seen++;
    seen_mask = vcpu()->evtchn_upcall_mask;
}

static long set_event_callback(const char *entry)
{
    struct callback_register r = {
        .type = CALLBACKTYPE_event,
        .flags = CALLBACKF_mask_events,
        .address = address_of(entry),
    };

    return hypercall(__HYPERVISOR_callback_op, CALLBACKOP_register,
                     address_of(&r), 0, 0);
}

/* An upcall may be another one's, the console's say, and interrupt us somewhere
 * else than we wait for it: then we try again, so often. */
#define ATTEMPTS 20

/* Where the recorded upcall came, if that was in or right behind a call of the
 * hypercall page by hypercall(); else NULL. */
static const char *after_hypercall(uint64_t rip)
{
    if (rip - address_of(hypercall_page) < 4096)
        return "in the hypercall page";
    if (rip >= address_of(send_event) && rip < address_of(send_event_end))
        return "behind the call of it";
    return NULL;
}

/* An event that we send ourselves is delivered at the end of the call. */
static void upcall_by_ipi(void)
{
    struct evtchn_bind_ipi bind = {.vcpu = 0};
    struct evtchn_send send;
    const char *where = NULL;
    long rc = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &bind);
    unsigned i, before;

    if (rc == 0)
        rc = evtchn_bind_handler(bind.port, event_seen, NULL);
    if (rc == 0)
        rc = set_event_callback(upcall_recorder);
    send.port = bind.port;
    for (i = before = 0; i < ATTEMPTS && rc == 0 && !where; i++) {
        before = events_seen;
        upcalls_seen = 0;
        rc = send_event(&send);
        where = upcalls_seen ? after_hypercall(seen.word[2]) : NULL;
    }
    (void)set_event_callback(x86_upcall_entry); /* it was accepted before */
    printf("upcall at the end of EVTCHNOP_send: %s, result %ld\n",
           where ? "came" : "never came", rc);
    printf("~ rip: %s\n", where ? where : "unknown");
    printf("  handled before the call returned: %s\n",
           yes_no(events_seen == before + 1));
    printf("  saved mask %lx, rflags.IF %lx, mask in the handler %u\n",
           seen.word[3] >> 32 & 0xff, seen.word[4] >> 9 & 1, seen_mask);
    evtchn_unbind_handler(bind.port);
}

/* The timer's port; it may be bound already, by the kernel: that will do. */
static void bind_timer(void)
{
    struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER, .vcpu = 0};

    if (HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &bind) == 0 &&
        evtchn_bind_handler(bind.port, event_seen, NULL) != 0)
        panic("cannot bind the timer's port");
}

static bool in_loop(uint64_t rip)
{
    return rip >= address_of(spin_start) && rip < address_of(spin_end);
}

/* The timer's event comes while the registers hold known values. */
static void upcall_while_computing(void)
{
    long rc = set_event_callback(upcall_recorder);
    uint64_t delay_ns = 1000000;
    bool came = false;
    unsigned i;

    bind_timer();
    for (i = 0; i < ATTEMPTS && rc == 0 && !came; i++) {
        upcalls_seen = 0;
        rc = hypercall(__HYPERVISOR_set_timer_op,
                       time_monotonic_ns() + delay_ns, 0, 0, 0);
        spin_for_upcall(2000000000);
        came = upcalls_seen && in_loop(seen.word[2]);
        if (i % 2 == 1)
            delay_ns *= 2; /* a slow host */
    }
    (void)set_event_callback(x86_upcall_entry); /* it was accepted before */
    printf("# attempts %u, upcalls %u, last at %lx\n", i, upcalls_seen,
           seen.word[2]);
    printf("upcall while computing: %s, result %ld\n",
           came ? "came" : "never came", rc);
    if (!came)
        return;
    /* Status flags are those of a loop that was interrupted somewhere. */
    seen.word[4] &= ~EFLAGS_STATUS;
    seen.rflags &= ~EFLAGS_STATUS;
    print_frame("in the loop", expected_rsp);
    printf("  other registers kept: %s\n",
           yes_no(registers_kept(seen.rax, 0x6666666666666666)));
}

void print_upcalls(void)
{
    upcall_by_ipi();
    upcall_while_computing();
}
