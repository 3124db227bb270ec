/* SPDX-License-Identifier: ISC */
/*
 * What an engine is: the thing that runs a domain's vCPU. The daemon knows
 * engines only through this table; the process engine is the first, KVM comes
 * behind the same one.
 *
 * Objects
 *   template   everything that domains of one (image, ramdisk, memory size)
 *              share. Built once, on a helper thread; reference-counted.
 *   vm         one domain's memory and vCPU process.
 *
 * Threads: template_build may block and runs on a helper thread. Everything
 * else is called on the worker that owns the vm (or with the big lock held, as
 * said) and does not block.
 *
 * Errors: 0 or -errno, and where a struct engine_error is given, one line for
 * the user: what was wrong, with the value, and what to do.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elf/elf.h>
#include <portal/portal.h>

struct loop;
struct shared_info;
struct xencons_interface;
struct xenstore_domain_interface;
struct engine_template;
struct engine_vm;
struct engine_memory;

struct engine_error {
    char text[256];
};

struct engine_template_params {
    int kernel_fd;           /* borrowed; read with pread, position unused    */
    int ramdisk_fd;          /* borrowed, -1 = none                           */
    const char *kernel_name; /* for messages                               */
    uint32_t nr_pages;       /* memory=                                       */
    uint32_t max_pages;      /* maxmem=                                       */
};

/* How the vm reports to its owner; called on the owning worker's thread. */
struct engine_events {
    /* The vCPU process exists, gate shut (rc = 0), or could not be made
     * (rc = -errno; the vm must still be destroyed). Called exactly once. */
    void (*spawned)(void *owner, int rc);
    /* The doorbell rang: a request may be waiting in the portal. */
    void (*doorbell)(void *owner);
    /* The process is gone and reaped. (status) as from waitpid. Called exactly
     * once after a successful spawn, before which nothing of it may remain. */
    void (*exited)(void *owner, int status);
    /* engine_ops.pause has taken effect. */
    void (*paused)(void *owner);
};

struct engine_vm_params {
    struct engine_template *tmpl; /* the vm takes its own reference        */
    struct loop *loop;            /* the worker that owns it               */
    const struct engine_events *events;
    void *owner;
    int cpu; /* CPU to pin to, -1 = none              */
};

/* The daemon's mapping of a vm's shared pages, valid until vm_destroy. */
struct engine_window {
    volatile struct portal *portal;
    struct shared_info *shared_info;
    struct xenstore_domain_interface *store;
    struct xencons_interface *console;
    uint32_t store_mfn, console_mfn; /* the rings' frames, as the guest's   */
};

struct engine_ops {
    const char *name; /* "process"                                         */
    const char *type; /* xl.cfg type= it serves: "pv"                      */

    /* Whether it can work on this machine: 0, or -errno and the reason. */
    int (*probe)(struct engine_error *why);

    /* Makes what starts processes, so that the program itself needs to no more:
     * once, on its first thread, while it is the only one or all others end
     * soon. Domains' processes get the caller's limits and landlock domain.
     * (error_fd), borrowed, is their standard error.
     * Without it processes are started from a thread of this program. 0, or
     * -errno and the reason. */
    int (*start)(int error_fd, struct engine_error *why);
    /* Behind start(), on a thread outside of the caller's landlock domain: what
     * only that can do. Best effort. */
    void (*start_outside)(void);
    /* The reverse of start(); harmless without. */
    void (*stop)(void);

    /* Reads the image, checks it, builds the shared part. Blocks. */
    int (*template_build)(const struct engine_template_params *p,
                          struct engine_template **out,
                          struct engine_error *err);
    void (*template_get)(struct engine_template *t);
    void (*template_put)(struct engine_template *t);
    /* The image, for symbols; borrowed from the template. */
    const struct elf_image *(*template_image)(const struct engine_template *t);

    /* Makes memory and window of a new domain: zero but for what the template
     * prescribes. Synchronous. */
    int (*vm_create)(const struct engine_vm_params *p, struct engine_vm **out,
                     struct engine_window *win, struct engine_error *err);
    /* Writes start_info and boot parameters for (domid, cmdline); then asks for
     * the vCPU process; events->spawned follows. -E2BIG: cmdline too long. */
    int (*vm_spawn)(struct engine_vm *vm, unsigned domid, const char *cmdline,
                    unsigned store_port, unsigned console_port,
                    struct engine_error *err);
    /* First time: opens the gate. Later: continues a paused vCPU. */
    void (*vm_unpause)(struct engine_vm *vm);
    /* Stops the vCPU; events->paused when it has stopped. Nothing follows if
     * it dies first. */
    void (*vm_pause)(struct engine_vm *vm);
    /* The domain has ended and its process is to stay: whatever it believes, it
     * runs no more. No event follows. Memory and registers can be read, and
     * vm_kill() ends it. */
    void (*vm_park)(struct engine_vm *vm);
    /* Ends the process; events->exited follows. Harmless when it is gone. */
    void (*vm_kill)(struct engine_vm *vm);
    /* After exited (or before/without a process): frees everything. */
    void (*vm_destroy)(struct engine_vm *vm);

    /* Event pending: wake or interrupt the vCPU. (in_call): it waits for the
     * answer to a call that it made itself, and looks for events when it has
     * that; no signal is needed. Any thread. */
    void (*vm_kick)(struct engine_vm *vm, bool in_call);
    /* After portal_put_response(): wake the waiting monitor. Any thread. */
    void (*vm_answer)(struct engine_vm *vm);

    /* Frame operations, see hv_ops. Called with the daemon's lock held, on any
     * worker. */
    int (*vm_unshare_frame)(struct engine_vm *vm, uint32_t mfn);
    void (*vm_release_frames)(struct engine_vm *vm, uint32_t mfn, uint32_t nr);
    void *(*vm_map_frame)(struct engine_vm *vm, uint32_t mfn, bool writable);
    void (*vm_unmap_frame)(struct engine_vm *vm, uint32_t mfn, void *page);
    /* Whether (page), which host/guard.h has replaced, was of this vm's memory:
     * it must not go on. */
    bool (*vm_has_page)(const struct engine_vm *vm, const void *page);

    /* Copies guest virtual memory of a stopped, crashed or parked vCPU for a
     * report. Returns bytes copied (0 = unreadable), stops at the first hole. */
    size_t (*vm_read)(struct engine_vm *vm, uint64_t va, void *buf, size_t len);

    /* The vm's memory as it is, and keeps being while the vCPU is stopped,
     * parked or gone: outlives the vm. For a vm whose process exists; -ESRCH
     * when it does not. */
    int (*vm_memory)(struct engine_vm *vm, struct engine_memory **out);
    /* The frame of the page table in use; may be any number. */
    uint64_t (*memory_cr3)(const struct engine_memory *mem);
    /* Frames the guest can have are numbered below this. */
    uint32_t (*memory_nr_frames)(const struct engine_memory *mem);
    /* Copies frame (mfn), PORTAL_PAGE_SIZE bytes: 1, 0 when it has nothing but
     * zeroes (nothing is copied), -EINVAL: no such frame, -errno. Any thread,
     * one at a time; ascending numbers are fastest. Blocks like a file. */
    int (*memory_read)(struct engine_memory *mem, uint64_t mfn, void *page);
    /* Not on a helper thread: may let a template go. NULL is fine. */
    void (*memory_close)(struct engine_memory *mem);
    /* Registers of the paused vCPU. In the midst of a hypercall they are what
     * they will be at its end, but for rbx and r12 to r15, which are 0 then, as
     * are all but rip, rsp and rbp. */
    void (*vm_regs)(struct engine_vm *vm, struct portal_regs *regs);
    /* CPU time used by the vCPU so far, ns; 0 if unknown. */
    uint64_t (*vm_cpu_ns)(const struct engine_vm *vm);
    /* Host process id, for debugging; 0 when none. */
    int (*vm_pid)(const struct engine_vm *vm);
};

extern const struct engine_ops process_engine;

#endif /* ENGINE_ENGINE_H */
