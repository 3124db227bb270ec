/* SPDX-License-Identifier: ISC */
/* A vm's memory: made, given its start-up parameters, freed. */
#include <common/common.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>

#include <host/clock.h>
#include <host/fd.h>
#include <host/memfd.h>
#include <host/pipe.h>
#include <common/window.h>

#define NS_PER_SEC 1000000000ull

static void *window_page(const struct engine_vm *vm, unsigned page)
{
    return (char *)vm->window + page * PORTAL_PAGE_SIZE;
}

/* The portal's boot parameters while no process has the page yet. */
static struct portal_boot *boot_of(const struct engine_vm *vm)
{
    struct portal *p = window_page(vm, WINDOW_PORTAL);

    return &p->boot;
}

static int make_ram(struct engine_vm *vm)
{
    const struct engine_template *t = vm->tmpl;
    int rc;

    vm->ram_fd =
        memfd_create_sealable("midge-ram", ram_file_bytes(t->max_pages));
    if (vm->ram_fd < 0)
        return vm->ram_fd;
    rc = memfd_seal(vm->ram_fd, MEMFD_SEAL_SIZE);
    for (size_t i = 0; i < t->nr_extents && !rc; i++) {
        const struct extent *e = &t->extents[i];

        rc = fd_pwrite_all(vm->ram_fd, t->private_bytes + e->offset,
                           e->nr * PORTAL_PAGE_SIZE,
                           (uint64_t)e->file_page * PORTAL_PAGE_SIZE);
    }
    return rc;
}

static int make_window(struct engine_vm *vm)
{
    static const uint8_t zeroes[WINDOW_PAGES * PORTAL_PAGE_SIZE];
    int rc;

    /* What the daemon itself is going to touch is made present here, where a
     * shortage is an error and not SIGBUS; by writing, which costs half of what
     * faults cost. */
    rc = fd_pwrite_all(vm->ram_fd, zeroes, sizeof(zeroes), 0);
    if (rc)
        return rc;
    vm->window = window_map(vm->ram_fd);
    if (!vm->window)
        return -errno;
    /* A read maps everything present around it, a write only its own page. */
    vm->portal = window_page(vm, WINDOW_PORTAL);
    (void)vm->portal->gate;
    return 0;
}

/* Time and wall clock (xen.h: struct vcpu_time_info, wc_*). Nobody reads them
 * yet, so the version counters need no dance: even means valid. */
static void init_shared_info(const struct engine_kind *kind,
                             struct shared_info *si)
{
    struct vcpu_time_info *ti = &si->vcpu_info[0].time;
    struct clock_params cp;
    uint64_t wc;

    if (kind->fill_shared_info)
        kind->fill_shared_info(si);
    clock_tsc_params(&cp);
    ti->version = 2;
    ti->tsc_timestamp = cp.tsc_timestamp;
    ti->system_time = cp.system_time_ns;
    ti->tsc_to_system_mul = cp.tsc_to_system_mul;
    ti->tsc_shift = cp.tsc_shift;
    wc = clock_wall_ns() - clock_mono_ns(); /* when system time was 0 */
    si->wc_version = 2;
    si->wc_sec = (uint32_t)(wc / NS_PER_SEC);
    si->wc_sec_hi = (uint32_t)(wc / NS_PER_SEC >> 32);
    si->wc_nsec = (uint32_t)(wc % NS_PER_SEC);
}

static void free_resources(struct engine_vm *vm)
{
    fd_close(&vm->ram_fd);
    fd_close(&vm->bell_wr);
    guard_remove(&vm->view_guard);
    mem_unmap(vm->view, ram_file_bytes(vm->tmpl->max_pages));
    vm->view = NULL;
    window_unmap(vm->window);
    vm->window = NULL;
    vm->portal = NULL;
    free(vm->unshared);
    vm->unshared = NULL;
}

struct discard *vm_take_discard(struct engine_vm *vm)
{
    struct discard *d = vm->discard;

    vm->discard = NULL;
    return d;
}

void vm_unpin(struct engine_vm *vm)
{
    vm->pins--;
    if (vm->pins)
        return;
    fd_close(&vm->bell.fd);
    fd_close(&vm->ram_fd);
    fd_close(&vm->bell_wr);
    template_put(vm->tmpl);
    pthread_mutex_destroy(&vm->lock);
    free(vm->discard);
    free(vm);
}

int vm_create(const struct engine_vm_params *p, struct engine_vm **out,
              struct engine_window *win, struct engine_error *err)
{
    struct engine_vm *vm = calloc(1, sizeof(*vm));
    int bell[2] = {-1, -1};
    int rc;

    *out = NULL;
    if (vm)
        vm->discard = calloc(1, sizeof(*vm->discard));
    if (!vm || !vm->discard) {
        free(vm);
        return fail_host(err, -ENOMEM, "creating the domain");
    }
    template_get(p->tmpl);
    vm->tmpl = p->tmpl;
    vm->loop = p->loop;
    vm->events = p->events;
    vm->owner = p->owner;
    vm->cpu = p->cpu;
    vm->ram_fd = vm->look.fd = -1;
    vm->pins = 1; /* the owner's */
    pthread_mutex_init(&vm->lock, NULL);
    rc = pipe_create(bell);
    vm->bell.fd = bell[0];
    vm->bell_wr = bell[1];
    if (!rc)
        rc = make_ram(vm);
    if (!rc)
        rc = make_window(vm);
    if (rc) {
        vm_destroy(vm);
        return fail_host(err, rc, "making the domain's memory");
    }
    win->portal = vm->portal;
    win->shared_info = window_page(vm, WINDOW_SHINFO);
    win->store = window_page(vm, WINDOW_STORE);
    win->console = window_page(vm, WINDOW_CONS);
    win->store_mfn = vm->tmpl->layout.store;
    win->console_mfn = vm->tmpl->layout.console;
    init_shared_info(vm->tmpl->kind, win->shared_info);
    *out = vm;
    return 0;
}

/* Where frame (mfn), RAM-backed from the start, lies in the RAM file. */
static uint64_t ram_offset(const struct pv_layout *l, uint32_t mfn)
{
    for (uint32_t i = 0; i < l->nr_ranges; i++) {
        const struct portal_range *r = &l->range[i];

        if (mfn - r->mfn < r->nr && r->backing == PORTAL_BACK_RAM)
            return (uint64_t)(r->file_page + (mfn - r->mfn)) * PORTAL_PAGE_SIZE;
    }
    return (uint64_t)(RAM_FILE_FIRST + mfn) * PORTAL_PAGE_SIZE;
}

int vm_spawn(struct engine_vm *vm, unsigned domid, const char *cmdline,
             unsigned store_port, unsigned console_port,
             struct engine_error *err)
{
    const struct engine_template *t = vm->tmpl;
    uint8_t page[PORTAL_PAGE_SIZE] __attribute__((aligned(16)));
    const struct engine_start start = {
        .domid = domid,
        .store_port = store_port,
        .console_port = console_port,
        .cmdline = cmdline,
    };
    struct portal_boot boot;
    int rc;

    if (vm->life != VM_CREATED)
        return fail(err, -EBUSY, "the domain has been started already");
    memset(page, 0, sizeof(page));
    if (!t->kind->fill_start(t, &start, page))
        return fail(err, -E2BIG, "command line too long: %zu bytes, at most %d",
                    strlen(cmdline), MAX_GUEST_CMDLINE - 1);
    rc = fd_pwrite_all(vm->ram_fd, page, sizeof(page),
                       ram_offset(&t->layout, t->layout.start_info));
    if (rc)
        return fail_host(err, rc, "writing start_info");
    memset(&boot, 0, sizeof(boot));
    t->kind->fill_boot(t, &start, &boot);
    memcpy(boot_of(vm), &boot, sizeof(boot));
    rc = zygote_request_spawn(vm, err);
    if (!rc)
        vm->life = VM_SPAWNING;
    return rc;
}

void vm_destroy(struct engine_vm *vm)
{
    vm->destroyed = true;
    vm_look_no_more(vm);
    if (vm->life == VM_ALIVE || vm->life == VM_ENDING) {
        /* Against the contract, but it must not outlive us. */
        if (vm->bell.fd >= 0)
            loop_del(vm->loop, &vm->bell);
        keeper_discard(vm_take_discard(vm), vm->pid);
    }
    /* A request that has not been answered needs its descriptors, and the
     * doorbell's read end identifies its process: the last unpin closes it. */
    if (vm->life == VM_SPAWNING && !vm->spawn.sent) {
        int ram_fd = vm->ram_fd, bell_wr = vm->bell_wr;

        vm->ram_fd = vm->bell_wr = -1;
        free_resources(vm);
        vm->ram_fd = ram_fd;
        vm->bell_wr = bell_wr;
    } else {
        free_resources(vm);
    }
    vm_unpin(vm);
}
