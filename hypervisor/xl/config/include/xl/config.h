/* SPDX-License-Identifier: ISC */
/*
 * Meaning of the settings that lib/xlcfg found: xl.cfg(5) as far as it is
 * implemented. Every key that Xen's xl knows is known here: implemented, or
 * refused by name. Keys that nobody knows are warned about and ignored.
 */
#ifndef XL_CONFIG_H
#define XL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xlcfg/xlcfg.h>

#define XL_NAME_MAX 64 /* bytes of a domain name, NUL included              */

/* Largest memory= and maxmem=: what the process engine can map (64 GiB). */
#define XL_MEMORY_MAX_MB 65536
/* memory= when the configuration does not say, as Xen's toolstack has it. */
#define XL_MEMORY_DEFAULT_MB 32
/* Bytes of a command line, NUL included (xen.h MAX_GUEST_CMDLINE). */
#define XL_CMDLINE_MAX 1024

/* CPU numbers in cpus= are below. */
#define XL_CPUS_MAX 1024
/* Largest max_event_channels=, max_grant_frames=, max_maptrack_frames=. */
#define XL_EVENT_CHANNELS_MAX  131071
#define XL_GRANT_FRAMES_MAX    256
#define XL_MAPTRACK_FRAMES_MAX 1024

enum xl_type { XL_TYPE_PV, XL_TYPE_PVH };

/* What is done with a domain that has ended. */
enum xl_action {
    XL_DESTROY,
    XL_RESTART,
    XL_RENAME_RESTART,
    XL_PRESERVE,
    XL_COREDUMP_DESTROY,
    XL_COREDUMP_RESTART,
};

/* Strings are borrowed from the configuration's arena. */
struct xl_domain {
    const char *name;
    enum xl_type type;
    struct xlcfg_pos type_pos; /* source NULL: type was not given           */
    const char *kernel;
    const char *ramdisk; /* NULL: none                                */
    const char *cmdline; /* never NULL                                */
    uint64_t memory_kb, maxmem_kb;
    unsigned vcpus; /* 1                                         */
    enum xl_action on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset;
    bool have_cpus; /* false: anywhere                           */
    uint64_t cpus[XL_CPUS_MAX / 64];
    /* 0: not given. */
    unsigned cpu_weight, max_event_channels, max_grant_frames,
        max_maptrack_frames;
    const char *uuid; /* 8-4-4-4-12, NULL: none given              */
};

/* Receives one line per problem; (m->pos.source) is NULL when the problem is
 * not in one place (a mandatory key is missing). */
struct xl_report {
    void (*message)(void *arg, bool error, const struct xlcfg_message *m);
    void *arg;
};

/*
 * Fills (*out) from (cfg), which also gives the memory for texts made here.
 * All problems are reported, not only the first. 0, or -XEN_EINVAL when one of
 * them was an error.
 */
__must_check int xl_config_read(struct xlcfg *cfg,
                                const struct xl_report *report,
                                struct xl_domain *out);

/* "pv", "pvh"; "destroy", "rename-restart", ... */
const char *xl_type_name(enum xl_type t);
const char *xl_action_name(enum xl_action a);

/* How a key stands. */
enum xl_key_state {
    XL_KEY_UNKNOWN,
    XL_KEY_DONE,
    XL_KEY_LATER,      /* Xen's xl has it; refused                          */
    XL_KEY_LATER_LIST, /* the same; an empty list asks for nothing and is fine */
};
enum xl_key_state xl_key_state(const char *key);

#endif /* XL_CONFIG_H */
