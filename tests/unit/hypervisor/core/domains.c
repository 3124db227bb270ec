/* SPDX-License-Identifier: ISC */
/* Life and ids of domains. */
#include "world.h"
#include <stdlib.h>
#include <tap.h>

static int create_with(struct hv *hv, struct hv_domain_config *c)
{
    struct hv_domain *d = (struct hv_domain *)(void *)hv;
    int rc = hv_domain_create(hv, c, &d);

    if (rc != 0) {
        ok(!d, "no domain comes with an error");
        free(c->shared_info);
    }
    return rc;
}

static void test_create(void)
{
    struct hv *hv = world_begin();
    struct hv_domain_config c;
    struct hv_domain *d = new_domain(hv, "one");

    is_int(hv_domain_id(d), 1, "the first domain is 1");
    is_str(hv_domain_name(d), "one", "its name");
    is_int(hv_domain_uuid(d)[2], 3, "its uuid");
    is_int(hv_domain_nr_pages(d), 100, "its memory");
    is_int(hv_domain_max_pages(d), 200, "its maxmem");
    is_int(hv_domain_nr_vcpus(d), 1, "its vCPUs");
    is_int(hv_domain_created_ns(d), 123456789, "its birthday");
    ok(hv_domain_by_id(hv, 1) == d, "found by id");
    ok(hv_domain_by_name(hv, "one") == d, "found by name");
    ok(!hv_domain_by_id(hv, 0), "domain 0 is nobody's structure");
    ok(!hv_domain_by_id(hv, 2), "nor is 2");
    ok(!hv_domain_by_id(hv, DOMID_SELF), "nor DOMID_SELF");
    is_int(hv_nr_domains(hv), 1, "one domain");

    c = domain_config("one");
    is_int(create_with(hv, &c), -XEN_EEXIST, "a name is had once");
    c = domain_config("two/");
    is_int(create_with(hv, &c), -XEN_EINVAL, "a bad name");
    c = domain_config("two");
    c.nr_pages = 0;
    is_int(create_with(hv, &c), -XEN_EINVAL, "no memory");
    c = domain_config("two");
    c.nr_pages = 201;
    is_int(create_with(hv, &c), -XEN_EINVAL, "memory over maxmem");
    c = domain_config("two");
    c.nr_vcpus = 0;
    is_int(create_with(hv, &c), -XEN_EINVAL, "no vCPU");
    c = domain_config("two");
    c.nr_vcpus = 33;
    is_int(create_with(hv, &c), -XEN_EINVAL, "more vCPUs than shared_info has");
    c = domain_config("two");
    c.max_event_channels = 131072;
    is_int(create_with(hv, &c), -XEN_EINVAL, "more ports than FIFO has");
    is_int(hv_nr_domains(hv), 1, "still one domain");
    world_end(hv);
}

/* Whichever allocation fails: an error, and nothing is left behind. */
static void test_no_memory(void)
{
    struct hv *hv;
    int n, made = 0;

    for (n = 0; n < 3; n++) {
        hv = world_begin();
        if (hv)
            hv_destroy(hv);
    }
    hv = world_begin();
    for (n = 0; !made; n++) {
        struct hv_domain_config c = domain_config("poor");
        int rc;

        fail_alloc_after = n;
        rc = create_with(hv, &c);
        made = rc == 0;
        if (!made)
            is_int(rc, -XEN_ENOMEM, "allocation %d of a domain fails", n);
        fail_alloc_after = -1;
    }
    ok(n >= 4, "a domain takes three allocations or more");
    world_end(hv);
}

static void test_states(void)
{
    struct hv *hv = world_begin();
    struct hv_domain_config c = domain_config("d");
    struct hv_domain *d;

    is_int(hv_domain_create(hv, &c, &d), 0, "create");
    is_int(hv_domain_state(d), HV_DOM_BUILDING, "building");
    hv_domain_start(d);
    is_int(hv_domain_state(d), HV_DOM_RUNNING, "running");
    hv_domain_shutdown(d, SHUTDOWN_reboot);
    is_int(hv_domain_state(d), HV_DOM_SHUTDOWN, "shut down");
    is_int(seen.shutdowns, 1, "the host is told");
    is_int(seen.last_reason, SHUTDOWN_reboot, "with the reason");
    hv_domain_shutdown(d, SHUTDOWN_crash);
    is_int(seen.shutdowns, 1, "once");
    is_int(hv_domain_shutdown_reason(d), SHUTDOWN_reboot, "the first counts");
    hv_domain_start(d);
    is_int(hv_domain_state(d), HV_DOM_SHUTDOWN, "no way back");
    hv_domain_kill(d);
    is_int(hv_domain_state(d), HV_DOM_DYING, "dying");
    hv_domain_shutdown(d, 0);
    hv_domain_start(d);
    hv_domain_kill(d);
    is_int(hv_domain_state(d), HV_DOM_DYING, "nothing changes that");
    ok(hv_domain_by_id(hv, 1) == d, "its id is still its own");
    ok(!hv_domain_by_name(hv, "d"), "its name is not");
    is_int(hv_evtchn_bind_backend(d, NULL, NULL), -XEN_EINVAL,
           "it gets no ports");
    new_domain(hv, "d");
    ok(hv_domain_by_name(hv, "d"), "somebody else can have the name");
    world_end(hv);
}

static void test_walk(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d[5], *w;
    char name[8];
    int i, good = 1;

    for (i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "d%d", i);
        d[i] = new_domain(hv, name);
    }
    end_domain(d[2]);
    w = hv_domain_next(hv, NULL);
    for (i = 0; i < 5; i++) {
        if (i == 2)
            continue;
        good &= w == d[i];
        w = w ? hv_domain_next(hv, w) : NULL;
    }
    ok(good && !w, "the walk meets the living in order");
    is_int(hv_nr_domains(hv), 4, "as many as there are");
    world_end(hv);
}

/* Runs the id counter up to (last): the next domain gets the one behind it. */
static void spend_ids(struct hv *hv, unsigned last)
{
    unsigned id;

    do {
        struct hv_domain *d = new_domain(hv, "spender");

        id = hv_domain_id(d);
        end_domain(d);
    } while (id != last);
}

static void test_wrap(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_domain(hv, "a"), *b = new_domain(hv, "b"), *c;

    is_int(hv_domain_id(b), 2, "b is 2");
    end_domain(b);
    b = new_domain(hv, "b");
    is_int(hv_domain_id(b), 3, "an id is not given again at once");
    spend_ids(hv, HV_DOMID_LIMIT - 2);
    c = new_domain(hv, "c");
    is_int(hv_domain_id(c), HV_DOMID_LIMIT - 1, "the last id");
    c = new_domain(hv, "c2");
    is_int(hv_domain_id(c), 2, "then they wrap; 1 is taken");
    c = new_domain(hv, "c3");
    is_int(hv_domain_id(c), 4, "3 is taken as well");
    ok(hv_domain_by_id(hv, 1) == a && hv_domain_by_id(hv, 3) == b,
       "the old ones are still themselves");
    hv_domain_kill(c);
    spend_ids(hv, 3 + 2);
    spend_ids(hv, HV_DOMID_LIMIT - 2);
    c = new_domain(hv, "c4");
    is_int(hv_domain_id(c), 5, "a dying domain's id is not given");
    world_end(hv);
}

/* All ids taken. */
static void test_full(void)
{
    struct hv *hv = world_begin();
    struct shared_info *si = calloc(1, 4096);
    struct hv_domain_config c = {.nr_pages = 1, .max_pages = 1, .nr_vcpus = 1};
    struct hv_domain *d;
    char name[16];
    unsigned i;
    int rc = 0;

    c.name = name;
    c.shared_info = si;
    for (i = 1; i < HV_DOMID_LIMIT && rc == 0; i++) {
        snprintf(name, sizeof(name), "dom-%u", i);
        rc = hv_domain_create(hv, &c, &d);
    }
    is_int(rc, 0, "32,751 domains");
    snprintf(name, sizeof(name), "dom-x");
    is_int(hv_domain_create(hv, &c, &d), -XEN_ENOSPC, "but no more");
    ok(hv_domain_by_name(hv, "dom-30000") == hv_domain_by_id(hv, 30000),
       "names are found among them");
    d = hv_domain_by_id(hv, 20000);
    hv_domain_kill(d);
    is_int(hv_domain_create(hv, &c, &d), -XEN_ENOSPC, "a dying one counts");
    hv_domain_destroy(hv_domain_by_id(hv, 20000));
    is_int(hv_domain_create(hv, &c, &d), 0, "a gone one does not");
    is_int(hv_domain_id(d), 20000, "its id is given");
    while ((d = hv_domain_next(hv, NULL))) {
        hv_domain_kill(d);
        hv_domain_destroy(d);
    }
    free(si);
    world_end(hv);
}

void test_domains(void)
{
    test_create();
    test_no_memory();
    test_states();
    test_walk();
    test_wrap();
    test_full();
}
