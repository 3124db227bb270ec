/* SPDX-License-Identifier: ISC */
/* Requests about the daemon itself. */

#include <stdlib.h>
#include <daemon/release.h>
#include <host/process.h>
#include <host/sysinfo.h>
#include "confine.h"
#include "conn.h"
#include "kvm.h"
#include "room.h"

/* A part of the message ring that fits a message when every byte of it needs
 * escaping. */
#define DMESG_CHUNK 30000

void req_hello(struct conn *c, const struct ctl_request *r)
{
    json_t *obj;

    if (r->version != CTL_VERSION) {
        answer_error(c, r->id, CTL_INVALID,
                     "protocol version %lld is not spoken here, only %d; "
                     "xl and midge-hv must come from the same release",
                     (long long)r->version, CTL_VERSION);
        return;
    }
    obj = ctl_answer_ok(r->id);
    json_object_set_new(obj, "version", json_integer(CTL_VERSION));
    json_object_set_new(obj, "pid", json_integer(process_self()));
    json_object_set_new(obj, "release", json_string(MIDGE_RELEASE));
    conn_send(c, obj);
}

static json_t *engines(const struct daemon *dm)
{
    struct engine_error why = {""};
    int rc = dm->engine->probe(&why);
    json_t *list = json_array();

    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:b, s:s}", "name",
                                    dm->engine->name, "type", dm->engine->type,
                                    "usable", !rc, "why", why.text));
    json_array_append_new(list, kvm_row(dm));
    return list;
}

json_t *info_answer(struct daemon *dm, int64_t id)
{
    json_t *obj = ctl_answer_ok(id);
    uint64_t total, available;
    char sandbox[128];

    confine_text(dm, sandbox, sizeof(sandbox));
    sysinfo_memory(&total, &available);
    json_object_set_new(obj, "release", json_string(MIDGE_RELEASE));
    json_object_set_new(obj, "pid", json_integer(process_self()));
    json_object_set_new(obj, "run_dir", json_string(dm->run_dir));
    json_object_set_new(obj, "domains", json_integer(hv_nr_domains(dm->hv)));
    json_object_set_new(obj, "workers", json_integer(dm->nr_workers));
    json_object_set_new(obj, "engines", engines(dm));
    json_object_set_new(obj, "sandbox", json_string(sandbox));
    room_describe(dm, obj);
    json_object_set_new(obj, "memory", json_integer((json_int_t)total));
    json_object_set_new(obj, "free_memory",
                        json_integer((json_int_t)available));
    json_object_set_new(obj, "cpus", json_integer(dm->nr_cpus));
    return obj;
}

void req_info(struct conn *c, const struct ctl_request *r)
{
    if (!kvm_defer_info(c, r->id))
        conn_send(c, info_answer(c->w->dm, r->id));
}

void req_dmesg(struct conn *c, const struct ctl_request *r)
{
    struct daemon *dm = c->w->dm;
    char *text = malloc(DMESG_CHUNK);
    uint64_t next;
    json_t *obj;
    bool last;

    if (!text) {
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
        return;
    }
    dmesg_read(dm->dmesg, r->from, text, DMESG_CHUNK, &next);
    last = next >= dmesg_end(dm->dmesg);
    obj = ctl_answer_ok(r->id);
    json_object_set_new(obj, "text", json_string(text));
    json_object_set_new(obj, "next",
                        last ? json_null() : json_integer((json_int_t)next));
    conn_send(c, obj);
    if (r->clear && last)
        dmesg_clear(dm->dmesg, next);
    free(text);
}

void req_stop(struct conn *c, const struct ctl_request *r)
{
    struct reply *reply = reply_new(c, r->id);

    if (!reply)
        return;
    replies_add(&c->w->dm->stop_replies, reply);
    stop_begin(c->w->dm, "by request");
}
