/* SPDX-License-Identifier: ISC */
/*
 * Requests, from JSON text to a checked structure. A const table says which
 * fields an operation knows; anything else in a request is refused by name.
 */

#include <errno.h>
#include <string.h>
#include "values.h"

#define MAX_FIELDS 24

struct op_row {
    const char *name;
    const char *fields[MAX_FIELDS]; /* besides id and op; NULL-terminated  */
};

/* What says how a domain is to be. */
#define CONFIG_FIELDS                                                          \
    "name", "uuid", "type", "kernel", "ramdisk", "cmdline", "memory_kb",       \
        "maxmem_kb", "vcpus", "on_poweroff", "on_reboot", "on_crash",          \
        "on_watchdog", "on_soft_reset", "cpus", "cpu_weight",                  \
        "max_event_channels", "max_grant_frames", "max_maptrack_frames"

static const struct op_row ops[CTL_NR_OPS] = {
    [CTL_OP_HELLO] = {"hello", {"version"}},
    [CTL_OP_CREATE] = {"create", {CONFIG_FIELDS, "paused", "hold"}},
    [CTL_OP_DESTROY] = {"destroy", {"domain"}},
    [CTL_OP_PAUSE] = {"pause", {"domain"}},
    [CTL_OP_UNPAUSE] = {"unpause", {"domain"}},
    [CTL_OP_LIST] = {"list", {"domain", "from"}},
    [CTL_OP_CONSOLE] = {"console", {"domain", "write"}},
    [CTL_OP_WAIT] = {"wait", {"domain"}},
    [CTL_OP_RENAME] = {"rename", {"domain", "name"}},
    [CTL_OP_SHUTDOWN] = {"shutdown", {"domain", "request"}},
    [CTL_OP_SYSRQ] = {"sysrq", {"domain", "key"}},
    [CTL_OP_TRIGGER] = {"trigger", {"domain", "trigger", "vcpu"}},
    [CTL_OP_CONFIG_UPDATE] = {"config-update", {"domain", CONFIG_FIELDS}},
    [CTL_OP_DUMP_CORE] = {"dump-core", {"domain"}},
    [CTL_OP_INFO] = {"info", {NULL}},
    [CTL_OP_DMESG] = {"dmesg", {"clear", "from"}},
    [CTL_OP_STOP] = {"stop", {NULL}},
};

static const char *const shutdown_names[CTL_NR_SHUTDOWNS] = {
    [CTL_POWEROFF] = "poweroff",
    [CTL_REBOOT] = "reboot",
    [CTL_HALT] = "halt",
};

const char *ctl_shutdown_name(enum ctl_shutdown s)
{
    return (unsigned)s < CTL_NR_SHUTDOWNS ? shutdown_names[s] : "?";
}

static const char *const trigger_names[CTL_NR_TRIGGERS] = {
    [CTL_TRIGGER_NMI] = "nmi",     [CTL_TRIGGER_RESET] = "reset",
    [CTL_TRIGGER_INIT] = "init",   [CTL_TRIGGER_POWER] = "power",
    [CTL_TRIGGER_SLEEP] = "sleep", [CTL_TRIGGER_S3RESUME] = "s3resume",
};

const char *ctl_trigger_name(enum ctl_trigger t)
{
    return (unsigned)t < CTL_NR_TRIGGERS ? trigger_names[t] : "?";
}

const char *ctl_op_name(enum ctl_op op)
{
    return (unsigned)op < CTL_NR_OPS ? ops[op].name : "?";
}

static int find_op(const json_t *obj, enum ctl_op *op, struct ctl_error *e)
{
    char text[32] = "";
    unsigned i;
    int rc;

    rc = value_string(obj, "op", true, text, sizeof(text), e);
    if (rc)
        return rc;
    for (i = 0; i < CTL_NR_OPS; i++) {
        if (!strcmp(text, ops[i].name)) {
            *op = (enum ctl_op)i;
            return 0;
        }
    }
    return ctl_refuse(e, CTL_INVALID, "\"%s\" is no operation of this daemon",
                      text);
}

static bool known_field(const struct op_row *row, const char *key)
{
    unsigned i;

    if (!strcmp(key, "id") || !strcmp(key, "op"))
        return true;
    for (i = 0; i < MAX_FIELDS && row->fields[i]; i++)
        if (!strcmp(key, row->fields[i]))
            return true;
    return false;
}

static int check_known(json_t *obj, enum ctl_op op, struct ctl_error *e)
{
    const char *key;
    json_t *value;

    json_object_foreach(obj, key, value) if (
        !known_field(&ops[op],
                     key)) return ctl_refuse(e, CTL_INVALID,
                                             "%s has no field \"%.64s\"",
                                             ops[op].name, key);
    return 0;
}

static int read_shutdown(const json_t *obj, struct ctl_request *r,
                         struct ctl_error *e)
{
    unsigned n = 0;
    int rc =
        value_name(obj, "request", shutdown_names, CTL_NR_SHUTDOWNS, &n, e);

    r->shutdown = (enum ctl_shutdown)n;
    return rc;
}

static int read_trigger(const json_t *obj, struct ctl_request *r,
                        struct ctl_error *e)
{
    int64_t vcpu = 0;
    unsigned n = 0;
    int rc = value_name(obj, "trigger", trigger_names, CTL_NR_TRIGGERS, &n, e);

    r->trigger = (enum ctl_trigger)n;
    return rc ? rc : value_int(obj, "vcpu", false, 0, 0, &vcpu, e);
}

/* One character that can be seen. */
static int read_sysrq(const json_t *obj, struct ctl_request *r,
                      struct ctl_error *e)
{
    char text[32] = "";
    int rc = value_string(obj, "key", true, text, sizeof(text), e);

    if (rc)
        return rc;
    if (text[0] <= ' ' || text[0] > '~' || text[1])
        return ctl_refuse(e, CTL_INVALID,
                          "\"%s\" is no SysRq key: one printable character",
                          text);
    r->key = text[0];
    return 0;
}

static int read_fields(const json_t *obj, struct ctl_request *r,
                       struct ctl_error *e)
{
    bool required = r->op != CTL_OP_LIST;
    int64_t from = 0;
    int rc;

    switch (r->op) {
    case CTL_OP_HELLO:
        return value_int(obj, "version", true, 1, INT32_MAX, &r->version, e);
    case CTL_OP_CREATE:
        return value_create(obj, &r->create, e);
    case CTL_OP_CONFIG_UPDATE:
        rc = value_create(obj, &r->create, e);
        return rc ? rc : value_target(obj, true, &r->target, e);
    case CTL_OP_RENAME:
        rc = value_string(obj, "name", true, r->name, sizeof(r->name), e);
        return rc ? rc : value_target(obj, true, &r->target, e);
    case CTL_OP_SHUTDOWN:
        rc = read_shutdown(obj, r, e);
        return rc ? rc : value_target(obj, true, &r->target, e);
    case CTL_OP_SYSRQ:
        rc = read_sysrq(obj, r, e);
        return rc ? rc : value_target(obj, true, &r->target, e);
    case CTL_OP_TRIGGER:
        rc = read_trigger(obj, r, e);
        return rc ? rc : value_target(obj, true, &r->target, e);
    case CTL_OP_CONSOLE:
        rc = value_bool(obj, "write", &r->write, e);
        return rc ? rc : value_target(obj, true, &r->target, e);
    case CTL_OP_DMESG:
        rc = value_bool(obj, "clear", &r->clear, e);
        if (!rc)
            rc = value_int(obj, "from", false, 0, INT64_MAX, &from, e);
        r->from = (uint64_t)from;
        return rc;
    case CTL_OP_LIST:
        rc = value_int(obj, "from", false, 0, UINT16_MAX, &from, e);
        r->from = (uint64_t)from;
        return rc ? rc : value_target(obj, required, &r->target, e);
    case CTL_OP_DESTROY:
    case CTL_OP_PAUSE:
    case CTL_OP_UNPAUSE:
    case CTL_OP_WAIT:
    case CTL_OP_DUMP_CORE:
        return value_target(obj, required, &r->target, e);
    case CTL_OP_INFO:
    case CTL_OP_STOP:
    case CTL_NR_OPS:
        break;
    }
    return 0;
}

static int parse(const char *text, size_t len, struct ctl_request *r,
                 struct ctl_error *e, bool *malformed)
{
    json_error_t why;
    json_t *obj;
    int rc;

    memset(r, 0, sizeof(*r));
    r->fd = -1;
    r->target.domid = -1;
    *malformed = true;
    obj = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!obj)
        return ctl_refuse(e, CTL_INVALID, "request is not JSON: %s", why.text);
    if (!json_is_object(obj)) {
        rc = ctl_refuse(e, CTL_INVALID, "request is not a JSON object");
        goto out;
    }
    rc = value_int(obj, "id", true, INT64_MIN, INT64_MAX, &r->id, e);
    if (rc)
        goto out;
    *malformed = false;
    rc = find_op(obj, &r->op, e);
    if (!rc && (r->op == CTL_OP_CREATE || r->op == CTL_OP_CONFIG_UPDATE))
        r->nr_fds = json_is_true(json_object_get(obj, "ramdisk")) ? 2 : 1;
    if (!rc && r->op == CTL_OP_DUMP_CORE)
        r->nr_fds = 1;
    if (!rc)
        rc = check_known(obj, r->op, e);
    if (!rc)
        rc = read_fields(obj, r, e);
out:
    json_decref(obj);
    return rc;
}

int ctl_parse(const char *text, size_t len, struct ctl_request *r,
              struct ctl_error *e, bool *malformed)
{
    int rc;

    (void)ctl_starved(); /* of what has been before */
    rc = parse(text, len, r, e, malformed);
    if (ctl_starved() && rc)
        (void)ctl_refuse(e, CTL_NO_MEMORY, /* fills (e) */
                         "the daemon is out of memory");
    return rc;
}
