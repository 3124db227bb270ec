/* SPDX-License-Identifier: ISC */
/*
 * The daemon's own structures, and which lock guards what.
 *
 * Threads: the main thread (signals), one thread per worker, one helper thread
 * that builds templates. One big lock, daemon_lock(), guards everything below
 * unless said otherwise; every handler that a loop calls takes it. Engine
 * callbacks arrive on the worker's thread without the lock.
 *
 * A domain belongs to one worker: its vm, its console's tty and its doorbell
 * are in that worker's loop. What touches the loop (create, pause, kill,
 * destroy, console) runs on that worker's thread: requests that came to
 * another one are handed over (requests.c).
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <backend/console.h>
#include <backend/store.h>
#include <daemon/dmesg.h>
#include <daemon/proto.h>
#include <engine/engine.h>
#include <host/clock.h>
#include <host/helper.h>
#include <host/loop.h>
#include <host/trial.h>
#include <hv/core.h>
#include "options.h"

struct conn;
struct dom;
struct dump;
struct hold;
struct logfile;
struct templates;
struct tmpl;

/* Domains that have ended, for `wait' and for clearing away old logs. */
#define ENDED_MAX 256
struct ended {
    bool used;
    bool have_exit_code;
    bool have_domid; /* false: a log found at start                     */
    domid_t domid;
    int exit_code;
    int new_domid;        /* after a restart, else -1                      */
    uint64_t entered_tsc; /* the portal's t_enter_tsc: the guest's word    */
    const char *reason;   /* a constant                                      */
    const char *action;   /* a constant                                      */
    char name[HV_NAME_MAX];
};

/* An answer that is still owed. Holds a reference to its connection. */
struct reply {
    struct reply *next;
    struct conn *conn;
    int64_t id;
};

struct worker {
    struct daemon *dm;
    unsigned nr;
    int cpu; /* -1 = not pinned                        */
    struct loop *loop;
    struct thread *thread;
    struct loop_source listener; /* dm->listen_fd                          */
    struct loop_source rest;     /* a timer: the listener is not watched   */
    struct loop_work kill_all;   /* every domain of this worker            */
    struct loop_work finish;     /* leave the loop                         */
    struct loop_work lost;       /* lost_run()                             */
    bool lost_posted;
    struct conn *conns; /* open ones; conn.c's                    */
    unsigned nr_domains;
};

/* kvm.c */
struct kvm_look {
    struct trial trial;         /* the main thread's                       */
    struct loop_source source;  /* of it, on the main loop                 */
    bool unknown;               /* what comes of it                        */
    struct reply *info_replies; /* to be given then                        */
    char why[160];
};

struct daemon {
    pthread_mutex_t lock;
    const struct options *options;
    const struct engine_ops *engine;
    struct hv *hv;
    struct dmesg *dmesg;
    struct logfile *log;
    struct console_logs *logs;
    struct store *store;
    struct helper *helper;
    struct helper *dumper; /* writes core files                     */
    struct templates *templates;
    struct loop *main_loop;
    struct loop_work finish; /* leave the main loop                    */
    struct loop_source signals;
    struct loop_source guard; /* host/guard.h: pages have been lost      */
    struct worker *worker;
    unsigned nr_workers;
    struct dom *restarts; /* restart.c                              */
    unsigned nr_doms;     /* structures, in whatever state          */
    unsigned nr_dumps;    /* core dumps under way                   */
    uint64_t start_ns;
    uint64_t host_kib; /* MemTotal; constant                     */
    unsigned nr_cpus;  /* that we may run on; constant            */
    unsigned uid;      /* constant                               */
    int lock_fd, listen_fd;
    int spare_fd;  /* given up to refuse a connection with   */
    int landlock;  /* its version, 0 = files are not confined */
    bool confined; /* system calls are                       */
    bool serving;  /* logs go to the files only              */
    bool stopping;
    bool finished;
    struct reply *stop_replies;
    struct kvm_look kvm;
    struct ended ended[ENDED_MAX];
    unsigned ended_next;
    char run_dir[PATH_MAX];
};

/*
 * A domain:
 *
 *            create_request()
 *                  |
 *              TEMPLATE          waits for its template
 *                  | make_go()              any failure: create_fail(), freed
 *              SPAWNING          vm, hv domain, ports, console exist
 *                  | dom_spawned()
 *               ALIVE            paused or not
 *                  | dom_ended(): shutdown, crash, or death of the process
 *        +---------+---------+
 *  on_* = preserve      destroy, restart
 *        |                   |
 *      ENDED --dom_kill()--> DYING <--dom_kill()-- SPAWNING, ALIVE
 *   (listed, parked)         | process gone: dom_gone()
 *                          freed   (restart: a new struct dom, TEMPLATE)
 *
 * Invariants: hvd, vm, console exist exactly from make_go() to dom_gone()
 * (or create_fail()); vm_kill has been called when DYING, unless the process
 * is not there (proc_gone) or not there yet (SPAWNING was left by dom_kill():
 * dom_spawned() kills it).
 */
/* The steps of a creation, in their order: docs/control-protocol.md, `marks'. */
enum dom_mark {
    MARK_PARSED,
    MARK_TEMPLATE,
    MARK_MEMORY,
    MARK_DOMAIN,
    MARK_SENT,
    MARK_FORKED,
    MARK_GATE,
    NR_MARKS
};

enum dom_state { DOM_TEMPLATE, DOM_SPAWNING, DOM_ALIVE, DOM_ENDED, DOM_DYING };

struct dom {
    struct daemon *dm;
    struct worker *w;
    enum dom_state state;

    /* Configuration, constant but for the name. */
    char name[HV_NAME_MAX];
    uint8_t uuid[16];
    bool given_uuid; /* by the client, not made here              */
    char *kernel, *cmdline;
    struct ctl_config config;
    bool start_paused;

    struct tmpl *tmpl;
    struct engine_vm *vm;
    struct engine_window win;
    struct hv_domain *hvd;
    struct console *console;
    struct store_ring *store;
    int store_port, console_port;
    uint32_t last_seq; /* of the portal                          */

    bool spawned;        /* dom_spawned(d, 0) has been             */
    bool proc_gone;      /* dom_exited() has been                  */
    bool paused;         /* the vCPU stands still                  */
    bool pausing;        /* vm_pause called, not seen yet          */
    bool ended;          /* dom_ended() has been                   */
    bool restart;        /* dom_gone() makes the next incarnation  */
    bool cancelled;      /* in TEMPLATE: not to be made any more   */
    bool shutdown_noted; /* hv_ops.shutdown, not yet acted upon    */
    bool console_rang;   /* the same for the console's port        */
    bool store_rang;     /* and for the store's                    */
    bool gone_waits;     /* dom_gone() waits for its grants' users */
    bool in_call;        /* its vCPU waits for dom_serve_doorbell()*/
    bool memory_lost;    /* lost.c: its process is to be killed    */
    bool have_exit_code;
    int exit_code;
    int new_domid;              /* set aside: its heir's, else -1         */
    const char *reason;         /* why it ended; constant                 */
    const char *action;         /* what was done then; constant           */
    struct portal_crash *crash; /* until reported                         */

    uint64_t created_ns, tsc; /* of the request                         */
    uint64_t started_ns;      /* when the vCPU was let go               */
    uint64_t mark[NR_MARKS];  /* the time stamp counter after each step */
    struct reply *create_reply;
    struct ctl_error *refusal; /* what create_reply says once we are gone  */
    struct reply *destroy_replies, *wait_replies, *pause_replies,
        *unpause_replies;
    /* After a restart: whom to tell our domid, and of which ended domain. */
    struct reply *heir_replies;
    struct ended *heir_of; /* our own copy                           */
    struct dom *next_restart;
    struct loop_source delay; /* a timer, fd -1 = none: restart_go()    */
    unsigned quick;           /* restarts in a row after a short life   */

    /* What config-update has prepared for the next incarnation, or NULL; ours. */
    struct dom *next_config;
    bool is_update;    /* we are that, and wait for our template     */
    domid_t meant;     /* for whom                                   */
    struct hold *hold; /* NULL = none: hold.c                       */
    struct dump *dump; /* NULL = none: dump.c                       */
    bool act_later;    /* ENDED, until its core dump is written     */
    enum ctl_action end_action;

    struct loop_work gone;    /* dom_gone(), once gone_waits            */
    struct loop_work go;      /* make_go() on the worker's thread       */
    struct dom *next_waiting; /* for the same template                  */
};

static inline void daemon_lock(struct daemon *dm)
{
    pthread_mutex_lock(&dm->lock);
}

static inline void daemon_unlock(struct daemon *dm)
{
    pthread_mutex_unlock(&dm->lock);
}

static inline void dom_mark(struct dom *d, enum dom_mark mark)
{
    d->mark[mark] = clock_tsc();
}

/* --- log.c ------------------------------------------------------------------*/
/* One line for the message ring and midge-hv.log. With the lock. */
void log_line(struct daemon *dm, const char *format, ...) __printf(2, 3);
/* The same, begun with "dID NAME: ". */
void dom_log(struct dom *d, const char *format, ...) __printf(2, 3);

/* --- workers.c ----------------------------------------------------------------*/
/* Threads, pinned to their CPUs, each with its loop and the listener. 0/-errno */
__must_check int workers_start(struct daemon *dm);
/* After worker_finish() on all of them. */
void workers_join(struct daemon *dm);
/* The calling thread's, NULL on another thread. */
struct worker *worker_self(void);
/* Who shall own a domain whose request came to (here). */
struct worker *worker_choose(struct worker *here);

/* --- lost.c: domains of whose memory a page is gone. ------------------------------*/
/* Watches for them, on the main loop. 0 or -errno. */
__must_check int lost_start(struct daemon *dm);
void lost_stop(struct daemon *dm);
/* Ends those of (work)'s worker. */
void lost_run(struct loop_work *work);

/* --- stop.c ---------------------------------------------------------------------*/
/* Begins the clean stop: no more connections, domains die. With the lock. */
void stop_begin(struct daemon *dm, const char *why);
/* To be called when a domain structure has gone: ends a stop when it was the
 * last. With the lock. */
void stop_check(struct daemon *dm);
/* --stop: asks the daemon of (run_dir) to stop, and waits. Exit code. */
int stop_running(const char *run_dir);

/* --- ended.c --------------------------------------------------------------------*/
/* What is to be remembered of (d), which has ended. */
void ended_fill(struct ended *e, const struct dom *d);
void ended_add(struct daemon *dm, const struct ended *e);
/* The latest with this domid, or NULL. */
struct ended *ended_find(struct daemon *dm, int64_t domid);
/* Logs of an earlier daemon join the ring, to be removed in their turn. */
void ended_adopt_logs(struct daemon *dm, const char *log_dir);

/* --- restart.c ------------------------------------------------------------------*/
/* (d) shall restart, or is the heir of one that did: its name and uuid are
 * reserved until restart_remove(), which is harmless to repeat. */
void restart_add(struct dom *d);
void restart_remove(struct dom *d);
/* A restart under way: the old domain, dying, or its heir, which may not have
 * an hvd yet (DOM_TEMPLATE). NULL = none. */
struct dom *restart_by_name(struct daemon *dm, const char *name);
/* The heir of the domain that had this id, or NULL. */
struct dom *restart_by_id(struct daemon *dm, int64_t domid);
/* Of the heirs without an hvd, the one whose old id is the lowest >= (from). */
struct dom *restart_next(struct daemon *dm, uint64_t from);
bool restart_has_uuid(struct daemon *dm, const uint8_t uuid[16]);
/* There will be no heir. For one that is SPAWNING or ALIVE: dom_kill(). Any
 * thread. */
void restart_cancel(struct dom *d);
/* An heir that waits for its time waits no longer. Any thread. */
void restart_hurry(struct dom *d);
/* Posts d->go, the making of old's heir, now or a little later. On d->w's
 * thread. */
void restart_go(struct dom *d, const struct dom *old);

/* --- hv_ops.c, crash_log.c -------------------------------------------------------*/
extern const struct hv_ops daemon_hv_ops;
/* Reports (c) to the log and the domain's console. */
void crash_log(struct dom *d, const struct portal_crash *c);

/* --- create.c --------------------------------------------------------------------*/
/* Takes (fds): the kernel and perhaps a ramdisk, -1 = none. */
void create_request(struct conn *c, const struct ctl_request *r, int fds[2],
                    uint64_t now_ns, uint64_t tsc);
/* The template of (d) is there (rc = 0) or not. */
void create_template_ready(struct dom *d, int rc, const struct ctl_error *e);
/* As create_request(), for the next incarnation of a domain that runs. */
void update_request(struct conn *c, const struct ctl_request *r, int fds[2]);
/* The template of (d), which is_update, is there (rc = 0) or not. */
void update_ready(struct dom *d, int rc, const struct ctl_error *e);
/* A new incarnation of (old), which is recorded as (record), with its name and
 * this uuid. Takes old's wait_replies. */
void create_again(struct dom *old, const struct ended *record,
                  const uint8_t uuid[16]);
/* A random one. */
void create_uuid(uint8_t uuid[16]);
/* Refuses the creation and frees (d). On d->w's thread once a vm exists. */
void create_fail(struct dom *d, const struct ctl_error *e);
/* After a restart: whoever waited for the old domain learns the id of the new
 * one, or -1. */
void create_tell_heir(struct dom *d, int domid);
/* The vCPU is there: answers. */
void create_done(struct dom *d);
void dom_free(struct dom *d);
/* A structure, TEMPLATE, nothing but these texts; NULL when out of memory. */
struct dom *dom_new(struct daemon *dm, struct worker *w, const char *kernel,
                    const char *cmdline);
/* What is to be said against descriptors and memory of a request. */
__must_check int create_check_image(const struct daemon *dm,
                                    const struct ctl_create *r,
                                    const int fds[2], struct ctl_error *e);
/* Refuses a name or, unless NULL, a uuid that a domain has, or one on its way
 * back. */
__must_check int create_check_taken(struct daemon *dm, const char *name,
                                    const uint8_t *uuid, struct ctl_error *e);

/* --- make.c ----------------------------------------------------------------------*/
/* Makes (d), whose template is there; answers when that fails. On d->w's
 * thread. */
void make_go(struct dom *d);
/* The same as posted work: d->go. Takes the lock. */
void make_run_go(struct loop_work *w);
/* Its process could not be made: all but the template once more. */
void make_again(struct dom *d);
/* Frees what make_go() has made so far. */
void make_undo(struct dom *d);

/* --- place.c -----------------------------------------------------------------------*/
/* The worker for a domain with this configuration: (chosen), or one that runs
 * where the domain may. */
struct worker *place_worker(struct worker *chosen, const struct ctl_config *c);
/* Refuses what place_process() would. */
__must_check int place_check(const struct ctl_config *c, struct ctl_error *e);
/* Puts d's process, which has not run yet, where it belongs. 0 or -EINVAL. */
__must_check int place_process(const struct dom *d, struct ctl_error *e);

/* --- rename.c ----------------------------------------------------------------------*/
#define UTC_STAMP 17 /* "20261123T210327Z" and a NUL                        */
void utc_stamp(char text[UTC_STAMP]);
/* Gives (d) another name, everywhere. 0 or the core's error. */
__must_check int dom_rename(struct dom *d, const char *name);
/* rename-restart: (d), which has ended, becomes NAME-STAMP with a uuid of its
 * own and stays as it is; a new domain takes its place. Should that be
 * impossible it just stays. */
void dom_set_aside(struct dom *d);

/* --- dump.c: core dumps --------------------------------------------------------------*/
/* Writes a core of (d), ALIVE or ENDED, to (fd) and answers (r); takes both.
 * d->dump must be NULL. A running vCPU stands still meanwhile. */
void dump_request(struct dom *d, int fd, struct reply *r);
/* d's vCPU has stopped. */
void dump_stopped(struct dom *d);
/* True when a dump needs the vCPU paused; dom_pause_over() follows, and lets it
 * run on unless somebody wanted it paused (for_good). */
bool dump_keeps_paused(struct dom *d, bool for_good);
/* (d) has ended: writes a core into the dump folder; dom_dumped() follows.
 * False: not possible, which has been said. */
__must_check bool dump_ended(struct dom *d);
/* (d) ends, or is freed: what has not begun is refused, the rest goes on. */
void dump_cancel(struct dom *d);

/* --- store.c: xenstore ---------------------------------------------------------------*/
/* The store and its socket RUN/xenstored/socket, on the main loop. 0/-errno. */
__must_check int dom_store_start(struct daemon *dm);
void dom_store_stop(struct daemon *dm);
/* Removes the socket: no more clients. */
void dom_store_unlisten(struct daemon *dm);
/* With the lock: */
/* The nodes libxl makes, then the ring; introduces (d). 0 or -ENOMEM; what has
 * been made is dom_store_remove()'s. */
__must_check int dom_store_add(struct dom *d);
/* (d) runs no more: what it has still asked is served, watchers are told, and
 * data/exit-code is read. */
void dom_store_ended(struct dom *d);
bool dom_store_exit_code(struct dom *d, int *code);
/* Its nodes and its connection go. Harmless without. */
void dom_store_remove(struct dom *d);
/* It has another name, or a terminal. */
void dom_store_renamed(struct dom *d);
/* It has had (old) for a uuid up to now. */
void dom_store_new_uuid(struct dom *d, const uint8_t old[16]);
/* Writes node control/(name), which the guest watches. 0 or -ENOMEM. */
__must_check int dom_store_control(struct dom *d, const char *name,
                                   const char *value);
void dom_store_tty(struct dom *d, const char *path);
/* The guest rang the store's port. */
void dom_store_rang(struct hv_domain *hvd, evtchn_port_t port, void *arg);

/* --- lifecycle.c, ending.c, portal_calls.c ------------------------------------------*/
extern const struct engine_events dom_events;
/* With the lock, on d->w's thread: */
void dom_serve_doorbell(struct dom *d);
/* The events that (d) has sent and nobody has taken yet, before it ends. */
void dom_take_sends(struct dom *d);
void dom_pause(struct dom *d, struct reply *r);
void dom_unpause(struct dom *d, struct reply *r);
/* The domain has shut down or crashed (hv state SHUTDOWN): reports, then does
 * what its configuration says. May free (d). */
void dom_ended(struct dom *d);
/* Ends the domain for good; may free (d). (reason) counts unless it has ended
 * before. */
void dom_kill(struct dom *d, const char *reason);
/* Nothing runs any more: frees everything, (d) included, at once or when the
 * last backend has unmapped what (d) granted. */
void dom_gone(struct dom *d);
/* For dump.c: stops the vCPU of (d), which is ALIVE and not paused;
 * dump_stopped() follows. */
void dom_stop_vcpu(struct dom *d);
/* The dump is done: runs on (resume), or does what it was asked meanwhile. */
void dom_pause_over(struct dom *d, bool resume);
/* The core dump of (d), ENDED, is done. May free (d). */
void dom_dumped(struct dom *d);
/* (d) is ENDED: answers its `wait's. */
void dom_tell_waiters(struct dom *d);

#endif /* DAEMON_DAEMON_H */
