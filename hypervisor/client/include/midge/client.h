/* SPDX-License-Identifier: ISC */
/*
 * The client library: everything that xl can ask of midge-hv, as C functions.
 * It speaks docs/control-protocol.md over the daemon's unix socket.
 *
 * Threads: there are no globals. One connection may be used by one thread at a
 * time; connections are independent of each other.
 *
 * Blocking: every function waits for its answer, unless it says otherwise.
 * Signals: SIGPIPE is never raised; a call interrupted by a signal goes on.
 *
 * Errors: every function that can fail returns 0 or a negative number, and
 * fills its struct midge_error: a code for programs, one line for people. After
 * MIDGE_E_PROTOCOL and MIDGE_E_SYSTEM the connection is good for nothing but
 * midge_close().
 *
 * Domains are named by a string: a domid in decimal, or a name (which is never
 * all digits).
 */
#ifndef MIDGE_CLIENT_H
#define MIDGE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum midge_code {
    MIDGE_OK = 0,
    /* What the daemon answers. */
    MIDGE_E_INVALID,   /* a value was refused                               */
    MIDGE_E_EXISTS,    /* the name is in use                                */
    MIDGE_E_NOT_FOUND, /* no such domain                                    */
    MIDGE_E_NO_MEMORY,
    MIDGE_E_IMAGE, /* kernel or ramdisk refused                         */
    MIDGE_E_LIMIT, /* the host is out of descriptors, processes, ids    */
    MIDGE_E_DENIED,
    MIDGE_E_BUSY,
    MIDGE_E_GONE,     /* the domain died meanwhile                         */
    MIDGE_E_INTERNAL, /* a fault of the daemon                             */
    /* What this library finds. */
    MIDGE_E_NO_DAEMON, /* none runs, and none could (or should) be started  */
    MIDGE_E_UNTRUSTED, /* run directory or daemon belong to somebody else   */
    MIDGE_E_PROTOCOL,  /* the other end does not speak the protocol         */
    MIDGE_E_SYSTEM,    /* a system call failed, or the connection broke     */
};

struct midge_error {
    enum midge_code code;
    char text[512]; /* one line, no newline, no full stop                   */
};

/* The protocol's name of a code ("not-found"), or a similar word for those
 * that are not the protocol's. Never NULL. */
const char *midge_code_name(enum midge_code code);

/*
 * The directory of the daemon's socket: $MIDGE_RUN, else $XDG_RUNTIME_DIR/midge,
 * else /run/midge for root; for others /run/user/UID/midge where /run/user/UID
 * is theirs, else /tmp/midge-UID. An empty variable counts as unset. Fills
 * (path), (size) bytes. MIDGE_E_SYSTEM: does not fit.
 */
int midge_run_dir(char *path, size_t size, struct midge_error *err);

/* --- connections ---------------------------------------------------------- */

struct midge; /* one connection */

struct midge_options {
    const char *run_dir; /* NULL: midge_run_dir()                           */
    const char *daemon;  /* file to start; NULL: midge-hv beside this
                            program, else on PATH                           */
    bool no_start;       /* MIDGE_E_NO_DAEMON rather than start one         */
    /* Told once per call that has had no answer for (seconds), while it goes
     * on waiting: the daemon may hang. Not for waits. NULL: nobody is told. */
    void (*slow)(int daemon_pid, unsigned seconds);
};

/*
 * Connects to the daemon, starting one when none runs. (opt) NULL means all
 * defaults. The run directory must belong to the caller or to root and must
 * not be writable by others; the daemon must run as the caller or as root:
 * otherwise MIDGE_E_UNTRUSTED. Waits at most 30 s for a daemon to start.
 * Caller closes (*out).
 */
int midge_connect(const struct midge_options *opt, struct midge **out,
                  struct midge_error *err);

/*
 * Makes a connection from a connected stream socket, whose ownership it takes
 * also on failure; no hello is exchanged and nobody's identity is checked. For
 * tests, and for tunnels.
 */
int midge_from_fd(int fd, struct midge **out, struct midge_error *err);

/* NULL is fine. Domains live on. */
void midge_close(struct midge *m);

/* Readable when an answer may have come; for poll() with midge_wait_check().
 * Owned by the connection. */
int midge_fd(const struct midge *m);

/* --- domains -------------------------------------------------------------- */

#define MIDGE_CPUS_MAX 1024

struct midge_create {
    const char *name;
    const char *uuid;   /* NULL: the daemon makes one                     */
    const char *type;   /* "pv"                                           */
    const char *kernel; /* file name, for messages only                   */
    int kernel_fd;      /* open for reading; borrowed                     */
    int ramdisk_fd;     /* the same, -1 = none                            */
    const char *cmdline;
    uint64_t memory_kb, maxmem_kb;
    unsigned vcpus;
    /* "destroy", ...; NULL: what xl.cfg(5) has for a default. */
    const char *on_poweroff, *on_reboot, *on_crash, *on_watchdog,
        *on_soft_reset;
    /* Where it may run: bit n is CPU n, MIDGE_CPUS_MAX bits. NULL: anywhere. */
    const uint64_t *cpus;
    /* 0: the defaults of xl.cfg(5). */
    unsigned cpu_weight, max_event_channels, max_grant_frames,
        max_maptrack_frames;
    bool paused; /* leave it paused                                */
    bool hold;   /* destroy it should this connection end before the first
                    unpause; only with (paused)                     */
};

/* The time stamp counter after each step of a creation, in this order; 0 where
 * the daemon does not say. For finding out where the time goes. */
struct midge_marks {
    uint64_t parsed; /* the request was understood                        */
    uint64_t found;  /* its template was at hand                          */
    uint64_t memory; /* memory was made and filled                        */
    uint64_t domain; /* core domain, ports and console were made          */
    uint64_t sent;   /* the process had been asked for                    */
    uint64_t forked; /* the process was there                             */
    uint64_t gate;   /* its vCPU was let go; 0 when it was left paused    */
};

struct midge_created {
    unsigned domid;
    uint64_t created_ns; /* CLOCK_MONOTONIC when the daemon read the request */
    uint64_t tsc;        /* the time stamp counter at the same moment        */
    struct midge_marks marks;
};

int midge_create(struct midge *m, const struct midge_create *p,
                 struct midge_created *out, struct midge_error *err);

/* Returns after nothing of the domain is left. */
int midge_destroy(struct midge *m, const char *domain, struct midge_error *err);
/* Returns after the vCPU has stopped. */
int midge_pause(struct midge *m, const char *domain, struct midge_error *err);
int midge_unpause(struct midge *m, const char *domain, struct midge_error *err);
int midge_rename(struct midge *m, const char *domain, const char *name,
                 struct midge_error *err);

/*
 * What the domain's next incarnation shall be like, after a restart; (p) as for
 * midge_create(), but for (paused) and (hold), which do not count. Its name must
 * be the domain's, its uuid NULL or the domain's.
 */
int midge_config_update(struct midge *m, const char *domain,
                        const struct midge_create *p, struct midge_error *err);

/*
 * Asks the guest for something, through its part of xenstore: (request) is
 * "poweroff", "reboot" or "halt". Returns once it has been written; when, and
 * whether, the guest does it is the guest's business: midge_wait() tells.
 */
int midge_shutdown(struct midge *m, const char *domain, const char *request,
                   struct midge_error *err);
/* The same for a SysRq key. */
int midge_sysrq(struct midge *m, const char *domain, char key,
                struct midge_error *err);
/* (trigger) is one of xl(1)'s. */
int midge_trigger(struct midge *m, const char *domain, const char *trigger,
                  unsigned vcpu, struct midge_error *err);

struct midge_core {
    uint64_t bytes; /* of the file; it is sparse                            */
    bool complete;  /* false: odd page tables, or too many: parts are missing */
};

/*
 * Writes the domain's memory and registers as an ELF core to the regular file
 * (file), which is made (mode 0600) or overwritten; the domain stands still
 * meanwhile. After MIDGE_E_SYSTEM because of (file) the connection is as good as
 * before.
 */
int midge_dump_core(struct midge *m, const char *domain, const char *file,
                    struct midge_core *out, struct midge_error *err);

struct midge_domain {
    unsigned domid;
    char name[64];
    char uuid[40];
    char type[16];
    uint64_t memory_kb, maxmem_kb;
    unsigned vcpus;
    char state[8]; /* six letters or '-': r b p s c d            */
    uint64_t cpu_ns;
    uint64_t uptime_ns;       /* since its creation; domain 0: of the host    */
    char shutdown_reason[32]; /* "poweroff", ...; empty: it has not ended   */
    int pid;                  /* host process of its vCPU, 0 = none         */
    /* The file it was created from, as its creator named it; NULL: not told,
     * as when many domains are asked for. Owned by the list. */
    char *kernel;
};

struct midge_domain_list {
    size_t nr;
    struct midge_domain *domain; /* in increasing domid                     */
};

/* All domains, or with (domain) not NULL just that one. Caller frees the list
 * with midge_domain_list_free(), also after a failure. */
int midge_list(struct midge *m, const char *domain,
               struct midge_domain_list *out, struct midge_error *err);
void midge_domain_list_free(struct midge_domain_list *list);

/* Path of the pty slave that carries the domain's console, at most (size)
 * bytes. (write): what is typed there shall reach the guest. Keep (m) open
 * until the pty has been opened. */
int midge_console(struct midge *m, const char *domain, bool write, char *path,
                  size_t size, struct midge_error *err);

/* How a domain ended. */
struct midge_end {
    char reason[32]; /* "poweroff", "reboot", "crash", "destroyed", ...  */
    bool have_exit_code;
    int exit_code;   /* of the guest's main()                            */
    char action[32]; /* what was done: "destroy", "restart", ...;
                           empty when the daemon does not say               */
    bool restarted;
    unsigned new_domid;   /* of the next incarnation, when (restarted)        */
    uint64_t entered_tsc; /* time stamp counter when its vCPU entered the
                             guest, as its own process says; 0 = unknown     */
};

/* Waits until the domain is gone, or has ended and is preserved. */
int midge_wait(struct midge *m, const char *domain, struct midge_end *out,
               struct midge_error *err);

/*
 * The same without blocking: start sends the question; check reads what has
 * come on midge_fd() and returns 1 with (*out) filled once it is answered, 0
 * before that, negative on errors (of which a refused wait is one); finish
 * blocks for it. Other calls may be made on (m) in between. A started wait is
 * over with its answer or with the connection.
 */
int midge_wait_start(struct midge *m, const char *domain, int64_t *id,
                     struct midge_error *err);
int midge_wait_check(struct midge *m, int64_t id, struct midge_end *out,
                     struct midge_error *err);
int midge_wait_finish(struct midge *m, int64_t id, struct midge_end *out,
                      struct midge_error *err);

/* --- the hypervisor ------------------------------------------------------- */

struct midge_engine {
    char name[32], type[16];
    bool usable;
    char why[256]; /* when not usable                                       */
};

struct midge_limit {
    char what[64];
    char value[64];
    char needed_for[128];
    char raise[256]; /* the line that lifts it; empty: it cannot be lifted  */
};

struct midge_info {
    char release[64];
    int pid;
    char run_dir[256];
    char sandbox[128]; /* the daemon's own: what is confined, in a few words */
    unsigned domains, workers, cpus;
    uint64_t memory_kb, free_memory_kb;
    /* How many more idle guests fit, which limit comes first, what lifts it. */
    uint64_t more_guests;
    char first_limit[64], first_raise[256];
    size_t nr_engines, nr_limits;
    struct midge_engine *engines;
    struct midge_limit *limits;
};

/* Caller frees with midge_info_free(), also after a failure. */
int midge_info(struct midge *m, struct midge_info *out,
               struct midge_error *err);
void midge_info_free(struct midge_info *info);

/* The daemon's message buffer, NUL-terminated, caller frees (free()). (clear)
 * empties it. */
int midge_dmesg(struct midge *m, bool clear, char **text,
                struct midge_error *err);

/* Destroys all domains and ends the daemon. */
int midge_stop(struct midge *m, struct midge_error *err);

#ifdef __cplusplus
}
#endif

#endif /* MIDGE_CLIENT_H */
