/* SPDX-License-Identifier: ISC */
/*
 * The parts of the test that follows a vCPU through the monitor, instruction by
 * instruction, and makes an event arrive at every one of them.
 */
#ifndef EXITS_EXITS_H
#define EXITS_EXITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/user.h>
#include <guestvm/guestvm.h>
#include <hv/core.h>
#include "guest.h"

/* --- steps.c: one traced process --------------------------------------------- */

enum stop {
    STOPPED, /* before an instruction: regs are valid                      */
    ASLEEP,  /* in a futex wait that nothing has ended                     */
    GONE,
};

struct tracee {
    int pid;
    int signal; /* what it is told of when it goes on, 0 = nothing         */
    enum stop stop;
    struct user_regs_struct regs;
    uint64_t steps; /* made so far                                         */
};

/* Once, before any process is started: it and what it starts share one CPU. */
void steps_init(void);
/* Traces (pid), which waits at the gate; (stop) is ASLEEP. */
void trace(struct tracee *t, int pid);
/* One instruction, or the entry of a handler. A vCPU that sleeps goes on only
 * if it has been woken. */
enum stop trace_step(struct tracee *t);
/* Runs to the breakpoint at (rip), over others; past it: rip + 1. */
enum stop trace_run(struct tracee *t, uint64_t rip);
/* Runs to the instruction at (rip). */
void trace_run_to(struct tracee *t, uint64_t rip);
void trace_set_regs(struct tracee *t, const struct user_regs_struct *regs);
uint64_t trace_peek(const struct tracee *t, uint64_t va);
void trace_poke(const struct tracee *t, uint64_t va, uint64_t value);

/* Called when the vCPU sleeps: serves what it may wait for. True: did so. */
extern bool (*trace_serve)(void);

/* --- world.c: a domain, the core, and what the daemon does ------------------- */

enum what {
    EVENT, /* from somebody else                                           */
    TIMER, /* the vCPU's own, which SIGALRM tells of                       */
};

/* Where the vCPU goes on while the daemon is at work. */
enum cut {
    CUT_NONE,
    CUT_KICK,   /* event pending; kick to come                             */
    CUT_SIGNAL, /* state looked at; signal or wake-up to come              */
};

/* What is wrong with the daemon or the monitor, to see that it is noticed. */
enum fault {
    SOUND,
    NO_WINDOWS,  /* no exit is ever started over                         */
    WRONG_STACK, /* or with a stack that is a word off                   */
    NO_WAKE_SEQ, /* wake_seq stays as it is                              */
    NO_SIGNAL,   /* a running vCPU is not told                           */
};

struct world {
    struct domain d;
    struct hv_domain *hvd;
    struct tracee t;
    uint8_t *data; /* the guest's first data page                          */
    evtchn_port_t first, second, timer;
    bool in_call;
    enum fault fault;
    /* The cut: */
    enum cut cut;
    unsigned steps; /* to be made there                                    */
    unsigned made;  /* that could be                                       */
};
extern struct world world;

/* Makes world.d and brings it to exits_done. */
void world_start(enum fault fault);
void world_end(void);
/* As world_start() again, when it is not where it should be any more. */
void world_again(void);
/* A new run: no events anywhere, counters 0. */
void world_clear(void);
/* Makes (port) pending as the daemon does, with (cut) and its (steps). */
void raise_event(evtchn_port_t port, enum cut cut, unsigned steps);
/* Arms the vCPU's timer; lets its time come, and tells it. */
void arm_timer(void);
void timer_comes(void);
/* A forwarded call has been made and not served yet. */
bool call_waits(void);
/* Serves it; (port) becomes pending meanwhile, 0 = none. */
void serve_call(evtchn_port_t port);
uint64_t guest_word(uint64_t va);
void set_guest_word(uint64_t va, uint64_t value);
/* Where the guest has label (l) of guest.S. */
uint64_t guest_label(const char *l);
extern const char exits_text[], exits_text_end[], exits_done[], exits_late[],
    exits_page[], exits_poll[], exits_iret[], exits_syscall[], exits_trap[],
    exits_plain[];

/* --- paths.c ----------------------------------------------------------------- */

enum first {
    FIRST_NONE,
    FIRST_AT_START, /* another event is pending at the start               */
    FIRST_ASLEEP,   /* or comes when the vCPU sleeps                       */
};

struct path {
    const char *name;
    const char *entry; /* label of guest.S                                 */
    uint64_t rdi, rsi;
    int64_t result;
    uint64_t port; /* what EXITS_ARG says, for those that take one     */
    unsigned nr;   /* hypercall                                        */
    enum first first;
    bool masked;      /* starts with events masked                        */
    bool port_masked; /* starts with the first port masked                */
    bool iret;        /* starts with an iret frame on the stack           */
    bool keeps_flags; /* a hypercall through the page need not            */
    bool raw;         /* rcx and r11 are the instruction's                */
    bool timer;       /* may be given a TIMER                             */
    bool blocks;      /* until an event comes                             */
    bool calls;       /* makes a forwarded call                           */
    bool cuts;        /* short, and has what a cut is about: always walked
                          with cuts, the others on request                 */
};
extern const struct path paths[];
extern const unsigned nr_paths;
const struct path *path_by_name(const char *name);

/* Puts the vCPU at its start. */
void path_begin(const struct path *p);
/* At exits_done or exits_late: NULL, or what is wrong. (events): how many there
 * were of (port), besides those of p->first. */
const char *path_check(const struct path *p, evtchn_port_t port, bool extra,
                       bool late);

/* --- walk.c ------------------------------------------------------------------ */

struct walk {
    unsigned instructions; /* of the path                                  */
    unsigned runs, failures;
    const char *why; /* the first failure                                  */
    unsigned at, more;
    uint64_t rip;
};
/* How far the vCPU goes on in a cut: 1 instruction, then by (spread) quarters
 * more at a time, (farthest) at most. */
struct distances {
    unsigned spread, farthest;
};
/* One run of the path for every instruction in it; with a cut, one for each
 * distance there. */
void walk(const struct path *p, enum what what, enum cut cut,
          const struct distances *dist, struct walk *w);

#endif /* EXITS_EXITS_H */
