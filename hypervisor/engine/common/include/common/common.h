/* SPDX-License-Identifier: ISC */
/*
 * What the engines share: templates, the memory of domains, and the processes
 * that run their vCPUs. An engine brings a const struct engine_kind, which says
 * in what it differs, and makes its struct engine_ops of the functions here and
 * of its own.
 *
 * Threads. A vm, and every zygote, belongs to one loop and is touched on its
 * thread only, but for: vm->pid (vm->lock: vm_kick() may run anywhere), its
 * frames (frames.c: the daemon's lock), a
 * template's reference count (atomic) and its list of zygotes (zygote.c's
 * lock). Everything else in a template is written before it is handed out.
 *
 * Life of a vm (run.c unless said otherwise):
 *
 *   CREATED --vm_spawn(), vm.c--> SPAWNING --vm_spawned(pid)--> ALIVE
 *                                    |                            |
 *                             vm_spawned(-errno)          doorbell hangs up
 *                                    v                            v
 *                                  GONE <-------reaped--------- ENDING
 *
 * Invariants
 *   1. vm->pid > 0 exactly in ALIVE and ENDING; it is set to 0, under
 *      vm->lock, together with the reaping. Whoever signals holds vm->lock, so
 *      no reaped pid is ever signalled.
 *   2. bell.fd is the doorbell's read end up to ALIVE; in ENDING it is a pidfd
 *      or -1. It is watched in ALIVE and ENDING only.
 *   3. ram_fd and bell_wr are open from vm_create() until the request has been
 *      sent: an idle domain costs the daemon one descriptor.
 *   4. (pins) counts what points to the vm from elsewhere (a spawn request,
 *      posted work). vm_destroy() sets (destroyed); the last unpin frees. A
 *      destroyed vm reports no events.
 *   5. look.fd is a timer while somebody has to look again: in ALIVE exactly
 *      when (stopping), in ENDING when the pidfd does not serve; else -1.
 */
#ifndef COMMON_COMMON_H
#define COMMON_COMMON_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <builder/pv.h>
#include <elf/elf.h>
#include <engine/engine.h>
#include <host/guard.h>
#include <host/helper.h>
#include <host/loop.h>
#include <host/starter.h>

struct zygote;
struct shared_info;

/* Pages of the RAM file that every domain starts with. */
struct extent {
    uint32_t file_page, nr;
    size_t offset; /* of its bytes in engine_template.private_bytes        */
};

/* What differs from domain to domain of a template. */
struct engine_start {
    unsigned domid, store_port, console_port;
    const char *cmdline;
};

/* The libc-free program that an engine's processes run; keeper.c makes a file of
 * it, and with keeper_fork() a process that starts them. */
struct engine_program {
    const uint8_t *elf, *elf_end; /* embedded by mk/rules.mk               */
    int fd;                       /* -1 before the first                   */
    struct starter starter;       /* control = -1 without                  */
};

/* In what the engines differ, besides their ops. */
struct engine_kind {
    struct engine_program *program;
    /* Lays the domain out in t->layout: image, memory sizes and (ramdisk_bytes)
     * are known. */
    int (*plan)(struct engine_template *t,
                const struct engine_template_params *p, uint64_t ramdisk_bytes,
                struct engine_error *err);
    /* Fills frames [image_first, boot_end), zeroed, but for the ramdisk. */
    void (*fill)(const struct engine_template *t, uint64_t ramdisk_bytes,
                 void *mem);
    /* Fills the page at layout.start_info. False: cmdline too long. */
    bool (*fill_start)(const struct engine_template *t,
                       const struct engine_start *s, void *page);
    void (*fill_boot)(const struct engine_template *t,
                      const struct engine_start *s, struct portal_boot *boot);
    /* The state of a new shared_info, but for the time. NULL: zero. */
    void (*fill_shared_info)(struct shared_info *si);
};

struct engine_template {
    const struct engine_kind *kind;
    unsigned refs; /* atomic                                               */
    uint32_t nr_pages, max_pages;
    uint8_t *file; /* the ELF file, which (image) borrows                  */
    struct elf_image image;
    uint32_t *symbol_order; /* of image.index                              */
    struct pv_layout layout;
    int fd;            /* template file, read-only, sealed                 */
    uint64_t as_bytes; /* RLIMIT_AS of its processes                       */
    uint8_t *private_bytes;
    struct extent *extents;
    size_t nr_extents;
    struct zygote *zygotes; /* zygote.c's lock                             */
    void *view; /* the template file, NULL until a frame of it is mapped
                   (frames.c: the daemon's lock)                           */
    struct guard view_guard;
};

enum vm_life { VM_CREATED, VM_SPAWNING, VM_ALIVE, VM_ENDING, VM_GONE };

/* A request to a zygote, from vm_spawn() until it is answered. */
struct spawn {
    struct spawn *next;
    uint64_t token;
    bool sent;
};

/* What the keeper needs to get rid of a vm's process: made with the vm, so that
 * it is there when there is no memory. */
struct discard {
    struct helper_job job;
    struct discard *next; /* of the same zygote's orphans                  */
    int pid;
    uint64_t pipe, look_ns;
};

struct engine_vm {
    struct engine_template *tmpl;
    struct loop *loop;
    const struct engine_events *events;
    void *owner;
    int cpu;

    void *window; /* WINDOW_PAGES pages                                    */
    volatile struct portal *portal;
    uint8_t *unshared; /* bitmap by mfn, NULL until the first              */
    void *view;        /* all of the RAM file, NULL until the first frame is
                          mapped (frames.c)                                */
    struct guard view_guard;

    int ram_fd, bell_wr;
    struct loop_source bell;
    struct spawn spawn;
    struct discard *discard; /* NULL once the keeper has it                */

    pthread_mutex_t lock; /* guards pid                                    */
    int pid;
    enum vm_life life;
    uint64_t cpu_ns; /* at its end                                         */

    bool gate_open;
    bool kill_wanted, pause_wanted; /* while SPAWNING                      */
    bool stopping;                  /* a stop is being waited for          */
    bool resume_wanted;             /* unpaused while stopping             */
    bool stopped;
    struct loop_source look; /* a timer                             */
    uint64_t look_ns;        /* its interval                        */
    bool notice_posted; /* "paused" is on its way without a stop           */
    struct loop_work notice;
    struct loop_work retry; /* of collecting it, without a timer           */

    unsigned pins;
    bool destroyed;
};

/* error.c: put one line into (err), if any; return (rc). */
int fail(struct engine_error *err, int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "(what): (why rc)", with advice where there is some. */
int fail_host(struct engine_error *err, int rc, const char *what);

/* image.c: reads and checks the kernel. On success t->file and t->image are
 * set (also on failure t->file may be: the template's clean-up frees it). */
int image_read(struct engine_template *t,
               const struct engine_template_params *p,
               struct engine_error *err);
/* Size of the ramdisk (0 = none). */
int image_ramdisk_size(const struct engine_template_params *p, uint64_t *bytes,
                       struct engine_error *err);
/* The line for a refusal by pv_plan(). */
int image_plan_error(const struct engine_template_params *p, enum pv_error e,
                     uint64_t value, struct engine_error *err);

/* template.c */
int template_build(const struct engine_kind *kind,
                   const struct engine_template_params *p,
                   struct engine_template **out, struct engine_error *err);
const struct elf_image *template_image(const struct engine_template *t);
void template_get(struct engine_template *t);
void template_put(struct engine_template *t);

/*
 * keeper.c: a thread that lives as long as the program and runs its jobs one
 * after the other: what blocks until a process has begun or ended. The parent of
 * every process of every engine (host/process.h says why that matters) is that
 * thread, or with keeper_fork() whoever called it: a process of its own starts
 * them then. keeper_start() is idempotent; 0 or -errno.
 */
int keeper_start(void);
void keeper_run(struct helper_job *j);
/* For engine_ops' start, start_outside and stop. */
int keeper_fork(struct engine_program *p, int error_fd,
                struct engine_error *why);
void keeper_fork_outside(struct engine_program *p);
void keeper_join(struct engine_program *p);
/* Id of the thread whose children processes are, 0 before the first. Any
 * thread. */
int keeper_tid(void);
/* On the keeper only: starts a zygote with these descriptors (borrowed).
 * pid or -errno. */
int keeper_start_zygote(struct engine_program *p, int template_fd,
                        int control_fd, uint64_t as_bytes);
/* On the keeper only: collects child (pid), which has been killed, and returns
 * true; or has (j) run again a little later, and returns false. (*look_ns) is the
 * caller's to keep, 0 at first. Never blocks. */
bool keeper_collect(int pid, struct helper_job *j, uint64_t *look_ns);
/* Kills child (pid) now and collects it on the keeper, which frees (d). */
void keeper_discard(struct discard *d, int pid);
/* The same with the child that has pipe (d->pipe) open, if there is one. */
void keeper_discard_orphan(struct discard *d);

/* zygote.c: asks for a process for (vm); vm_spawned() follows, never before
 * this returns 0. vm->ram_fd and vm->bell_wr are closed once sent. */
int zygote_request_spawn(struct engine_vm *vm, struct engine_error *err);
/* Lets the zygotes of a template without users end. */
void zygotes_release(struct engine_template *t);

/* run.c */
/* Ends the looking, if there is any. */
void vm_look_no_more(struct engine_vm *vm);
void vm_spawned(struct engine_vm *vm, int64_t pid);
void vm_unpause(struct engine_vm *vm);
void vm_pause(struct engine_vm *vm);
void vm_park(struct engine_vm *vm);
void vm_kill(struct engine_vm *vm);
void vm_kick(struct engine_vm *vm, bool in_call);
void vm_answer(struct engine_vm *vm);
uint64_t vm_cpu_ns(const struct engine_vm *vm);
int vm_pid(const struct engine_vm *vm);

/* vm.c */
int vm_create(const struct engine_vm_params *p, struct engine_vm **out,
              struct engine_window *win, struct engine_error *err);
int vm_spawn(struct engine_vm *vm, unsigned domid, const char *cmdline,
             unsigned store_port, unsigned console_port,
             struct engine_error *err);
void vm_destroy(struct engine_vm *vm);
void vm_unpin(struct engine_vm *vm);
/* For the one time that the keeper is to end its process. */
struct discard *vm_take_discard(struct engine_vm *vm);

/* Size of a RAM file: window, RAM slots, special frames (layout.h). */
static inline size_t ram_file_bytes(uint32_t max_pages)
{
    return ((size_t)RAM_FILE_FIRST + max_pages + NR_SPECIAL_FRAMES) *
           PORTAL_PAGE_SIZE;
}

/* frames.c. Under the daemon's lock: another domain's worker may be the one
 * that wants a frame. */
int vm_unshare_frame(struct engine_vm *vm, uint32_t mfn);
void vm_release_frames(struct engine_vm *vm, uint32_t mfn, uint32_t nr);
void *vm_map_frame(struct engine_vm *vm, uint32_t mfn, bool writable);
void vm_unmap_frame(struct engine_vm *vm, uint32_t mfn, void *page);
bool vm_has_page(const struct engine_vm *vm, const void *page);
/* Size of a template file. */
static inline size_t template_bytes(const struct engine_template *t)
{
    return (size_t)t->layout.template_pages * PORTAL_PAGE_SIZE;
}
const struct portal_range *range_of(const struct pv_layout *l, uint32_t mfn);

/* memory.c */
int vm_memory(struct engine_vm *vm, struct engine_memory **out);
uint64_t memory_cr3(const struct engine_memory *mem);
uint32_t memory_nr_frames(const struct engine_memory *mem);
int memory_read(struct engine_memory *mem, uint64_t mfn, void *page);
void memory_close(struct engine_memory *mem);

#endif /* COMMON_COMMON_H */
