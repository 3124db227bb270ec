/* SPDX-License-Identifier: ISC */
/*
 * Single frames of a vm: made private, given back, made addressable. The daemon
 * keeps no descriptor of a domain's RAM: it maps pages through the window it has
 * (host/memfd.h: memfd_map_again()), most of them for the moment. The first frame that somebody wants to keep makes the view, one
 * mapping of all of the RAM file that stays as long as the vm: however many
 * frames are in use, they cost one mapping. Frames of the template have a view,
 * too, which all its vms share. Views are guarded (host/guard.h).
 */
#include <common/common.h>

#include <errno.h>
#include <stdlib.h>

#include <base/compiler.h>
#include <host/fd.h>
#include <host/memfd.h>

static bool is_unshared(const struct engine_vm *vm, uint32_t mfn)
{
    return vm->unshared && mfn < vm->tmpl->max_pages &&
           (vm->unshared[mfn / 8] >> (mfn % 8) & 1);
}

const struct portal_range *range_of(const struct pv_layout *l, uint32_t mfn)
{
    for (uint32_t i = 0; i < l->nr_ranges; i++) {
        if (mfn - l->range[i].mfn < l->range[i].nr)
            return &l->range[i];
    }
    return NULL;
}

static void *map_ram(const struct engine_vm *vm, uint32_t file_page,
                     uint32_t nr)
{
    return memfd_map_again(vm->window, (uint64_t)file_page * PORTAL_PAGE_SIZE,
                           nr * PORTAL_PAGE_SIZE);
}

int vm_unshare_frame(struct engine_vm *vm, uint32_t mfn)
{
    const struct portal_range *r = range_of(&vm->tmpl->layout, mfn);
    void *page;
    int rc;

    if (mfn >= vm->tmpl->max_pages)
        return -EINVAL;
    if (!r || r->backing != PORTAL_BACK_TEMPLATE || is_unshared(vm, mfn))
        return 0;
    if (!vm->unshared) {
        vm->unshared = calloc(1, (vm->tmpl->max_pages + 7) / 8);
        if (!vm->unshared)
            return -ENOMEM;
    }
    page = map_ram(vm, RAM_FILE_FIRST + mfn, 1);
    if (!page)
        return -ENOMEM;
    rc = mem_populate(page, PORTAL_PAGE_SIZE);
    if (!rc)
        rc = fd_pread_all(vm->tmpl->fd, page, PORTAL_PAGE_SIZE,
                          (uint64_t)(r->file_page + (mfn - r->mfn)) *
                              PORTAL_PAGE_SIZE);
    mem_unmap(page, PORTAL_PAGE_SIZE);
    if (rc)
        return -ENOMEM;
    vm->unshared[mfn / 8] |= (uint8_t)(1u << (mfn % 8));
    return 0;
}

/* The page of the RAM file behind (mfn), or UINT32_MAX: it has none, being the
 * template's or no frame at all. */
static uint32_t ram_page_of(const struct engine_vm *vm, uint32_t mfn)
{
    const struct portal_range *r = range_of(&vm->tmpl->layout, mfn);
    uint32_t max_pages = vm->tmpl->max_pages;

    if (mfn == MFN_SHARED_INFO(max_pages))
        return WINDOW_SHINFO;
    if (mfn >= max_pages + NR_SPECIAL_FRAMES)
        return UINT32_MAX;
    if (!r || is_unshared(vm, mfn))
        return RAM_FILE_FIRST + mfn;
    return r->backing == PORTAL_BACK_RAM ? r->file_page + (mfn - r->mfn)
                                         : UINT32_MAX;
}

static void *view_page(struct engine_vm *vm, uint32_t file_page)
{
    size_t bytes = ram_file_bytes(vm->tmpl->max_pages);
    void *page;

    if (!vm->view) {
        vm->view = memfd_map_again(vm->window, 0, bytes);
        if (!vm->view)
            return NULL;
        guard_add(&vm->view_guard, vm->view, bytes);
    }
    page = (char *)vm->view + (size_t)file_page * PORTAL_PAGE_SIZE;
    return mem_populate(page, PORTAL_PAGE_SIZE) == 0 ? page : NULL;
}

/* All of a template is present: it was written as a whole. */
static void *template_page(struct engine_template *t, uint32_t file_page)
{
    if (!t->view) {
        t->view = memfd_map(t->fd, 0, template_bytes(t), false);
        if (!t->view)
            return NULL;
        guard_add(&t->view_guard, t->view, template_bytes(t));
    }
    return (char *)t->view + (size_t)file_page * PORTAL_PAGE_SIZE;
}

void *vm_map_frame(struct engine_vm *vm, uint32_t mfn, bool writable)
{
    const struct portal_range *r = range_of(&vm->tmpl->layout, mfn);
    uint32_t file_page;

    if (writable && mfn < vm->tmpl->max_pages && vm_unshare_frame(vm, mfn))
        return NULL;
    file_page = ram_page_of(vm, mfn);
    if (file_page != UINT32_MAX)
        return view_page(vm, file_page);
    if (!r)
        return NULL;
    return template_page(vm->tmpl, r->file_page + (mfn - r->mfn));
}

void vm_unmap_frame(struct engine_vm *vm, uint32_t mfn, void *page)
{
    /* The views stay. */
    (void)vm;
    (void)mfn;
    (void)page;
}

static bool lies_in(const void *page, const void *base, size_t bytes)
{
    return base && (uintptr_t)page - (uintptr_t)base < bytes;
}

bool vm_has_page(const struct engine_vm *vm, const void *page)
{
    return lies_in(page, vm->window, WINDOW_PAGES * PORTAL_PAGE_SIZE) ||
           lies_in(page, vm->view, ram_file_bytes(vm->tmpl->max_pages)) ||
           lies_in(page, vm->tmpl->view, template_bytes(vm->tmpl));
}

/* Page of the RAM file that holds the domain's own memory of frame (mfn), 0 =
 * none that could be given back. */
static uint32_t own_file_page(const struct engine_vm *vm, uint32_t mfn)
{
    uint32_t page = ram_page_of(vm, mfn);

    /* The daemon uses the window as long as the domain lives. */
    return page == UINT32_MAX || page < WINDOW_PAGES ? 0 : page;
}

static void punch(const struct engine_vm *vm, uint32_t file_page, uint32_t nr)
{
    void *p = map_ram(vm, file_page, nr);

    if (!p)
        return;                                 /* costs memory, nothing else */
    (void)!mem_punch(p, nr * PORTAL_PAGE_SIZE); /* the same */
    mem_unmap(p, nr * PORTAL_PAGE_SIZE);
}

void vm_release_frames(struct engine_vm *vm, uint32_t mfn, uint32_t nr)
{
    uint32_t max = vm->tmpl->max_pages, first = 0, n = 0;

    if (mfn >= max)
        return;
    nr = MIN(nr, max - mfn);
    /* One mapping for each run in the file; an extent is one as a rule. */
    for (uint32_t i = 0; i < nr; i++) {
        uint32_t page = own_file_page(vm, mfn + i);

        if (n && page == first + n) {
            n++;
            continue;
        }
        if (n)
            punch(vm, first, n);
        first = page;
        n = page ? 1 : 0;
    }
    if (n)
        punch(vm, first, n);
}
