/* SPDX-License-Identifier: ISC */
/*
 * Domains of the process engine without a daemon, for tests and measurements:
 * a guest of a few instructions, and a loop that answers its calls. One domain
 * at a time is waited for; everything happens on one thread.
 */
#ifndef GUESTVM_GUESTVM_H
#define GUESTVM_GUESTVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <engine/engine.h>

/* Supplied by the program: told of everything that must hold. */
int check(int good, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A guest (guest.S) that behaves as (mode) says. GUEST_UPCALLS blocks, counts
 * upcalls and notes their time. */
enum guest_mode {
    GUEST_SPIN,
    GUEST_BLOCK,
    GUEST_SHUTDOWN,
    GUEST_CRASH,
    GUEST_UPCALLS
};
#define GUEST_TEXT       0x100000u
#define GUEST_HYPERCALLS 0x101000u
#define GUEST_DATA       0x102000u /* three pages                          */
#define GUEST_SEEN_RSI   (GUEST_DATA + 16)
#define GUEST_COUNTER    (GUEST_DATA + 24)
#define GUEST_UPCALL_TSC (GUEST_DATA + 32)
/* What the guest's data page says about itself from here on. */
#define GUEST_MARK      (GUEST_DATA + 64)
#define GUEST_MARK_TEXT "private to each domain"
/* A memory file with the image; descriptor. */
int guest_image(enum guest_mode mode);
/* The same, with (bytes) of it at (off) overwritten. */
int guest_image_damaged(size_t off, const void *bytes, size_t len);
/* A template of it, 8 MiB of memory=, 16 of maxmem=. */
struct engine_template *guest_template(enum guest_mode mode);
/* The same, of another guest's (text), at most a page, whose data is zero. */
struct engine_template *guest_template_of(const void *text, size_t len);
#define GUEST_PAGES     2048u
#define GUEST_MAX_PAGES 4096u

/* What counts the events of a struct domain. */
extern const struct engine_events domain_events;

struct domain {
    struct engine_vm *vm;
    struct engine_window win;
    uint32_t last_seq;
    /* What was reported. */
    unsigned spawned, bells, exited, paused;
    int spawn_rc, status;
    /* Answers requests by itself unless this is set. */
    bool hold;
    /* Sets the answer, 0 otherwise; NULL is fine. */
    void (*serve)(struct domain *d);
    uint64_t sends; /* all ports sent on so far                            */
    unsigned requests;
    struct portal_request req; /* the last one                             */
};

extern struct loop *test_loop;

/* vm_create with everything checked. */
void domain_create(struct domain *d, struct engine_template *t);
/* vm_spawn; 0 or -errno. */
int domain_spawn(struct domain *d, const char *cmdline);
/* Runs the loop until *counter >= n; ends the program after 10 s. */
void run_until(const unsigned *counter, unsigned n);
/* Lets the loop serve what is ready, waiting for nothing. */
void settle(void);
/* Kills, waits for the end, destroys. */
void domain_end(struct domain *d);

/* domain_create(), domain_spawn(), spawned. */
void domain_start(struct domain *d, struct engine_template *t);
/* A word of the guest's memory, as soon as its process has mapped that. */
uint64_t domain_read_u64(struct domain *d, uint64_t va);
/* Waits until word (va) of a running guest differs from (old); returns it. */
uint64_t domain_await_change(struct domain *d, uint64_t va, uint64_t old);
/* Waits for a vcpu_state that the monitor writes; a running loop serves what
 * comes meanwhile. */
void domain_await_state(struct domain *d, uint32_t state);

#endif /* GUESTVM_GUESTVM_H */
