/* SPDX-License-Identifier: ISC */
/*
 * The control protocol of docs/control-protocol.md as plain functions: framing,
 * parsing and checking of requests, building of answers. No I/O, no state; may
 * be given anything (a fuzz target drives it).
 */
#ifndef DAEMON_PROTO_H
#define DAEMON_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <base/compiler.h>

#define CTL_VERSION     1
#define CTL_HEADER      4u     /* bytes of the length in front of a message */
#define CTL_MSG_MAX     65536u /* longest JSON text of a message            */
#define CTL_NAME_MAX    64u    /* domain name, NUL included                 */
#define CTL_CMDLINE_MAX 1024u  /* NUL included: MAX_GUEST_CMDLINE           */
#define CTL_KERNEL_MAX  1024u  /* kernel's file name in messages            */
#define CTL_CPUS_MAX    1024u  /* CPU numbers are below                     */
#define CTL_UUID_TEXT   37u    /* 8-4-4-4-12 and a NUL                      */

/* Error names of the protocol. */
enum ctl_error_name {
    CTL_INVALID = 1,
    CTL_EXISTS,
    CTL_NOT_FOUND,
    CTL_NO_MEMORY,
    CTL_IMAGE,
    CTL_LIMIT,
    CTL_DENIED,
    CTL_BUSY,
    CTL_GONE,
    CTL_INTERNAL,
};
const char *ctl_error_text(enum ctl_error_name e);

/* Why a request was refused: name and one line for a person. */
struct ctl_error {
    enum ctl_error_name name;
    char text[512];
};
/* Fills (*e); cuts the text to what fits. Returns -EINVAL, so that a check can
 * end with it. */
int ctl_refuse(struct ctl_error *e, enum ctl_error_name name,
               const char *format, ...) __printf(3, 4);

/*
 * The length of the message at the start of (buf): 1 and (*total) = its size
 * with header when all of it is there; 0 when more bytes are needed, with
 * (*total) = how many in all (CTL_HEADER when not even the header is there);
 * -EMSGSIZE for a length of 0 or above CTL_MSG_MAX.
 */
__must_check int ctl_frame(const void *buf, size_t len, size_t *total);
/* Writes the header for a text of (len) bytes, len <= CTL_MSG_MAX. */
void ctl_frame_header(uint8_t header[CTL_HEADER], size_t len);

enum ctl_op {
    CTL_OP_HELLO,
    CTL_OP_CREATE,
    CTL_OP_DESTROY,
    CTL_OP_PAUSE,
    CTL_OP_UNPAUSE,
    CTL_OP_LIST,
    CTL_OP_CONSOLE,
    CTL_OP_WAIT,
    CTL_OP_RENAME,
    CTL_OP_SHUTDOWN,
    CTL_OP_SYSRQ,
    CTL_OP_TRIGGER,
    CTL_OP_DUMP_CORE,
    CTL_OP_CONFIG_UPDATE,
    CTL_OP_INFO,
    CTL_OP_DMESG,
    CTL_OP_STOP,
    CTL_NR_OPS,
};
const char *ctl_op_name(enum ctl_op op);

/* What happens when a domain has ended. */
enum ctl_action {
    CTL_DESTROY,
    CTL_RESTART,
    CTL_RENAME_RESTART,
    CTL_PRESERVE,
    CTL_COREDUMP_DESTROY,
    CTL_COREDUMP_RESTART,
};
const char *ctl_action_name(enum ctl_action a);

/* What a guest can be asked for through control/shutdown. */
enum ctl_shutdown { CTL_POWEROFF, CTL_REBOOT, CTL_HALT, CTL_NR_SHUTDOWNS };
const char *ctl_shutdown_name(enum ctl_shutdown s);

/* xl trigger's. */
enum ctl_trigger {
    CTL_TRIGGER_NMI,
    CTL_TRIGGER_RESET,
    CTL_TRIGGER_INIT,
    CTL_TRIGGER_POWER,
    CTL_TRIGGER_SLEEP,
    CTL_TRIGGER_S3RESUME,
    CTL_NR_TRIGGERS,
};
const char *ctl_trigger_name(enum ctl_trigger t);

/* What can be configured besides names, image and arguments. */
struct ctl_config {
    uint64_t memory_kb, maxmem_kb; /* multiples of 4, maxmem >= memory     */
    enum ctl_action on_poweroff, on_reboot, on_crash, on_watchdog,
        on_soft_reset;
    /* 0 = xl.cfg(5)'s default for all of these. */
    unsigned cpu_weight;
    uint32_t max_event_channels; /* the highest port                       */
    uint32_t max_grant_frames, max_maptrack_frames;
    bool have_cpus; /* false: wherever the daemon wants it            */
    uint64_t cpus[CTL_CPUS_MAX / 64];
};

/* Which domain a request means: a domid, or (domid < 0) a name. */
struct ctl_target {
    bool given;
    int64_t domid;
    char name[CTL_NAME_MAX];
};

struct ctl_create {
    char name[CTL_NAME_MAX];
    bool have_uuid;
    uint8_t uuid[16];
    char kernel[CTL_KERNEL_MAX];
    bool ramdisk;
    char cmdline[CTL_CMDLINE_MAX];
    struct ctl_config config;
    bool paused;
    bool hold; /* dies with the connection until it is unpaused      */
};

/* A request, checked. Which members count depends on (op). */
struct ctl_request {
    int64_t id;
    enum ctl_op op;
    int fd;                   /* dump-core: what to write to, -1 = none;
                                  set by whoever has the descriptors      */
    unsigned nr_fds;          /* descriptors that come along, also when the
                                  request is refused                       */
    struct ctl_target target; /* all that are about one domain            */
    struct ctl_create create; /* create, config-update                     */
    char name[CTL_NAME_MAX];  /* rename: the new name                     */
    bool write;               /* console                                  */
    enum ctl_shutdown shutdown;
    enum ctl_trigger trigger;
    char key;        /* sysrq                                    */
    bool clear;      /* dmesg                                    */
    uint64_t from;   /* list, dmesg                              */
    int64_t version; /* hello                                    */
};

/*
 * Reads the JSON text of one message. 0, or -EINVAL with (*e) filled and
 * r->id as far as it could be read (else 0). (*malformed) tells a message that
 * is no request at all (the connection cannot be trusted any further) from one
 * with a bad value.
 */
__must_check int ctl_parse(const char *text, size_t len, struct ctl_request *r,
                           struct ctl_error *e, bool *malformed);

/* Text of a uuid, lower case. */
void ctl_uuid_text(const uint8_t uuid[16], char text[CTL_UUID_TEXT]);

/*
 * A complete message (header and text) for (obj), to be freed by the caller;
 * NULL when out of memory (also while (obj) was being made, on this thread since
 * its ctl_answer_*()) or when it exceeds CTL_MSG_MAX. Takes (obj)'s
 * reference in any case; a NULL obj gives NULL.
 */
char *ctl_message(json_t *obj, size_t *size);
/* {"id": id, "ok": true}, to be extended; NULL when out of memory. */
json_t *ctl_answer_ok(int64_t id);
/* {"id": id, "ok": false, "error": ..., "message": ...}. */
json_t *ctl_answer_error(int64_t id, const struct ctl_error *e);

/* What is said to a client before its connection is closed for want of
 * something, or because too many descriptors came: a complete message, (*size)
 * bytes, with id 0. Cannot fail. */
enum ctl_last_word { CTL_LAST_MEMORY, CTL_LAST_DESCRIPTORS, CTL_LAST_EXCESS };
const void *ctl_last_word(enum ctl_last_word why, size_t *size);

/* To be called before anything else here is, once: has JSON's allocations
 * watched, so that ctl_parse() can tell a shortage from a bad request, and
 * ctl_message() refuses an object that lacks something. */
void ctl_init(void);
/* Whether one has failed on this thread since this was last asked. */
bool ctl_starved(void);

#endif /* DAEMON_PROTO_H */
