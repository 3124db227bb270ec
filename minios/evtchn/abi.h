/* SPDX-License-Identifier: ISC */
/*
 * How ports' states are kept and delivered: one table for each ABI. All of it
 * runs with events enabled or not, but for (deliver).
 */
#ifndef EVTCHN_ABI_H
#define EVTCHN_ABI_H

#include <minios/evtchn.h>

struct evtchn_abi {
    const char *name;
    evtchn_port_t max_ports; /* ports are below this                        */
    /* Makes the state of (port) accessible; nothing else may be asked for a
     * port before. 0 or -XEN_ENOMEM. Thread context. */
    int (*prepare)(evtchn_port_t port);
    void (*mask)(evtchn_port_t port);
    /* Clears the mask. True: it has become pending meanwhile and nobody will
     * deliver it; EVTCHNOP_unmask does. */
    bool (*unmask)(evtchn_port_t port);
    bool (*is_pending)(evtchn_port_t port);
    bool (*clear_pending)(evtchn_port_t port); /* whether it was            */
    /* Calls evtchn_deliver() for what is pending and not masked. In the upcall;
     * the vCPU's flag has been cleared. */
    void (*deliver)(void);
};

extern const struct evtchn_abi evtchn_two_level, evtchn_fifo;

/* two_level.c: masks every port. */
void two_level_init(void);
/* Whether (port) is masked; any port below the ABI's limit. */
bool two_level_is_masked(evtchn_port_t port);

/* fifo.c: asks for the ABI, with words for all ports up to (last). Events are
 * disabled. 0 or -XEN_E*: nothing has changed. */
int fifo_init(evtchn_port_t last);

/* evtchn.c: clears the pending bit and calls the handler. */
void evtchn_deliver(evtchn_port_t port);

#endif /* EVTCHN_ABI_H */
