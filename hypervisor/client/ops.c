/* SPDX-License-Identifier: ISC */
/* One function per operation on domains. */
#include "client.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void get_text(const json_t *obj, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(obj, key));

    snprintf(out, size, "%s", text ? text : "");
}

uint64_t get_u64(const json_t *obj, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(obj, key));

    /* JSON integers are signed; a counter above 2^63 cannot come. */
    return n < 0 ? 0 : (uint64_t)n;
}

unsigned get_unsigned(const json_t *obj, const char *key)
{
    uint64_t n = get_u64(obj, key);

    return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

int get_int(const json_t *obj, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(obj, key));

    return n > INT_MAX ? INT_MAX : n < INT_MIN ? INT_MIN : (int)n;
}

/* A domid is sent as a number, a name as a string. NULL: not UTF-8. */
static json_t *domain_value(const char *domain)
{
    size_t len = strlen(domain);

    if (len > 0 && len <= 9 && strspn(domain, "0123456789") == len)
        return json_integer(strtol(domain, NULL, 10));
    return json_string(domain);
}

json_t *domain_args(const char *domain, struct midge_error *err)
{
    json_t *args = json_pack("{s:o*}", "domain", domain_value(domain));

    if (!json_object_get(args, "domain")) {
        json_decref(args);
        (void)fail(err, MIDGE_E_INVALID, "the domain's name is not UTF-8");
        return NULL;
    }
    return args;
}

int domain_call(struct midge *m, const char *op, const char *domain,
                struct midge_error *err)
{
    json_t *args = domain_args(domain, err);

    return args ? call(m, op, args, NULL, 0, NULL, err) : -1;
}

int midge_destroy(struct midge *m, const char *domain, struct midge_error *err)
{
    return domain_call(m, "destroy", domain, err);
}

int midge_pause(struct midge *m, const char *domain, struct midge_error *err)
{
    return domain_call(m, "pause", domain, err);
}

int midge_unpause(struct midge *m, const char *domain, struct midge_error *err)
{
    return domain_call(m, "unpause", domain, err);
}

int add_text(json_t *args, const char *key, const char *text,
             struct midge_error *err)
{
    if (json_object_set_new(args, key, json_string(text)) == 0)
        return 0;
    return fail(err, MIDGE_E_INVALID, "%s is not valid UTF-8", key);
}

static int add_cpus(json_t *args, const uint64_t *cpus, struct midge_error *err)
{
    json_t *list = json_array();
    int bad = 0;

    for (int i = 0; i < MIDGE_CPUS_MAX; i++)
        if (cpus[i / 64] >> (i % 64) & 1)
            bad |= json_array_append_new(list, json_integer(i));
    bad |= json_object_set_new(args, "cpus", list);
    return bad ? fail(err, MIDGE_E_NO_MEMORY, "out of memory") : 0;
}

static int add_number(json_t *args, const char *key, unsigned n,
                      struct midge_error *err)
{
    if (n && json_object_set_new(args, key, json_integer(n)) < 0)
        return fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    return 0;
}

static json_t *create_args(const struct midge_create *p,
                           struct midge_error *err)
{
    json_t *args = json_pack(
        "{s:b, s:I, s:I, s:i, s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:b}",
        "ramdisk", p->ramdisk_fd >= 0, "memory_kb", (json_int_t)p->memory_kb,
        "maxmem_kb", (json_int_t)p->maxmem_kb, "vcpus", (int)p->vcpus, "type",
        p->type, "on_poweroff", p->on_poweroff, "on_reboot", p->on_reboot,
        "on_crash", p->on_crash, "on_watchdog", p->on_watchdog, "on_soft_reset",
        p->on_soft_reset, "paused", p->paused);

    if (!args) {
        (void)fail(err, MIDGE_E_INVALID,
                   "type= is missing, or it or an on_ action is not valid "
                   "UTF-8");
        return NULL;
    }
    if (add_text(args, "name", p->name, err) < 0 ||
        add_text(args, "kernel", p->kernel, err) < 0 ||
        add_text(args, "cmdline", p->cmdline, err) < 0 ||
        (p->uuid && add_text(args, "uuid", p->uuid, err) < 0) ||
        (p->cpus && add_cpus(args, p->cpus, err) < 0) ||
        add_number(args, "cpu_weight", p->cpu_weight, err) < 0 ||
        add_number(args, "max_event_channels", p->max_event_channels, err) <
            0 ||
        add_number(args, "max_grant_frames", p->max_grant_frames, err) < 0 ||
        add_number(args, "max_maptrack_frames", p->max_maptrack_frames, err) <
            0) {
        json_decref(args);
        return NULL;
    }
    if (p->hold && json_object_set_new(args, "hold", json_true()) < 0) {
        json_decref(args);
        (void)fail(err, MIDGE_E_NO_MEMORY, "out of memory");
        return NULL;
    }
    return args;
}

int midge_config_update(struct midge *m, const char *domain,
                        const struct midge_create *p, struct midge_error *err)
{
    int fds[] = {p->kernel_fd, p->ramdisk_fd};
    struct midge_create plain = *p;
    json_t *args, *which = domain_args(domain, err);

    plain.hold = false;
    args = which ? create_args(&plain, err) : NULL;
    if (args && json_object_update(args, which) < 0) {
        json_decref(args);
        args = NULL;
        (void)fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    }
    json_decref(which);
    if (!args)
        return -1;
    (void)json_object_del(args, "paused"); /* is there */
    return call(m, "config-update", args, fds, p->ramdisk_fd >= 0 ? 2 : 1, NULL,
                err);
}

static void read_marks(const json_t *marks, struct midge_marks *out)
{
    out->parsed = get_u64(marks, "parsed");
    out->found = get_u64(marks, "template");
    out->memory = get_u64(marks, "memory");
    out->domain = get_u64(marks, "domain");
    out->sent = get_u64(marks, "sent");
    out->forked = get_u64(marks, "forked");
    out->gate = get_u64(marks, "gate");
}

int midge_create(struct midge *m, const struct midge_create *p,
                 struct midge_created *out, struct midge_error *err)
{
    int fds[] = {p->kernel_fd, p->ramdisk_fd};
    json_t *args = create_args(p, err), *answer;

    if (!args || call(m, "create", args, fds, p->ramdisk_fd >= 0 ? 2 : 1,
                      &answer, err) < 0)
        return -1;
    out->domid = get_unsigned(answer, "domid");
    out->created_ns = get_u64(answer, "created_ns");
    out->tsc = get_u64(answer, "tsc");
    read_marks(json_object_get(answer, "marks"), &out->marks);
    json_decref(answer);
    return 0;
}

/* --- list ----------------------------------------------------------------- */

static void read_domain(const json_t *row, struct midge_domain *d)
{
    const char *kernel;

    d->domid = get_unsigned(row, "domid");
    get_text(row, "name", d->name, sizeof(d->name));
    get_text(row, "uuid", d->uuid, sizeof(d->uuid));
    get_text(row, "type", d->type, sizeof(d->type));
    d->memory_kb = get_u64(row, "memory_kb");
    d->maxmem_kb = get_u64(row, "maxmem_kb");
    d->vcpus = get_unsigned(row, "vcpus");
    get_text(row, "state", d->state, sizeof(d->state));
    d->cpu_ns = get_u64(row, "cpu_ns");
    d->uptime_ns = get_u64(row, "uptime_ns");
    get_text(row, "shutdown_reason", d->shutdown_reason,
             sizeof(d->shutdown_reason));
    d->pid = get_int(row, "pid");
    kernel = json_string_value(json_object_get(row, "kernel"));
    d->kernel = kernel ? strdup(kernel) : NULL;
}

static int add_rows(const json_t *answer, struct midge_domain_list *out,
                    struct midge_error *err)
{
    const json_t *rows = json_object_get(answer, "domains");
    size_t nr = json_array_size(rows);
    struct midge_domain *bigger;

    if (nr == 0)
        return 0;
    bigger = reallocarray(out->domain, out->nr + nr, sizeof(*bigger));
    if (!bigger)
        return fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    out->domain = bigger;
    for (size_t i = 0; i < nr; i++)
        read_domain(json_array_get(rows, i), &out->domain[out->nr++]);
    return 0;
}

int midge_list(struct midge *m, const char *domain,
               struct midge_domain_list *out, struct midge_error *err)
{
    json_int_t from = 0, next;
    json_t *args, *answer;
    int rc;

    memset(out, 0, sizeof(*out));
    do {
        args = domain ? domain_args(domain, err)
                      : json_pack("{s:I}", "from", from);
        if ((domain && !args) ||
            call(m, "list", args, NULL, 0, &answer, err) < 0)
            return -1;
        rc = add_rows(answer, out, err);
        next = json_integer_value(json_object_get(answer, "next"));
        json_decref(answer);
        /* Ids only grow, so a daemon cannot keep us here for ever. */
        if (rc == 0 && next != 0 && next <= from)
            rc = fail(err, MIDGE_E_PROTOCOL,
                      "midge-hv lists domains in a circle");
        from = next;
    } while (rc == 0 && next != 0 && !domain);
    return rc;
}

void midge_domain_list_free(struct midge_domain_list *list)
{
    for (size_t i = 0; i < list->nr; i++)
        free(list->domain[i].kernel);
    free(list->domain);
    memset(list, 0, sizeof(*list));
}

/* --- console and wait ----------------------------------------------------- */

int midge_console(struct midge *m, const char *domain, bool write, char *path,
                  size_t size, struct midge_error *err)
{
    json_t *args = domain_args(domain, err), *answer;
    const char *tty;
    int rc = 0;

    if (!args)
        return -1;
    /* A failure to add it would be an out of memory that call() meets too. */
    (void)json_object_set_new(args, "write", json_boolean(write));
    if (call(m, "console", args, NULL, 0, &answer, err) < 0)
        return -1;
    tty = json_string_value(json_object_get(answer, "tty"));
    if (!tty || strlen(tty) >= size)
        rc = fail(err, MIDGE_E_PROTOCOL, "midge-hv named no console");
    else
        memcpy(path, tty, strlen(tty) + 1);
    json_decref(answer);
    return rc;
}

static void read_end(json_t *answer, struct midge_end *out)
{
    json_t *code = json_object_get(answer, "exit_code");
    json_t *domid = json_object_get(answer, "new_domid");

    memset(out, 0, sizeof(*out));
    get_text(answer, "reason", out->reason, sizeof(out->reason));
    get_text(answer, "action", out->action, sizeof(out->action));
    out->have_exit_code = json_is_integer(code);
    out->exit_code = get_int(answer, "exit_code");
    out->restarted = json_is_integer(domid);
    out->new_domid = get_unsigned(answer, "new_domid");
    out->entered_tsc = get_u64(answer, "entered_tsc");
    json_decref(answer);
}

int midge_wait_start(struct midge *m, const char *domain, int64_t *id,
                     struct midge_error *err)
{
    json_t *args = domain_args(domain, err);

    return args ? send_request(m, "wait", args, NULL, 0, id, err) : -1;
}

int midge_wait_check(struct midge *m, int64_t id, struct midge_end *out,
                     struct midge_error *err)
{
    json_t *answer;
    int rc = check_answer(m, id, &answer, err);

    if (rc > 0)
        read_end(answer, out);
    return rc;
}

int midge_wait_finish(struct midge *m, int64_t id, struct midge_end *out,
                      struct midge_error *err)
{
    json_t *answer;

    if (receive_answer(m, id, &answer, err) < 0)
        return -1;
    read_end(answer, out);
    return 0;
}

int midge_wait(struct midge *m, const char *domain, struct midge_end *out,
               struct midge_error *err)
{
    int64_t id;

    if (midge_wait_start(m, domain, &id, err) < 0)
        return -1;
    return midge_wait_finish(m, id, out, err);
}
