/* SPDX-License-Identifier: ISC */
/*
 * A vm's memory for a core dump. The daemon keeps no descriptor
 * of a domain's RAM; the one its process has (GUEST_FD_RAM) is opened anew,
 * which a parked or stopped process cannot prevent.
 */
#include <common/common.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <host/fd.h>
#include <host/process.h>

struct engine_memory {
    struct engine_template *tmpl;
    int ram_fd;
    uint8_t *unshared; /* the vm's, as it was; NULL = none                  */
    uint64_t cr3_mfn;
    /* [run, run_end) of the RAM file is known to be data, or to be a hole. */
    uint64_t run, run_end;
    bool run_data;
};

uint64_t memory_cr3(const struct engine_memory *mem)
{
    return mem->cr3_mfn;
}

uint32_t memory_nr_frames(const struct engine_memory *mem)
{
    return mem->tmpl->max_pages + NR_SPECIAL_FRAMES;
}

void memory_close(struct engine_memory *mem)
{
    if (!mem)
        return;
    fd_close(&mem->ram_fd);
    template_put(mem->tmpl);
    free(mem->unshared);
    free(mem);
}

int vm_memory(struct engine_vm *vm, struct engine_memory **out)
{
    size_t bitmap = (vm->tmpl->max_pages + 7) / 8;
    struct engine_memory *mem;

    *out = NULL;
    if (vm->pid <= 0)
        return -ESRCH;
    mem = calloc(1, sizeof(*mem));
    if (!mem)
        return -ENOMEM;
    template_get(vm->tmpl);
    mem->tmpl = vm->tmpl;
    mem->cr3_mfn = vm->portal->cr3_mfn;
    mem->ram_fd = process_open_fd(vm->pid, GUEST_FD_RAM);
    if (vm->unshared)
        mem->unshared = malloc(bitmap);
    if (mem->unshared)
        memcpy(mem->unshared, vm->unshared, bitmap);
    if (mem->ram_fd < 0 || (vm->unshared && !mem->unshared)) {
        int rc = mem->ram_fd < 0 ? mem->ram_fd : -ENOMEM;

        memory_close(mem);
        return rc;
    }
    *out = mem;
    return 0;
}

static int read_ram(struct engine_memory *mem, uint64_t file_page, void *page)
{
    uint64_t off = file_page * PORTAL_PAGE_SIZE;

    if (off < mem->run || off >= mem->run_end) {
        int rc = fd_find_run(mem->ram_fd, off, &mem->run_end, &mem->run_data);

        if (rc)
            return rc;
        mem->run = off;
    }
    if (!mem->run_data)
        return 0;
    return fd_pread_all(mem->ram_fd, page, PORTAL_PAGE_SIZE, off) ? -EIO : 1;
}

/* The template's frames that the vm has no copy of. */
static bool is_shared(const struct engine_memory *mem,
                      const struct portal_range *r, uint32_t mfn)
{
    return r->backing == PORTAL_BACK_TEMPLATE &&
           !(mem->unshared && (mem->unshared[mfn / 8] >> (mfn % 8) & 1));
}

int memory_read(struct engine_memory *mem, uint64_t mfn, void *page)
{
    const struct engine_template *t = mem->tmpl;
    const struct portal_range *r;
    uint32_t frame = (uint32_t)mfn;

    if (mfn == MFN_SHARED_INFO(t->max_pages))
        return read_ram(mem, WINDOW_SHINFO, page);
    if (mfn >= t->max_pages + NR_SPECIAL_FRAMES)
        return -EINVAL;
    r = mfn < t->max_pages ? range_of(&t->layout, frame) : NULL;
    if (r && is_shared(mem, r, frame))
        return fd_pread_all(t->fd, page, PORTAL_PAGE_SIZE,
                            (uint64_t)(r->file_page + (frame - r->mfn)) *
                                PORTAL_PAGE_SIZE)
                   ? -EIO
                   : 1;
    if (r && r->backing == PORTAL_BACK_RAM)
        return read_ram(mem, (uint64_t)r->file_page + (frame - r->mfn), page);
    return read_ram(mem, (uint64_t)RAM_FILE_FIRST + frame, page);
}
