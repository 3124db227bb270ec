/* SPDX-License-Identifier: ISC */
/* Answers to requests, at once or later. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "conn.h"

void answer_ok(struct conn *c, int64_t id)
{
    conn_send(c, ctl_answer_ok(id));
}

void answer_error(struct conn *c, int64_t id, enum ctl_error_name name,
                  const char *format, ...)
{
    struct ctl_error e = {.name = name};
    va_list ap;

    va_start(ap, format);
    vsnprintf(e.text, sizeof(e.text), format, ap);
    va_end(ap);
    conn_send(c, ctl_answer_error(id, &e));
}

struct reply *reply_new(struct conn *c, int64_t id)
{
    struct reply *r = calloc(1, sizeof(*r));

    if (!r) {
        answer_error(c, id, CTL_NO_MEMORY, "the daemon is out of memory");
        return NULL;
    }
    r->conn = c;
    r->id = id;
    conn_get(c);
    return r;
}

void reply_send(struct reply *r, json_t *obj)
{
    if (!r) {
        json_decref(obj);
        return;
    }
    conn_send(r->conn, obj);
    conn_put(r->conn);
    free(r);
}

void reply_ok(struct reply *r)
{
    if (r)
        reply_send(r, ctl_answer_ok(r->id));
}

void reply_error(struct reply *r, const struct ctl_error *e)
{
    if (r)
        reply_send(r, ctl_answer_error(r->id, e));
}

void reply_refuse(struct reply *r, enum ctl_error_name name, const char *format,
                  ...)
{
    struct ctl_error e = {.name = name};
    va_list ap;

    va_start(ap, format);
    vsnprintf(e.text, sizeof(e.text), format, ap);
    va_end(ap);
    reply_error(r, &e);
}

/* In order of asking. */
void replies_add(struct reply **list, struct reply *r)
{
    while (*list)
        list = &(*list)->next;
    r->next = NULL;
    *list = r;
}

struct reply *replies_take(struct reply **list)
{
    struct reply *r = *list;

    if (r)
        *list = r->next;
    return r;
}

void replies_ok(struct reply **list)
{
    struct reply *r;

    while ((r = replies_take(list)))
        reply_ok(r);
}

void replies_gone(struct reply **list, const char *name)
{
    struct reply *r;

    while ((r = replies_take(list)))
        reply_refuse(r, CTL_GONE, "domain %s has ended meanwhile", name);
}

static json_t *ended_answer(int64_t id, const struct ended *e)
{
    json_t *obj = ctl_answer_ok(id);

    json_object_set_new(obj, "reason", json_string(e->reason));
    json_object_set_new(obj, "exit_code",
                        e->have_exit_code ? json_integer(e->exit_code)
                                          : json_null());
    json_object_set_new(obj, "action", json_string(e->action));
    json_object_set_new(obj, "entered_tsc",
                        e->entered_tsc
                            ? json_integer((json_int_t)e->entered_tsc)
                            : json_null());
    json_object_set_new(obj, "new_domid",
                        e->new_domid >= 0 ? json_integer(e->new_domid)
                                          : json_null());
    return obj;
}

void replies_ended(struct reply **list, const struct ended *e)
{
    struct reply *r;

    while ((r = replies_take(list)))
        reply_send(r, ended_answer(r->id, e));
}
