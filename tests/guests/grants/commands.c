/* SPDX-License-Identifier: ISC */
/* The commands; every one prints one line. */
#include "grants.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/gnttab.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/arch.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <xen/errno.h>

#define TEXT_MAX 64
#define PAGES    64

/* Our granted pages, by reference. */
static struct {
    grant_ref_t ref;
    char *page;
} granted[PAGES];

static unsigned number(const char *s)
{
    unsigned n = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (unsigned)(*s - '0');
    return n;
}

static char *page_of(grant_ref_t ref)
{
    unsigned i;

    for (i = 0; i < PAGES; i++) {
        if (granted[i].page && granted[i].ref == ref)
            return granted[i].page;
    }
    return NULL;
}

static void remember(int ref, char *page)
{
    unsigned i;

    for (i = 0; i < PAGES; i++) {
        if (!granted[i].page) {
            granted[i].ref = (grant_ref_t)ref;
            granted[i].page = page;
            return;
        }
    }
}

static void set_text(char *page, const char *text)
{
    size_t n = strlen(text);

    memset(page, 0, PAGE_SIZE);
    memcpy(page, text, MIN(n, TEXT_MAX - 1));
}

/* version N */
static void do_version(char **arg)
{
    printf("version %d\n", gnttab_set_version(number(arg[0])));
}

/* info */
static void do_info(char **arg)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};

    (void)arg;
    (void)HYPERVISOR_grant_table_op(GNTTABOP_query_size, &size, 1);
    printf("info version %u frames %u of %u free %u\n", gnttab_version(),
           size.nr_frames, size.max_nr_frames, gnttab_free_refs());
}

/* grant DOMID rw|ro TEXT */
static void do_grant(char **arg)
{
    char *page = page_alloc(0);
    int ref;

    set_text(page, arg[2]);
    ref = gnttab_grant_access((domid_t)number(arg[0]), page,
                              strcmp(arg[1], "ro") == 0);
    if (ref > 0)
        remember(ref, page);
    printf("grant %d\n", ref);
}

/* sub DOMID OFFSET LENGTH TEXT */
static void do_sub(char **arg)
{
    char *page = page_alloc(0);
    int ref;

    set_text(page, arg[3]);
    ref = gnttab_grant_sub_page((domid_t)number(arg[0]), page, true,
                                number(arg[1]), number(arg[2]));
    if (ref > 0)
        remember(ref, page);
    printf("sub %d\n", ref);
}

/* end REF */
static void do_end(char **arg)
{
    printf("end %s\n",
           gnttab_end_access(number(arg[0])) ? "done" : "still in use");
}

/* hold REF, release REF: says that the other side maps it, which no guest can
 * do here; version 1. */
static void set_held(char **arg, bool held)
{
    unsigned ref = number(arg[0]);
    const unsigned per_frame = PAGE_SIZE / sizeof(grant_entry_v1_t);
    void *frame;
    uint16_t *flags;

    /* The table once more, at another address. */
    if (arch_grant_frame(ref / per_frame, false, &frame) < 0) {
        printf("hold FAILED\n");
        return;
    }
    flags = &((grant_entry_v1_t *)frame)[ref % per_frame].flags;
    if (held)
        __atomic_fetch_or(flags, GTF_reading, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(flags, (uint16_t)~GTF_reading, __ATOMIC_SEQ_CST);
    printf("%s in use %d\n", held ? "hold" : "release",
           gnttab_query_in_use(ref));
}

static void do_hold(char **arg)
{
    set_held(arg, true);
}

static void do_release(char **arg)
{
    set_held(arg, false);
}

static void say_ended(void *arg)
{
    printf("ended %u\n", (unsigned)(uintptr_t)arg);
}

/* later REF */
static void do_later(char **arg)
{
    uintptr_t ref = number(arg[0]);
    int rc = gnttab_end_access_later((grant_ref_t)ref, say_ended, (void *)ref);

    printf("later %d\n", rc);
}

/* show REF */
static void do_show(char **arg)
{
    const char *page = page_of(number(arg[0]));

    printf("show %s\n", page ? page : "(not mine)");
}

static int copy(struct gnttab_copy *op)
{
    int rc = gnttab_copy(op, 1);

    return rc ? rc : op->status;
}

/* pull DOMID REF OFFSET LENGTH */
static void do_pull(char **arg)
{
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref};
    char *page = page_alloc(0);
    int rc;

    set_text(page, "nothing");
    op.source.domid = (domid_t)number(arg[0]);
    op.source.u.ref = number(arg[1]);
    op.source.offset = (uint16_t)number(arg[2]);
    op.len = (uint16_t)number(arg[3]);
    op.dest.domid = DOMID_SELF;
    op.dest.u.gmfn = arch_page_gfn(page);
    rc = copy(&op);
    printf("pull %d %s\n", rc, page);
    page_free(page, 0);
}

/* push DOMID REF TEXT */
static void do_push(char **arg)
{
    struct gnttab_copy op = {.flags = GNTCOPY_dest_gref, .len = TEXT_MAX};
    char *page = page_alloc(0);

    set_text(page, arg[2]);
    op.dest.domid = (domid_t)number(arg[0]);
    op.dest.u.ref = number(arg[1]);
    op.source.domid = DOMID_SELF;
    op.source.u.gmfn = arch_page_gfn(page);
    printf("push %d\n", copy(&op));
    page_free(page, 0);
}

/* many DOMID REF COUNT: one call, its first half good; counts statuses */
static void do_many(char **arg)
{
    unsigned n = number(arg[2]), i, good = 0, bad = 0;
    struct gnttab_copy *op = kzalloc(n * sizeof(*op));
    char *page = page_alloc(0);
    int rc;

    for (i = 0; i < n; i++) {
        op[i].flags = GNTCOPY_source_gref;
        op[i].len = 8;
        op[i].source.domid = (domid_t)number(arg[0]);
        op[i].source.u.ref = i < n / 2 ? number(arg[1]) : 7777777;
        op[i].dest.domid = DOMID_SELF;
        op[i].dest.offset = (uint16_t)(i % 512 * 8);
        op[i].dest.u.gmfn = arch_page_gfn(page);
        op[i].status = 1;
    }
    rc = gnttab_copy(op, n);
    for (i = 0; i < n; i++) {
        good += op[i].status == GNTST_okay;
        bad += op[i].status == GNTST_bad_gntref;
    }
    printf("many %d good %u bad %u\n", rc, good, bad);
    page_free(page, 0);
    kfree(op);
}

/* fill DOMID: every reference there is, then none; ends them all */
static void do_fill(char **arg)
{
    unsigned want = gnttab_free_refs(), n, ended = 0;
    int *ref = kmalloc((want + 1) * sizeof(*ref));
    char *page = page_alloc(0);

    for (n = 0; n <= want; n++) {
        ref[n] = gnttab_grant_access((domid_t)number(arg[0]), page, true);
        if (ref[n] < 0)
            break;
    }
    printf("fill %u of %u, then %d, last ref %d", n, want, ref[n],
           n ? ref[n - 1] : 0);
    while (n > 0)
        ended += gnttab_end_access((grant_ref_t)ref[--n]);
    printf(", ended %u, free %u\n", ended, gnttab_free_refs());
    kfree(ref);
    page_free(page, 0);
}

static void print_ns(const char *what, uint64_t cycles, unsigned n)
{
    uint64_t ns = time_cycles_to_ps(cycles) / (n ? n : 1) / 100;

    printf("%s %u.%u ns\n", what, (unsigned)(ns / 10), (unsigned)(ns % 10));
}

/* benchgrant COUNT: grant and end */
static void do_benchgrant(char **arg)
{
    unsigned n = number(arg[0]), i, bad = 0;
    char *page = page_alloc(0);
    uint64_t t = 0;

    for (i = 0; i <= n; i++) {
        int ref;

        if (i == 1)
            t = time_cycles(); /* the first one has set up the table */
        ref = gnttab_grant_access(0, page, false);
        bad += ref < 0 || !gnttab_end_access((grant_ref_t)ref);
    }
    t = time_cycles() - t;
    print_ns(bad ? "benchgrant FAILED" : "benchgrant", t, n);
    page_free(page, 0);
}

/* benchcopy DOMID REF OPS CALLS: 4 KiB each, OPS of them in a call */
static void do_benchcopy(char **arg)
{
    unsigned ops = number(arg[2]), calls = number(arg[3]), i, bad = 0;
    struct gnttab_copy *op = kzalloc(ops * sizeof(*op));
    char *page = page_alloc(0);
    uint64_t t;

    for (i = 0; i < ops; i++) {
        op[i].flags = GNTCOPY_source_gref;
        op[i].len = PAGE_SIZE;
        op[i].source.domid = (domid_t)number(arg[0]);
        op[i].source.u.ref = number(arg[1]);
        op[i].dest.domid = DOMID_SELF;
        op[i].dest.u.gmfn = arch_page_gfn(page);
    }
    bad += gnttab_copy(op, ops) != 0; /* warm */
    t = time_cycles();
    for (i = 0; i < calls; i++)
        bad += gnttab_copy(op, ops) != 0 || op[ops - 1].status != GNTST_okay;
    t = time_cycles() - t;
    print_ns(bad ? "benchcopy FAILED" : "benchcopy", t, ops * calls);
    kfree(op);
    page_free(page, 0);
}

/* attack */
static void do_attack(char **arg)
{
    (void)arg;
    attack();
}

static const struct {
    const char *name;
    int args;
    void (*fn)(char **arg);
} commands[] = {
    {"version", 1, do_version},
    {"info", 0, do_info},
    {"grant", 3, do_grant},
    {"sub", 4, do_sub},
    {"end", 1, do_end},
    {"hold", 1, do_hold},
    {"release", 1, do_release},
    {"later", 1, do_later},
    {"show", 1, do_show},
    {"pull", 4, do_pull},
    {"push", 3, do_push},
    {"many", 3, do_many},
    {"fill", 1, do_fill},
    {"benchgrant", 1, do_benchgrant},
    {"benchcopy", 4, do_benchcopy},
    {"attack", 0, do_attack},
};

bool command(int argc, char **argv)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(argv[0], commands[i].name) == 0 &&
            argc - 1 == commands[i].args) {
            commands[i].fn(argv + 1);
            return true;
        }
    }
    return false;
}
