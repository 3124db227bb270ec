/* SPDX-License-Identifier: ISC */
/* What the files of the store share. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <store/store.h>
#include <base/string.h>
#include <xen/errno.h>

/* --- dir.c: named children, the skeleton of all three trees --------------------*/

/*
 * Children are listed oldest first (first->prev is the last one) and, once
 * there are many, hashed. The name follows the structure that embeds this one.
 */
struct dir {
    struct dir *parent, *next, *prev;
    struct dir *first;
    struct dir_table *table; /* NULL while there are few                   */
    uint32_t nr;
    uint32_t names; /* bytes of the children's names, NULs included        */
    uint32_t hash;  /* of the name                                         */
    uint16_t len, name_off;
};

static inline const char *dir_name(const struct dir *d)
{
    return (const char *)d + d->name_off;
}

/* Allocates a structure of (size) bytes that begins with a dir, and its name.*/
void *dir_alloc(const struct xs_store *s, size_t size, const char *name,
                size_t len);
struct dir *dir_find(const struct xs_store *s, const struct dir *parent,
                     const char *name, size_t len);
/* The name must not be there. Cannot fail: without memory it gets slower. */
void dir_add(const struct xs_store *s, struct dir *parent, struct dir *child);
/* Unlinks a child without children of its own. */
void dir_del(const struct xs_store *s, struct dir *child);
/* The table, when the dir itself is about to be freed. */
void dir_fini(const struct xs_store *s, struct dir *d);
/* The next after (d) in a walk of the tree below (top), parents first. */
struct dir *dir_next(const struct dir *top, struct dir *d, bool into);
/* The path of (d), whose root has an empty name; returns its length. */
size_t dir_path(const struct dir *d, char path[XENSTORE_ABS_PATH_MAX + 1]);

/* The components of a checked absolute path, one after the other. Returns false
 * at the end. */
struct part {
    const char *name;
    size_t len;
};
bool path_next(const char **rest, struct part *p);

/* --- contents, shared by reference -----------------------------------------------*/

struct value {
    uint32_t refs, len;
    char bytes[];
};

/* An entry but the first holds for a domain only if that was born before (gen):
 * it means another one of the same number otherwise. */
struct perms {
    uint32_t refs;
    unsigned nr; /* >= 1 */
    uint64_t gen;
    struct xs_perm p[];
};

/* NULL for an empty one, which needs no memory; (*failed) is set when memory
 * was needed and not there. */
struct value *value_new(const struct xs_store *s, const void *bytes, size_t len,
                        bool *failed);
/* The same of a value that many nodes are likely to have: it may be shared. */
struct value *value_common(struct xs_store *s, const void *bytes, size_t len,
                           bool *failed);
struct value *value_get(struct value *v);
void value_put(const struct xs_store *s, struct value *v);
/* NULL when out of memory. */
struct perms *perms_new(const struct xs_store *s, const struct xs_perm *p,
                        unsigned nr);
struct perms *perms_get(struct perms *p);
void perms_put(const struct xs_store *s, struct perms *p);
static inline uint32_t value_len(const struct value *v)
{
    return v ? v->len : 0;
}

/* --- node.c: the main tree ---------------------------------------------------------*/

struct node {
    struct dir dir;
    uint64_t gen; /* of its last change, never 0                            */
    struct perms *perms;
    struct value *value;
    /* The other nodes of an owner that is not domain 0. */
    struct node *own_next, **own_prev;
};

static inline struct node *node_of(struct dir *d)
{
    return (struct node *)(void *)d;
}

/* The node at (path), a checked one, or NULL. */
struct node *node_find(const struct xs_store *s, const char *path);
struct node *node_child(const struct xs_store *s, const struct node *n,
                        const char *name, size_t len);
/* A node that is in no tree yet; NULL = no memory. node_free() undoes it. */
struct node *node_alloc(const struct xs_store *s, const char *name, size_t len);
void node_free(const struct xs_store *s, struct node *n);
/* Puts it below (parent) with a reference each of (perms) and (value). */
void node_link(struct xs_store *s, struct node *parent, struct node *n,
               struct perms *perms, struct value *value);
/* New contents; takes the references. */
void node_set(struct xs_store *s, struct node *n, struct perms *perms,
              struct value *value);
/* Removes (n) and all below. */
void node_remove(struct xs_store *s, struct node *n);
/* The bytes the owner's memory is charged for it. */
size_t node_bytes(const struct node *n);

/* --- domain.c -----------------------------------------------------------------------*/

#define NR_ACCESSES 3 /* enum xs_access */

struct xs_dom {
    domid_t id;
    bool alive, introduced, shut;
    bool has_target;
    domid_t target;
    uint64_t target_born; /* so that it is still the same one               */
    uint64_t born;        /* s->gen when it was added                       */
    unsigned nodes, watches, txns;
    uint64_t memory;
    struct node *owned;
    struct perms *access[NR_ACCESSES]; /* made when first needed           */
    struct xs_conn *conn; /* of its ring                                    */
};

/* What is known of (id), made if need be (also for a number without a domain:
 * privileged clients may give nodes to anybody). NULL = no memory. */
struct xs_dom *dom_make(struct xs_store *s, unsigned id);
struct xs_dom *dom_find(const struct xs_store *s, unsigned id);
static inline bool dom_privileged(const struct xs_dom *d)
{
    return d->id == 0;
}
/* The permissions for (a) of (d)'s nodes, borrowed; NULL = no memory. */
struct perms *dom_access(struct xs_store *s, struct xs_dom *d,
                         enum xs_access a);
void dom_drop(const struct xs_store *s, struct xs_dom *d);
/* Charges; -XEN_ENOMEM when that would exceed the quota. */
__must_check int dom_charge(struct xs_dom *d, size_t bytes);
static inline void dom_release_bytes(struct xs_dom *d, size_t bytes)
{
    d->memory -= bytes;
}
/* Rights of (d) under (p): XS_PERM_*, and PERM_OWNER. */
#define PERM_OWNER 4u
unsigned dom_rights(const struct xs_store *s, const struct xs_dom *d,
                    const struct perms *p);
/* Whether entry (i) of (p) names the domain that has its number now. */
bool perm_is_current(const struct xs_store *s, const struct perms *p,
                     unsigned i);

/* --- connections ----------------------------------------------------------------------*/

struct message {
    struct message *next;
    struct watch *of; /* the watch whose latest event this is               */
    bool is_reply;
    uint32_t len; /* of bytes[]: header and payload                          */
    char bytes[];
};

struct xs_conn {
    struct xs_store *s;
    struct xs_dom *dom;
    void *owner;
    int error;
    unsigned lost;

    struct xsd_sockmsg head; /* being received                             */
    size_t have;             /* of head and payload                        */
    char *payload;           /* head.len bytes, once the head is there     */

    struct message *out, **out_end;
    size_t out_off;   /* of *out, sent already                             */
    size_t out_bytes; /* all of them                                       */
    unsigned replies; /* among them                                        */

    struct watch *watches;
    struct txn *txns;
    uint32_t last_txn;
    /* Where the next DIRECTORY_PART goes on if the node has not changed. */
    uint64_t part_gen, part_off;
    const struct dir *part;

    struct xs_conn *ready_next;
    bool ready;
};

/* Queues one message; (of) for a watch event. */
void xs_conn_queue(struct xs_conn *c, const struct xsd_sockmsg *h,
                   const void *payload, struct watch *of);

/* --- watch.c --------------------------------------------------------------------------*/

/* Those of one path; within each list, the one that watched first comes first.
 * Guests' watches are apart, as any number of them may watch what they are not
 * allowed to see. */
struct watch_list {
    struct watch *first, *last;
};
struct watchers {
    struct watch_list clients, guests;
    unsigned nr_guests; /* watches of guests                               */
};

/* A place in the tree of watched paths. */
struct spot {
    struct dir dir;
    struct watchers watchers;
    struct node *now; /* during a walk: the node of that path, or NULL      */
};

struct watch {
    struct xs_conn *conn;
    struct spot *spot;
    struct watch *next, *prev;            /* of the spot                    */
    struct watch *conn_next, **conn_prev; /* of the connection              */
    struct message *latest;               /* its last event, if still queued*/
    size_t charged;
    unsigned special; /* without a spot: SPECIAL_*                          */
    uint16_t cut; /* bytes of the absolute path that events leave out       */
    uint16_t token_len;
    char token[]; /* with its NUL                                           */
};

/* A change, as watches see it. */
struct change {
    const char *path;
    bool exact; /* only watches on this very path                  */
    const struct perms *perms; /* of the node, or its last ones             */
    /* Readers under these may know, too: the parent's when the node came or
     * went, the node's former ones when they have changed. Or NULL. */
    const struct perms *also;
};
void watch_fire(struct xs_store *s, const struct change *ch);
/* A special one: "@introduceDomain". */
void watch_fire_special(struct xs_store *s, unsigned which);
/* All nodes below (n), which is about to be removed. */
void watch_fire_below(struct xs_store *s, struct node *n);
/* Whether anybody would be told of a change at or below (path). */
bool watch_any(const struct xs_store *s, const char *path);
int watch_add(struct xs_conn *c, const char *path, const char *token);
int watch_del(struct xs_conn *c, const char *path, const char *token);
/* The event that follows the answer to WATCH; for the newest watch of (c). */
void watch_fire_first(struct xs_conn *c);
void watch_del_all(struct xs_conn *c);

enum { SPECIAL_INTRODUCE, SPECIAL_RELEASE, NR_SPECIALS };
/* Which one (path) names, or -1. */
int special_find(const char *path);

/* --- txn.c, commit.c --------------------------------------------------------------------*/

/*
 * A node that a transaction has touched, or one on the way there. As long as it
 * is not touched it means the main tree's.
 */
struct xnode {
    struct dir dir;
    bool touched;
    bool exists;     /* in the transaction's view                           */
    bool modified;   /* to be written back                                  */
    bool fire;       /* watches are to be told                              */
    bool fire_exact; /* only those on this path                             */
    uint64_t base;   /* generation when first touched, 0 = did not exist    */
    struct perms *perms, *base_perms;
    struct value *value;
    struct xnode *fire_next;
    struct node *now;   /* at commit: the main tree's                       */
    struct node *fresh; /* at commit: to become that                        */
};

struct txn {
    struct txn *next;
    struct xs_conn *conn;
    uint32_t id;
    unsigned touched;
    uint64_t changes;
    int own_nodes; /* nodes of the domain's own that it adds (removes: < 0) */
    size_t charged;
    struct xnode *root;
    struct xnode *fire, **fire_end;
};

static inline struct xnode *xnode_of(struct dir *d)
{
    return (struct xnode *)(void *)d;
}

int txn_start(struct xs_conn *c, uint32_t *id);
struct txn *txn_find(const struct xs_conn *c, uint32_t id);
void txn_abort(struct txn *t);
/* -XEN_EAGAIN: somebody changed what it saw; it is gone in any case. */
int txn_commit(struct txn *t);
/* The node (child) of (parent), which must be of (t), touched; NULL and (*rc).
 * (n) is the main tree's node of that place or NULL. */
struct xnode *txn_touch_child(struct txn *t, struct xnode *parent,
                              const char *name, size_t len, struct node *n,
                              int *rc);
int txn_touch_node(struct txn *t, struct xnode *x, struct node *n);
/* Takes a reference of its own. As the transaction may come to hold the last
 * one, its domain is charged: -XEN_ENOMEM. */
__must_check int txn_set_value(struct txn *t, struct xnode *x,
                               struct value *value);
/* txn_touch_child() by path; the nodes on the way there are not touched. */
struct xnode *txn_touch(struct txn *t, const char *path, int *rc);
/* Watches of (x) are to be told at the commit. */
void txn_will_fire(struct txn *t, struct xnode *x, bool exact);
/* Changes x->exists, keeping count. */
void txn_set_exists(struct txn *t, struct xnode *x, bool exists);

/* --- view.c: nodes as a request sees them -------------------------------------------------*/

struct view {
    bool exists;
    bool parent_exists;
    struct node *node;   /* the main tree's, or NULL                          */
    struct xnode *x;     /* the transaction's, or NULL                        */
    struct node *last;   /* without a transaction: the deepest that exists    */
    const char *rest;    /* what of the path is below the deepest             */
    struct perms *perms; /* of the node, or of the deepest that exists       */
    struct value *value;
    uint64_t gen;
};
/* Looks (path) up and touches it. 0, -XEN_ENOMEM or -XEN_ENOSPC. */
int view_look(struct xs_conn *c, struct txn *t, const char *path,
              struct view *v);
/* As view_look(); then -XEN_EACCES without all of the rights (need), for a
 * missing node those of its deepest ancestor count: -XEN_ENOENT with them. */
int view_get(struct xs_conn *c, struct txn *t, const char *path, unsigned need,
             struct view *v);
/* Calls (fn) for each child of (v) until it returns false. */
typedef bool view_child_fn(void *arg, const char *name, size_t len);
void view_children(const struct xs_store *s, const struct view *v,
                   view_child_fn *fn, void *arg);

/* --- modify.c: what changes the tree; (t) NULL: at once ------------------------------------*/
int modify_write(struct xs_conn *c, struct txn *t, const char *path,
                 const void *bytes, size_t len);
int modify_mkdir(struct xs_conn *c, struct txn *t, const char *path);
int modify_rm(struct xs_conn *c, struct txn *t, const char *path);
int modify_perms(struct xs_conn *c, struct txn *t, const char *path,
                 const struct xs_perm *p, unsigned nr);
/* -XEN_ENOSPC when the entry would be too large for (d). */
int check_node_bytes(const struct xs_dom *d, size_t value, unsigned nr_perms,
                     size_t names);

/* --- serve.c and the requests ------------------------------------------------------------*/

struct request {
    struct xs_conn *c;
    struct txn *t;
    const char *in; /* payload                                             */
    size_t len;
    char *out; /* XENSTORE_PAYLOAD_MAX bytes                               */
    size_t out_len;
    bool first_event; /* a WATCH: its first event follows the answer       */
};

typedef int request_fn(struct request *r);
request_fn xs_req_control, xs_req_introduce, xs_req_release, xs_req_resume,
    xs_req_set_target, xs_req_directory, xs_req_directory_part, xs_req_read,
    xs_req_get_perms, xs_req_get_domain_path, xs_req_is_introduced;

/* Copies the only string of the payload, as an absolute path. */
int request_path(const struct request *r, char path[XENSTORE_ABS_PATH_MAX + 1]);
void request_answer(struct request *r, const void *bytes, size_t len);
/* Has the complete request in c->head, c->payload served and answered. */
void xs_conn_serve(struct xs_conn *c);

/* --- the whole ----------------------------------------------------------------------------*/

#define NR_COMMON 64u /* a power of two */

struct xs_store {
    const struct xs_ops *ops;
    uint64_t gen; /* of the latest change                                   */
    struct node *root;
    struct spot *spots;
    struct watchers special[NR_SPECIALS];
    struct perms *special_perms[NR_SPECIALS];
    struct xs_dom **dom; /* by number                                      */
    unsigned targets;    /* domains that stand in for another               */
    struct value *common[NR_COMMON]; /* some that many nodes have         */
    struct xs_conn *self;
    struct xs_conn *ready, **ready_end;
    char path[XENSTORE_ABS_PATH_MAX + 1]; /* for walks                      */
    char out[XENSTORE_PAYLOAD_MAX];       /* the answer being made          */
    char event[XENSTORE_PAYLOAD_MAX];
};

#endif /* STORE_INTERNAL_H */
