/* SPDX-License-Identifier: ISC */
/*
 * Templates: what all domains of one image, ramdisk and memory size share.
 *
 * The start-of-day memory is built once, in a staging buffer. Frames that the
 * layout backs with the template go into a file sealed against writing; of the
 * rest, the pages that are not zero are kept as extents to be written into
 * every new domain's RAM file.
 */
#include <common/common.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base/compiler.h>
#include <host/fd.h>
#include <host/memfd.h>

/* Address space of a guest process: its memory may be mapped twice over (the
 * monitor follows aliases), plus the template and this for the monitor and grant
 * tables. A guest with more aliases pays with faults. It also bounds the page
 * tables that sparse mappings can cost the host: two pages for each one mapped. */
#define AS_CONSTANT_BYTES (8ull << 20)

struct build {
    struct engine_template *t;
    uint64_t ramdisk_bytes;
    uint8_t *staging; /* frames [image_first, boot_end)                    */
    size_t staging_bytes;
    int fd; /* template file, read-write                                   */
};

/* Part of range (r) that lies in the staging buffer: [first, end) in frames. */
static bool clip(const struct pv_layout *l, const struct portal_range *r,
                 uint32_t *first, uint32_t *end)
{
    *first = MAX(r->mfn, l->image_first);
    *end = MIN(r->mfn + r->nr, l->boot_end);
    return *first < *end;
}

static const uint8_t *staged(const struct build *b, uint32_t mfn)
{
    return b->staging +
           (size_t)(mfn - b->t->layout.image_first) * PORTAL_PAGE_SIZE;
}

static int stage(struct build *b, const struct engine_template_params *p,
                 struct engine_error *err)
{
    const struct pv_layout *l = &b->t->layout;
    int rc;

    b->staging_bytes =
        (size_t)(l->boot_end - l->image_first) * PORTAL_PAGE_SIZE;
    b->staging = mem_alloc_pages(b->staging_bytes);
    if (!b->staging)
        return fail_host(err, -errno, "building the image");
    b->t->kind->fill(b->t, b->ramdisk_bytes, b->staging);
    if (!b->ramdisk_bytes)
        return 0;
    rc = fd_pread_all(p->ramdisk_fd,
                      b->staging + (size_t)(l->ramdisk_first - l->image_first) *
                                       PORTAL_PAGE_SIZE,
                      b->ramdisk_bytes, 0);
    if (rc == -ENODATA)
        return fail(
            err, -EAGAIN,
            "ramdisk: became shorter while it was being read; try again");
    return rc ? fail_host(err, rc, "ramdisk") : 0;
}

/* The sealed file of shared frames. */
static int make_file(struct build *b, struct engine_error *err)
{
    const struct pv_layout *l = &b->t->layout;
    uint32_t first, end;
    int rc = 0;

    b->fd = memfd_create_sealable(
        "midge-template", (uint64_t)l->template_pages * PORTAL_PAGE_SIZE);
    if (b->fd < 0)
        return fail_host(err, b->fd, "creating the template");
    for (uint32_t i = 0; i < l->nr_ranges && !rc; i++) {
        const struct portal_range *r = &l->range[i];

        if (r->backing != PORTAL_BACK_TEMPLATE || !clip(l, r, &first, &end))
            continue;
        rc = fd_pwrite_all(
            b->fd, staged(b, first), (size_t)(end - first) * PORTAL_PAGE_SIZE,
            (uint64_t)(r->file_page + (first - r->mfn)) * PORTAL_PAGE_SIZE);
    }
    if (!rc)
        rc = memfd_seal(b->fd, MEMFD_SEAL_SIZE | MEMFD_SEAL_WRITE);
    if (!rc) {
        rc = memfd_reopen_readonly(b->fd);
        if (rc >= 0) {
            b->t->fd = rc;
            rc = 0;
        }
    }
    return rc ? fail_host(err, rc, "creating the template") : 0;
}

static bool is_zero(const uint8_t *page)
{
    return !page[0] && !memcmp(page, page + 1, PORTAL_PAGE_SIZE - 1);
}

/*
 * Goes over the private pages that are not zero, in order. With (store), they
 * are collected; without, only counted.
 */
static void walk_private(struct build *b, bool store, size_t *nr_extents,
                         size_t *nr_pages)
{
    struct engine_template *t = b->t;
    const struct pv_layout *l = &t->layout;
    uint32_t first, end, last_page = UINT32_MAX;

    *nr_extents = *nr_pages = 0;
    for (uint32_t i = 0; i < l->nr_ranges; i++) {
        const struct portal_range *r = &l->range[i];

        if (r->backing != PORTAL_BACK_RAM || !clip(l, r, &first, &end))
            continue;
        for (uint32_t mfn = first; mfn < end; mfn++) {
            uint32_t page = r->file_page + (mfn - r->mfn);

            if (is_zero(staged(b, mfn)))
                continue;
            if (*nr_extents == 0 || page != last_page + 1) {
                if (store)
                    t->extents[*nr_extents] =
                        (struct extent){.file_page = page,
                                        .offset = *nr_pages * PORTAL_PAGE_SIZE};
                ++*nr_extents;
            }
            last_page = page;
            if (store) {
                t->extents[*nr_extents - 1].nr++;
                memcpy(t->private_bytes + *nr_pages * PORTAL_PAGE_SIZE,
                       staged(b, mfn), PORTAL_PAGE_SIZE);
            }
            ++*nr_pages;
        }
    }
}

static int keep_private(struct build *b, struct engine_error *err)
{
    struct engine_template *t = b->t;
    size_t pages;

    walk_private(b, false, &t->nr_extents, &pages);
    if (!pages)
        return 0;
    t->extents = calloc(t->nr_extents, sizeof(*t->extents));
    t->private_bytes = malloc(pages * PORTAL_PAGE_SIZE);
    if (!t->extents || !t->private_bytes)
        return fail_host(err, -ENOMEM, "building the image");
    walk_private(b, true, &t->nr_extents, &pages);
    return 0;
}

static void template_free(struct engine_template *t)
{
    fd_close(&t->fd);
    guard_remove(&t->view_guard);
    mem_unmap(t->view, template_bytes(t));
    free(t->extents);
    free(t->private_bytes);
    free(t->file);
    free(t->symbol_order);
    free(t);
}

int template_build(const struct engine_kind *kind,
                   const struct engine_template_params *p,
                   struct engine_template **out, struct engine_error *err)
{
    struct build b = {.fd = -1};
    struct engine_template *t = calloc(1, sizeof(*t));
    int rc;

    *out = NULL;
    if (!t)
        return fail_host(err, -ENOMEM, p->kernel_name);
    b.t = t;
    t->kind = kind;
    t->refs = 1;
    t->fd = -1;
    t->nr_pages = p->nr_pages;
    t->max_pages = p->max_pages;
    rc = image_read(t, p, err);
    if (!rc)
        rc = image_ramdisk_size(p, &b.ramdisk_bytes, err);
    if (!rc)
        rc = kind->plan(t, p, b.ramdisk_bytes, err);
    if (!rc)
        rc = stage(&b, p, err);
    if (!rc)
        rc = make_file(&b, err);
    if (!rc)
        rc = keep_private(&b, err);
    t->as_bytes =
        AS_CONSTANT_BYTES +
        PORTAL_PAGE_SIZE * (2ull * p->max_pages + t->layout.template_pages);
    mem_unmap(b.staging, b.staging_bytes);
    fd_close(&b.fd);
    if (rc)
        template_free(t);
    else
        *out = t;
    return rc;
}

void template_get(struct engine_template *t)
{
    __atomic_fetch_add(&t->refs, 1, __ATOMIC_RELAXED);
}

void template_put(struct engine_template *t)
{
    /* Release pairs with the acquire of whoever drops the last reference, so
     * that everybody's use of (t) is over before it is freed. */
    if (!t || __atomic_fetch_sub(&t->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    zygotes_release(t);
    template_free(t);
}

const struct elf_image *template_image(const struct engine_template *t)
{
    return &t->image;
}
