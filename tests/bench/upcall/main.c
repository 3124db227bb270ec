/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-upcall [COUNT]: makes an event pending for a guest that is
 * blocked, and prints, as CSV, the nanoseconds from just before the kick to the
 * first instruction of the guest's event handler.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xen/xen.h>

#include <bench/clock.h>
#include <guestvm/guestvm.h>
#include <host/loop.h>
#include <host/signals.h>

#define CALIBRATE_MS 50
#define WARM_UP      100ul
/* The guest has blocked again long before. */
#define REST_NS 300000

int check(int good, const char *format, ...)
{
    va_list ap;

    if (good)
        return 1;
    fprintf(stderr, "midge-bench-upcall: failed: ");
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "\n");
    exit(1);
}

static void rest(void)
{
    const struct timespec t = {.tv_nsec = REST_NS};

    nanosleep(&t, NULL);
}

/* Until the guest has counted (upcalls) and is blocked. Sleeps meanwhile: on one
 * CPU the guest gets it at once. */
static void await_blocked(struct domain *d, uint64_t upcalls)
{
    do
        rest();
    while (domain_read_u64(d, GUEST_COUNTER) != upcalls ||
           __atomic_load_n(&d->win.portal->vcpu_state, __ATOMIC_SEQ_CST) !=
               PORTAL_VCPU_BLOCKED);
}

static int64_t measure(struct domain *d, const struct tsc_rate *rate)
{
    uint64_t before = domain_read_u64(d, GUEST_COUNTER), start;

    __atomic_store_n(&d->win.shared_info->vcpu_info[0].evtchn_upcall_pending, 1,
                     __ATOMIC_SEQ_CST);
    start = tsc_now();
    process_engine.vm_kick(d->vm, false);
    await_blocked(d, before + 1);
    return tsc_ns_between(start, domain_read_u64(d, GUEST_UPCALL_TSC), rate);
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000, i;
    struct engine_template *t;
    struct tsc_rate rate;
    struct domain d;

    check(count > 0 && count <= 1000000, "COUNT is 1 to 1000000");
    check(signals_init() == 0, "signals_init");
    test_loop = loop_create();
    check(test_loop != NULL, "loop_create");
    tsc_calibrate(&rate, CALIBRATE_MS);
    t = guest_template(GUEST_UPCALLS);
    domain_start(&d, t);
    process_engine.vm_unpause(d.vm);
    await_blocked(&d, 0);
    printf("upcall_ns\n");
    for (i = 0; i < WARM_UP + count; i++) {
        int64_t ns = measure(&d, &rate);

        if (i >= WARM_UP)
            printf("%lld\n", (long long)ns);
    }
    domain_end(&d);
    process_engine.template_put(t);
    return 0;
}
