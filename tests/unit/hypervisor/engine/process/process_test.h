/* SPDX-License-Identifier: ISC */
/* The parts of the process engine's test program. */
#ifndef PROCESS_TEST_H
#define PROCESS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <engine/engine.h>

int check(int good, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* image.c: a guest (guest.S) that behaves as (mode) says. */
enum guest_mode { GUEST_SPIN, GUEST_BLOCK, GUEST_SHUTDOWN, GUEST_CRASH };
#define GUEST_TEXT     0x100000u
#define GUEST_DATA     0x102000u
#define GUEST_SEEN_RSI (GUEST_DATA + 16)
#define GUEST_COUNTER  (GUEST_DATA + 24)
/* What the guest's data page says about itself from here on. */
#define GUEST_MARK      (GUEST_DATA + 64)
#define GUEST_MARK_TEXT "private to each domain"
/* A memory file with the image; descriptor. */
int guest_image(enum guest_mode mode);
/* The same, with (bytes) of it at (off) overwritten. */
int guest_image_damaged(size_t off, const void *bytes, size_t len);
/* A template of it, 8 MiB of memory=, 16 of maxmem=. */
struct engine_template *guest_template(enum guest_mode mode);
#define GUEST_PAGES     2048u
#define GUEST_MAX_PAGES 4096u

/* Descriptors open in this process. */
int open_fds(void);

/* Returns when the keeper, in its own time, has collected every process. */
void wait_for_no_children(void);

void test_templates(void);
void test_windows(void);
void test_vms(void);
void test_frames(void);
void test_zygotes(void);
void test_memory(void);

/* --- vms.c: a domain under test ------------------------------------------- */

struct domain {
    struct engine_vm *vm;
    struct engine_window win;
    uint32_t last_seq;
    /* What was reported. */
    unsigned spawned, bells, exited, paused;
    int spawn_rc, status;
    /* Answers requests by itself unless this is set. */
    bool hold;
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

#endif /* PROCESS_TEST_H */
