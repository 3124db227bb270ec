/* SPDX-License-Identifier: ISC */
/*
 * The grant table; contract in minios/gnttab.h. Grants that end later are
 * gnttab_later.c's.
 *
 * Version 1 unless asked otherwise, as other guests choose: its entries are
 * half as large, ending a grant needs no second array, and nothing a driver
 * does needs more (xen/grant_table.h says: know 2, default to 1).
 *
 * An entry is free when its flags are 0; the free list (alloc/slots.h) is kept
 * in the frame numbers of free entries. It is touched with events disabled:
 * handlers end grants too.
 */
#include <minios/gnttab.h>

#include <alloc/slots.h>
#include <minios/arch.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/panic.h>
#include <minios/thread.h>
#include <xen/errno.h>

#define PER_FRAME(type) ((uint32_t)(PAGE_SIZE / sizeof(type)))
#define IN_USE          (GTF_reading | GTF_writing)

static unsigned table_version; /* 0: not chosen yet                       */
static uint32_t nr_frames, max_frames;
static struct slots refs = {.first_free = SLOTS_NONE};
static grant_status_t **status; /* version 2: frames, for 2048 entries each */

unsigned gnttab_version(void)
{
    return nr_frames ? table_version : 0;
}

int gnttab_set_version(unsigned version)
{
    struct gnttab_set_version set = {.version = version};
    int rc;

    if (version != 1 && version != 2)
        return -XEN_EINVAL;
    if (nr_frames)
        return -XEN_EBUSY;
    rc = (int)HYPERVISOR_grant_table_op(GNTTABOP_set_version, &set, 1);
    if (rc == 0)
        table_version = version;
    return rc;
}

/* --- the table --------------------------------------------------------------- */

static bool has_status(void)
{
    return table_version == 2;
}

/* Makes room for the pointers to all frames there may ever be. */
static int first_use(void)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};
    int rc = (int)HYPERVISOR_grant_table_op(GNTTABOP_query_size, &size, 1);
    size_t room;
    void **chunks;

    if (rc < 0 || size.status != GNTST_okay)
        return rc < 0 ? rc : -XEN_ENOSYS;
    if (table_version == 0)
        table_version = 1;
    /* The pointers to status frames follow those to frames: one for eight. */
    room = size.max_nr_frames + (has_status() ? size.max_nr_frames / 8 + 1 : 0);
    chunks = kzalloc(room * sizeof(*chunks));
    if (!chunks)
        return -XEN_ENOMEM;
    status = (grant_status_t **)(void *)(chunks + size.max_nr_frames);
    max_frames = size.max_nr_frames;
    if (has_status())
        slots_init(&refs, chunks, PER_FRAME(grant_entry_v2_t),
                   sizeof(grant_entry_v2_t),
                   offsetof(grant_entry_v2_t, full_page.frame));
    else
        slots_init(&refs, chunks, PER_FRAME(grant_entry_v1_t),
                   sizeof(grant_entry_v1_t), offsetof(grant_entry_v1_t, frame));
    return 0;
}

/* Whether the status of the next frame's entries lies in a new frame. */
static bool status_is_full(void)
{
    return nr_frames * PER_FRAME(grant_entry_v2_t) %
               PER_FRAME(grant_status_t) ==
           0;
}

/* One more frame. Thread context. */
static int grow(void)
{
    void *frame, *page;
    bool enabled;
    int rc;

    if (max_frames == 0) {
        rc = first_use();
        if (rc < 0)
            return rc;
    }
    if (nr_frames == max_frames)
        return -XEN_ENOSPC;
    rc = arch_grant_frame(nr_frames, false, &frame);
    if (rc == 0 && has_status() && status_is_full()) {
        rc = arch_grant_frame(nr_frames * PER_FRAME(grant_entry_v2_t) /
                                  PER_FRAME(grant_status_t),
                              true, &page);
        if (rc == 0)
            status[nr_frames * PER_FRAME(grant_entry_v2_t) /
                   PER_FRAME(grant_status_t)] = page;
    }
    if (rc < 0)
        return rc;
    enabled = arch_events_disable();
    slots_add(&refs, frame, nr_frames ? 0 : GNTTAB_NR_RESERVED_ENTRIES);
    nr_frames++;
    if (enabled)
        arch_events_enable();
    return 0;
}

unsigned gnttab_free_refs(void)
{
    if (max_frames == 0 && first_use() < 0)
        return 0;
    return refs.nr_free + (max_frames - nr_frames) * refs.per_chunk -
           (nr_frames ? 0 : GNTTAB_NR_RESERVED_ENTRIES);
}

/* A free reference, or -XEN_E*. */
static int take_ref(void)
{
    for (;;) {
        bool enabled = arch_events_disable();
        uint32_t ref = slots_take(&refs);
        int rc;

        if (enabled)
            arch_events_enable();
        if (ref != SLOTS_NONE)
            return (int)ref;
        /* Another thread may have been here first. */
        preempt_disable();
        rc = refs.nr_free ? 0 : grow();
        preempt_enable();
        if (rc < 0)
            return rc;
    }
}

static void give_ref(grant_ref_t ref)
{
    bool enabled = arch_events_disable();

    slots_give(&refs, ref);
    if (enabled)
        arch_events_enable();
}

/* --- entries ----------------------------------------------------------------- */

static uint16_t *flags_of(grant_ref_t ref)
{
    struct grant_entry_header *h = slots_at(&refs, ref);

    BUG_ON(!h);
    return &h->flags;
}

static grant_status_t *status_of(grant_ref_t ref)
{
    return &status[ref / PER_FRAME(grant_status_t)]
                  [ref % PER_FRAME(grant_status_t)];
}

/* Fills entry (ref); the flags, last, make it valid. */
static void fill_entry(grant_ref_t ref, domid_t domid, uint64_t mfn,
                       unsigned flags)
{
    void *entry = slots_at(&refs, ref);

    if (has_status()) {
        grant_entry_v2_t *e = entry;

        e->hdr.domid = domid;
        e->full_page.frame = mfn;
    } else {
        grant_entry_v1_t *e = entry;

        e->domid = domid;
        e->frame = (uint32_t)mfn;
    }
    /* Pairs with the hypervisor's read of the flags: it then sees the rest. */
    __atomic_store_n(flags_of(ref), (uint16_t)flags, __ATOMIC_RELEASE);
}

static unsigned access_flags(bool readonly)
{
    return GTF_permit_access | (readonly ? GTF_readonly : 0);
}

int gnttab_grant_access(domid_t domid, void *page, bool readonly)
{
    uint64_t mfn = arch_page_gfn(page);
    int ref = take_ref();

    if (ref < 0)
        return ref;
    if (!has_status() && mfn > UINT32_MAX) {
        give_ref((grant_ref_t)ref);
        return -XEN_ERANGE;
    }
    fill_entry((grant_ref_t)ref, domid, mfn, access_flags(readonly));
    return ref;
}

int gnttab_grant_sub_page(domid_t domid, void *page, bool readonly,
                          unsigned offset, unsigned length)
{
    grant_entry_v2_t *e;
    int ref;

    if (table_version != 2)
        return -XEN_ENOSYS;
    if (offset >= PAGE_SIZE || length > PAGE_SIZE - offset)
        return -XEN_EINVAL;
    ref = take_ref();
    if (ref < 0)
        return ref;
    e = slots_at(&refs, (grant_ref_t)ref);
    e->sub_page.page_off = (uint16_t)offset;
    e->sub_page.length = (uint16_t)length;
    fill_entry((grant_ref_t)ref, domid, arch_page_gfn(page),
               access_flags(readonly) | GTF_sub_page);
    return ref;
}

bool gnttab_query_in_use(grant_ref_t ref)
{
    const uint16_t *word = has_status() ? status_of(ref) : flags_of(ref);

    return (__atomic_load_n(word, __ATOMIC_ACQUIRE) & IN_USE) != 0;
}

/* Rights and use are one word: they can be looked at and changed as one. */
static bool end_v1(grant_ref_t ref)
{
    uint16_t *flags = flags_of(ref);
    uint16_t old = __atomic_load_n(flags, __ATOMIC_ACQUIRE);

    do {
        BUG_ON(old == GTF_invalid);
        if (old & IN_USE)
            return false;
    } while (!__atomic_compare_exchange_n(flags, &old, GTF_invalid, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE));
    return true;
}

/* The hypervisor marks the use and then looks at the rights again; we go the
 * other way round. Whoever has come first, one of us sees the other. */
static bool end_v2(grant_ref_t ref)
{
    uint16_t *flags = flags_of(ref);
    uint16_t old = __atomic_load_n(flags, __ATOMIC_RELAXED);

    BUG_ON(old == GTF_invalid);
    if (gnttab_query_in_use(ref))
        return false;
    __atomic_store_n(flags, GTF_invalid, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!gnttab_query_in_use(ref))
        return true;
    __atomic_store_n(flags, old, __ATOMIC_RELEASE);
    return false;
}

bool gnttab_end_access(grant_ref_t ref)
{
    if (!(has_status() ? end_v2(ref) : end_v1(ref)))
        return false;
    give_ref(ref);
    return true;
}

int gnttab_copy(struct gnttab_copy *ops, unsigned count)
{
    return (int)HYPERVISOR_grant_table_op(GNTTABOP_copy, ops, count);
}
