/* SPDX-License-Identifier: ISC */
/*
 * Crash reports in words: why the vCPU died, its registers, and a backtrace by
 * frame pointers with the image's symbols. Everything given here was written by
 * the guest and is believed only as far as printing it goes.
 */
#ifndef DAEMON_CRASH_H
#define DAEMON_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elf/elf.h>
#include <portal/portal.h>

/* crash_report's kind for a guest that called SCHEDOP_shutdown(crash) itself;
 * only rip, rsp and rbp of regs count then. */
#define CRASH_KIND_SHUTDOWN 0

#define CRASH_MAX_FRAMES 32
/* Frames walked, shown or folded: about what a 256 KiB stack can hold. */
#define CRASH_MAX_STEPS 8192

/* Where a report comes from and goes to. */
struct crash_source {
    const struct elf_image *image; /* for symbols; NULL = none             */
    /* Copies guest memory; returns bytes copied, 0 = unreadable. */
    size_t (*read)(void *arg, uint64_t va, void *buf, size_t len);
    /* Takes one line, without newline. */
    void (*line)(void *arg, const char *text);
    void *arg;
};

/* Emits the whole report, at most about 60 lines. */
void crash_report(const struct crash_source *src, const struct portal_crash *c);

/* "name+0x12", or "?" when no symbol covers (addr). */
void crash_symbol(const struct elf_image *image, uint64_t addr, char *buf,
                  size_t size);

/* The frames only: from regs->rip up, one line each. */
void crash_backtrace(const struct crash_source *src,
                     const struct portal_regs *regs);

#define CRASH_THREAD_NAME 17

/* A thread as the guest describes it (debuginfo/threads.h). The numbers are only for printing. */
struct crash_thread {
    char name[CRASH_THREAD_NAME]; /* printable, may be empty              */
    uint64_t stack_start, stack_end;
    uint64_t guard; /* 0 = none                                           */
};

/*
 * The thread on whose stack, or in whose guard page, (rsp) lies, by the struct
 * debuginfo_threads at (description_va); the one said to run when none is found
 * among the first 256. False: no description that makes sense.
 */
bool crash_thread(const struct crash_source *src, uint64_t description_va,
                  uint64_t rsp, struct crash_thread *out);

#endif /* DAEMON_CRASH_H */
