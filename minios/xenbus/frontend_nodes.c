/* SPDX-License-Identifier: ISC */
/* Nodes of devices, read and written in batches; contract in frontend_priv.h. */
#include "xenbus/frontend_priv.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/memory.h>
#include <xen/errno.h>

/* A path, its NUL and a value: the longest directory, '/', a node. */
#define BODY_MAX (BACKEND_PATH_MAX + 1 + sizeof(struct frontend_node))

struct batch {
    struct xenbus_request r[FRONTEND_NODES_MAX + 1];
    struct xenbus_request *list[FRONTEND_NODES_MAX + 1];
    char body[FRONTEND_NODES_MAX + 1][BODY_MAX];
    unsigned n;
};

/* One more request, about (directory)/(name). */
static struct xenbus_request *add(struct batch *b, uint32_t type,
                                  const char *directory, const char *name)
{
    struct xenbus_request *r = &b->r[b->n];
    char *body = b->body[b->n];

    b->list[b->n++] = r;
    r->type = type;
    r->body = body;
    r->body_len = fmt_snprintf(body, BODY_MAX, "%s/%s", directory, name) + 1;
    return r;
}

static void add_write(struct batch *b, const char *directory,
                      const struct frontend_node *node)
{
    struct xenbus_request *r = add(b, XS_WRITE, directory, node->name);
    size_t len = strlen(node->value);

    memcpy(b->body[b->n - 1] + r->body_len, node->value, len);
    r->body_len += len;
}

/* 0, or -XEN_EIO: there is no xenstore. */
static int run(struct batch *b)
{
    int rc = xenbus_submit(b->list, b->n);

    if (rc == 0)
        xenbus_wait(b->list, b->n);
    return rc;
}

int frontend_read(const char *directory, struct frontend_node *nodes,
                  bool *present, unsigned n)
{
    struct batch *b;
    unsigned i;
    int rc;

    if (n > FRONTEND_NODES_MAX)
        return -XEN_E2BIG;
    b = kzalloc(sizeof(*b));
    if (!b)
        return -XEN_ENOMEM;
    for (i = 0; i < n; i++) {
        struct xenbus_request *r = add(b, XS_READ, directory, nodes[i].name);

        r->room = nodes[i].value;
        r->room_len = sizeof(nodes[i].value);
    }
    rc = run(b);
    for (i = 0; i < n; i++) {
        const struct xenbus_request *r = &b->r[i];

        present[i] = r->rc == 0;
        if (r->rc < 0 && r->rc != -XEN_ENOENT && rc == 0)
            rc = r->rc;
        if (r->reply && r->reply != nodes[i].value) {
            kfree(r->reply);
            rc = -XEN_E2BIG;
        }
    }
    kfree(b);
    return rc;
}

int frontend_write(const struct frontend *f, const struct frontend_node *nodes,
                   unsigned n, enum xenbus_state state)
{
    struct frontend_node told = {.name = "state"};
    struct batch *b;
    unsigned i;
    int rc;

    if (n > FRONTEND_NODES_MAX)
        return -XEN_E2BIG;
    b = kzalloc(sizeof(*b));
    if (!b)
        return -XEN_ENOMEM;
    for (i = 0; i < n; i++)
        add_write(b, f->path, &nodes[i]);
    if (state != XenbusStateUnknown) {
        fmt_snprintf(told.value, sizeof(told.value), "%d", (int)state);
        add_write(b, f->path, &told);
    }
    rc = run(b);
    for (i = 0; i < b->n && rc == 0; i++)
        rc = b->r[i].rc;
    kfree(b);
    return rc;
}

void frontend_write_error(const struct frontend *f)
{
    char path[DEVICE_PATH_MAX + 16];

    fmt_snprintf(path, sizeof(path), "error/%s/error", f->path);
    if (xenbus_printf(XBT_NIL, path, "%d %s", f->error, f->failure) < 0)
        return; /* whoever looks for it there has the console as well */
}
