/* SPDX-License-Identifier: ISC */
/* FIFO event channels: as many ports as there are, delivered by priority. */
#include "evbench.h"

#include <minios/arch.h>
#include <minios/evtchn.h>
#include <minios/stdio.h>
#include <minios/time.h>

#define PORTS_DEFAULT 131071u
#define PRIORITIES    (EVTCHN_FIFO_PRIORITY_MIN + 1u)

static unsigned delivered, out_of_order, last_priority;

static unsigned priority_of(evtchn_port_t port)
{
    return port % PRIORITIES;
}

static void handler(evtchn_port_t port, void *arg)
{
    unsigned priority = priority_of(port);

    (void)arg;
    if (priority < last_priority)
        out_of_order++;
    last_priority = priority;
    delivered++;
}

/* Binds ports until (wanted) of the table are in use or there are no more;
 * returns how many were bound here, their numbers in [*first, *last]. */
static int bind_ports(unsigned wanted, evtchn_port_t *first,
                      evtchn_port_t *last)
{
    unsigned nr = 0;
    int port = 0, rc;

    while ((unsigned)port < wanted && (port = evtchn_bind_ipi()) > 0) {
        rc = evtchn_bind_handler((evtchn_port_t)port, handler, NULL);
        if (rc == 0)
            rc = evtchn_set_priority((evtchn_port_t)port,
                                     priority_of((evtchn_port_t)port));
        if (rc < 0)
            return rc;
        if (nr++ == 0)
            *first = (evtchn_port_t)port;
        *last = (evtchn_port_t)port;
    }
    return (int)nr;
}

static void raise_all(evtchn_port_t first, evtchn_port_t last)
{
    evtchn_port_t port;

    for (port = last; port >= first; port--)
        (void)evtchn_notify(port); /* what does not arrive is missed below */
}

int bench_fifo(int argc, char **argv)
{
    unsigned wanted = argc > 0 ? number(argv[0], 0) : PORTS_DEFAULT;
    evtchn_port_t first = 0, last = 0;
    uint64_t start, bound, raised, done;
    int rc = evtchn_use_fifo(), nr;

    if (rc < 0)
        return failed("evtchn_use_fifo", rc);
    start = time_cycles();
    nr = bind_ports(wanted, &first, &last);
    if (nr <= 0)
        return failed("binding ports", nr);
    bound = time_cycles();
    delivered = out_of_order = last_priority = 0;
    arch_events_disable();
    raise_all(first, last);
    raised = time_cycles();
    arch_events_enable();
    done = time_cycles();
    printf("fifo: %d ports up to %u, %u delivered, %u out of order\n", nr, last,
           delivered, out_of_order);
    printf("fifo bind: %lu ns\n", cycles_to_ns(bound - start) / (unsigned)nr);
    printf("fifo send: %lu ns\n", cycles_to_ns(raised - bound) / (unsigned)nr);
    printf("fifo deliver: %lu ns\n",
           cycles_to_ns(done - raised) / (unsigned)nr);
    return delivered == (unsigned)nr && out_of_order == 0 ? 0 : 1;
}
