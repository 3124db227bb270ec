/* SPDX-License-Identifier: ISC */
/* One function for each operation of xenstore; contract in minios/xenbus.h. */
#include "xenbus/internal.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xenstore/wire.h>

/* Bodies up to here are put together on the stack. */
#define SHORT_BODY 256u

/* A request whose body is (path) and its NUL. */
static struct xenbus_request on_path(xenbus_transaction_t t, uint32_t type,
                                     const char *path)
{
    return (struct xenbus_request){.type = type,
                                   .transaction = t,
                                   .body = path,
                                   .body_len = strlen(path) + 1};
}

/* One whose answer is wanted: from kmalloc. */
static int ask_for(struct xenbus_request *r, char **value, size_t *len)
{
    int rc = xenbus_ask(r);

    if (rc < 0)
        return rc;
    *value = r->reply;
    if (len)
        *len = r->reply_len;
    return 0;
}

int xenbus_read(xenbus_transaction_t t, const char *path, char **value,
                size_t *len)
{
    struct xenbus_request r = on_path(t, XS_READ, path);

    return ask_for(&r, value, len);
}

/* Asks for a number: an answer longer than that is none. */
static int ask_number(struct xenbus_request *r, uint64_t max, uint64_t *value)
{
    char room[XS_NUMBER_MAX + 1];
    int rc;

    r->room = room;
    r->room_len = sizeof(room);
    rc = xenbus_ask(r);
    if (rc < 0)
        return rc;
    /* Some answers end in a NUL of their own. */
    if (r->reply != room || r->reply_len - strlen(room) > 1)
        rc = -XEN_EINVAL;
    else
        rc = xs_number(room, max, value);
    if (r->reply != room)
        kfree(r->reply);
    return rc;
}

int xenbus_read_unsigned(xenbus_transaction_t t, const char *path,
                         uint64_t *value)
{
    struct xenbus_request r = on_path(t, XS_READ, path);

    return ask_number(&r, UINT64_MAX, value);
}

/* Asks with a body of (path), its NUL and (len) bytes more. */
static int ask_with(xenbus_transaction_t t, uint32_t type, const char *path,
                    const char *more, size_t len)
{
    struct xenbus_request r = on_path(t, type, path);
    char room[SHORT_BODY], *body = room;
    int rc;

    if (len > XENSTORE_PAYLOAD_MAX || r.body_len + len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    if (r.body_len + len > sizeof(room))
        body = kmalloc(r.body_len + len);
    if (!body)
        return -XEN_ENOMEM;
    memcpy(body, path, r.body_len);
    memcpy(body + r.body_len, more, len);
    r.body = body;
    r.body_len += len;
    rc = xenbus_ask(&r);
    if (body != room)
        kfree(body);
    return rc;
}

int xenbus_write(xenbus_transaction_t t, const char *path, const char *value)
{
    return ask_with(t, XS_WRITE, path, value, strlen(value));
}

int xenbus_printf(xenbus_transaction_t t, const char *path, const char *format,
                  ...)
{
    char value[256];
    va_list ap;
    size_t len;

    va_start(ap, format);
    len = fmt_vsnprintf(value, sizeof(value), format, ap);
    va_end(ap);
    if (len >= sizeof(value))
        return -XEN_E2BIG;
    return ask_with(t, XS_WRITE, path, value, len);
}

int xenbus_mkdir(xenbus_transaction_t t, const char *path)
{
    struct xenbus_request r = on_path(t, XS_MKDIR, path);

    return xenbus_ask(&r);
}

int xenbus_rm(xenbus_transaction_t t, const char *path)
{
    struct xenbus_request r = on_path(t, XS_RM, path);

    return xenbus_ask(&r);
}

int xenbus_get_perms(xenbus_transaction_t t, const char *path, char **perms,
                     size_t *len)
{
    struct xenbus_request r = on_path(t, XS_GET_PERMS, path);

    return ask_for(&r, perms, len);
}

int xenbus_set_perms(xenbus_transaction_t t, const char *path,
                     const char *const *perms, size_t count)
{
    char text[SHORT_BODY];
    size_t len = 0, i;

    for (i = 0; i < count; i++) {
        size_t n = strlen(perms[i]) + 1;

        if (n > sizeof(text) - len)
            return -XEN_E2BIG;
        memcpy(text + len, perms[i], n);
        len += n;
    }
    return ask_with(t, XS_SET_PERMS, path, text, len);
}

int xenbus_transaction_start(xenbus_transaction_t *t)
{
    struct xenbus_request r = on_path(XBT_NIL, XS_TRANSACTION_START, "");
    uint64_t number;
    int rc = ask_number(&r, UINT32_MAX, &number);

    if (rc == 0)
        *t = (xenbus_transaction_t)number;
    return rc;
}

int xenbus_transaction_end(xenbus_transaction_t t, bool abort)
{
    struct xenbus_request r = on_path(t, XS_TRANSACTION_END, abort ? "F" : "T");

    return xenbus_ask(&r);
}

int xenbus_read_many(xenbus_transaction_t t, const char *const *paths,
                     char **values, int *rcs, size_t n)
{
    struct xenbus_request *r, **list;
    size_t i;
    int rc = -XEN_E2BIG;

    /* Requests, and the list of them behind. */
    if (n > XENSTORE_PAYLOAD_MAX)
        return rc;
    r = kmalloc(n * (sizeof(*r) + sizeof(void *)));
    if (!r)
        return -XEN_ENOMEM;
    list = (struct xenbus_request **)(r + n);
    for (i = 0; i < n; i++) {
        r[i] = on_path(t, XS_READ, paths[i]);
        list[i] = &r[i];
    }
    rc = xenbus_submit(list, n);
    if (rc == 0)
        xenbus_wait(list, n);
    for (i = 0; i < n && rc == 0; i++) {
        values[i] = r[i].reply;
        rcs[i] = r[i].rc;
    }
    kfree(r);
    return rc;
}
