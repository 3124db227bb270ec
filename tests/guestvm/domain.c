/* SPDX-License-Identifier: ISC */
/* A domain without a daemon: the engine's events counted, calls answered. */
#include <guestvm/guestvm.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <host/clock.h>
#include <host/fd.h>
#include <host/loop.h>

struct loop *test_loop;

static const struct engine_ops *const ops = &process_engine;

static const unsigned *awaited;
static unsigned awaited_value;

static void tell(void)
{
    if (awaited && *awaited >= awaited_value)
        loop_stop(test_loop);
}

static void on_spawned(void *owner, int rc)
{
    struct domain *d = owner;

    d->spawned++;
    d->spawn_rc = rc;
    tell();
}

static void on_doorbell(void *owner)
{
    struct domain *d = owner;

    int taken = portal_take_request(d->win.portal, &d->last_seq, &d->req);

    d->bells++;
    d->sends |= portal_take_sends(d->win.portal);
    if (taken == 1) {
        d->requests++;
        d->req.ret = 0;
        d->req.out_len = 0;
        if (d->serve)
            d->serve(d);
        if (!d->hold) {
            portal_put_response(d->win.portal, d->last_seq, &d->req);
            ops->vm_answer(d->vm);
        }
    }
    tell();
}

static void on_exited(void *owner, int status)
{
    struct domain *d = owner;

    d->exited++;
    d->status = status;
    tell();
}

static void on_paused(void *owner)
{
    struct domain *d = owner;

    d->paused++;
    tell();
}

const struct engine_events domain_events = {.spawned = on_spawned,
                                            .doorbell = on_doorbell,
                                            .exited = on_exited,
                                            .paused = on_paused};

static void too_late(struct loop_source *s, unsigned what)
{
    (void)s;
    (void)what;
    check(0, "what was waited for did not happen within 10 s");
    _exit(1);
}

void run_until(const unsigned *counter, unsigned n)
{
    struct loop_source timer = {.fd = timer_open(), .ready = too_late};

    if (loop_add(test_loop, &timer, LOOP_READ) ||
        timer_arm(timer.fd, 10000000000ull))
        abort();
    awaited = counter;
    awaited_value = n;
    if (*counter < n)
        loop_run(test_loop);
    awaited = NULL;
    loop_del(test_loop, &timer);
    fd_close(&timer.fd);
}

static void stop_again(struct loop_work *w)
{
    (void)w;
    loop_stop(test_loop);
}

/* The descriptors that are ready may come after this in the loop's round: the
 * next one is where it stops. */
static void once_more(struct loop_work *w)
{
    w->run = stop_again;
    loop_post(test_loop, w);
}

void settle(void)
{
    struct loop_work w = {.run = once_more};

    loop_post(test_loop, &w);
    loop_run(test_loop);
}

void domain_create(struct domain *d, struct engine_template *t)
{
    struct engine_vm_params p = {.tmpl = t,
                                 .loop = test_loop,
                                 .events = &domain_events,
                                 .owner = d,
                                 .cpu = -1};
    struct engine_error err = {""};

    memset(d, 0, sizeof(*d));
    check(ops->vm_create(&p, &d->vm, &d->win, &err) == 0, "vm_create %s",
          err.text);
    if (!d->vm)
        exit(1);
}

int domain_spawn(struct domain *d, const char *cmdline)
{
    struct engine_error err = {""};

    return ops->vm_spawn(d->vm, 7, cmdline, 1, 2, &err);
}

void domain_end(struct domain *d)
{
    ops->vm_kill(d->vm);
    run_until(&d->exited, 1);
    check(d->exited == 1, "exited, told once");
    ops->vm_destroy(d->vm);
    d->vm = NULL;
}

void domain_start(struct domain *d, struct engine_template *t)
{
    domain_create(d, t);
    check(domain_spawn(d, "") == 0, "vm_spawn");
    run_until(&d->spawned, 1);
    check(d->spawn_rc == 0, "spawned (%d)", d->spawn_rc);
}

uint64_t domain_read_u64(struct domain *d, uint64_t va)
{
    uint64_t v = 0;

    while (ops->vm_read(d->vm, va, &v, sizeof(v)) != sizeof(v) && !d->exited)
        settle();
    check(!d->exited, "guest memory at 0x%llx", (unsigned long long)va);
    return v;
}

uint64_t domain_await_change(struct domain *d, uint64_t va, uint64_t old)
{
    uint64_t v = old;

    while (v == old && !d->exited) {
        if (ops->vm_read(d->vm, va, &v, sizeof(v)) != sizeof(v))
            v = old;
        settle();
    }
    check(v != old, "the guest runs");
    return v;
}

void domain_await_state(struct domain *d, uint32_t state)
{
    while (__atomic_load_n(&d->win.portal->vcpu_state, __ATOMIC_SEQ_CST) !=
               state &&
           !d->exited)
        settle();
    check(!d->exited, "vCPU state %u reached", state);
}
