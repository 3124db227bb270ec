/* SPDX-License-Identifier: ISC */
/* Shared by the parts of the events guest. */
#ifndef EVENTS_H
#define EVENTS_H

#include <guest/tap.h>
#include <stdbool.h>
#include <stdint.h>

void test_two_level(void);
void test_switch(void);
void test_fifo(void);
void test_all_ports(void);

/* Waits for the guest that connects; 0, or 1 when something went wrong. */
int peer_listen(unsigned domid);
/* The one that connects to (port) of (domid). */
int peer_connect(unsigned domid, unsigned port);

#endif /* EVENTS_H */
