/* SPDX-License-Identifier: ISC */
/* Lists of children, however long; contract in minios/xenbus.h. */
#include "xenbus/internal.h"

#include <base/string.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xenbus/directory.h>
#include <xenstore/wire.h>

/* How often a list that changed while it was read is begun again. */
#define TRIES 100

/* NUL-terminated names, one behind the other. */
struct names {
    char *bytes;
    size_t len, room;
};

static int append(struct names *n, const char *bytes, size_t len)
{
    size_t room = MAX(n->room, XENSTORE_PAYLOAD_MAX);
    char *more;

    while (room - n->len < len)
        room *= 2;
    if (room != n->room) {
        more = kmalloc(room);
        if (!more)
            return -XEN_ENOMEM;
        if (n->len)
            memcpy(more, n->bytes, n->len);
        kfree(n->bytes);
        n->bytes = more;
        n->room = room;
    }
    memcpy(n->bytes + n->len, bytes, len);
    n->len += len;
    return 0;
}

/* Asks for what comes after the names that are there. */
static int ask_part(xenbus_transaction_t t, const char *path, struct names *n,
                    struct xbc_part *part)
{
    struct xenbus_request r = {.type = XS_DIRECTORY_PART, .transaction = t};
    size_t path_len = strlen(path) + 1;
    char *body = kmalloc(path_len + XS_NUMBER_MAX);
    int rc;

    if (!body)
        return -XEN_ENOMEM;
    memcpy(body, path, path_len);
    r.body_len = path_len + xs_print_number(n->len, body + path_len) + 1;
    r.body = body;
    rc = xenbus_ask(&r);
    kfree(body);
    if (rc < 0)
        return rc;
    rc = xbc_part(part, r.reply, r.reply_len);
    if (rc == 0)
        rc = append(n, part->names, part->len);
    kfree(r.reply);
    return rc;
}

static int ask_parts(xenbus_transaction_t t, const char *path, struct names *n)
{
    struct xbc_part part = {.end = false};
    int rc = 0, tries = TRIES;

    while (rc == 0 && !part.end) {
        rc = ask_part(t, path, n, &part);
        if (rc == -XEN_EAGAIN && --tries > 0) {
            n->len = 0;
            part.generation[0] = '\0';
            rc = 0;
        }
    }
    return rc;
}

/* The names of a list that fits one message; -XEN_E2BIG: it does not. */
static int ask_whole(xenbus_transaction_t t, const char *path, struct names *n)
{
    struct xenbus_request r = {.type = XS_DIRECTORY,
                               .transaction = t,
                               .body = path,
                               .body_len = strlen(path) + 1};
    int rc = xenbus_ask(&r);

    if (rc < 0)
        return rc;
    if (r.reply_len > 0 && r.reply[r.reply_len - 1] != '\0')
        rc = -XEN_EIO;
    else
        rc = append(n, r.reply, r.reply_len);
    kfree(r.reply);
    return rc;
}

/* The array of them, in one block with the names. */
static int make_array(const struct names *n, char ***names, size_t *count)
{
    size_t i, k = 0;
    char **array, *bytes;

    for (i = 0; i < n->len; i++)
        k += n->bytes[i] == '\0';
    array = kmalloc(k * sizeof(*array) + n->len);
    if (!array)
        return -XEN_ENOMEM;
    bytes = (char *)(array + k);
    memcpy(bytes, n->bytes, n->len);
    *names = array;
    *count = k;
    for (i = 0; i < k; i++) {
        array[i] = bytes;
        bytes += strlen(bytes) + 1;
    }
    return 0;
}

int xenbus_directory(xenbus_transaction_t t, const char *path, char ***names,
                     size_t *count)
{
    struct names n = {NULL, 0, 0};
    int rc = ask_whole(t, path, &n);

    if (rc == -XEN_E2BIG)
        rc = ask_parts(t, path, &n);
    if (rc == 0)
        rc = make_array(&n, names, count);
    kfree(n.bytes);
    return rc;
}
