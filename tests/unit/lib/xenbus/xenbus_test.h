/* SPDX-License-Identifier: ISC */
/* What the files of this test share: the other end of the ring. */
#ifndef XENBUS_TEST_H
#define XENBUS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>
#include <xenbus/client.h>

extern struct xenstore_domain_interface ring;
extern struct xbc client;
/* Allocations that fail: the next (fail_after)th from now; SIZE_MAX: none. */
extern size_t fail_after;
/* Blocks allocated and not freed. */
extern size_t blocks;

/* A new client on a ring whose indices stand at (start). */
void begin(uint32_t start);
/* Frees what (r) was answered. */
void drop_reply(struct xenbus_request *r);
/* The client is at its end: nothing is left allocated. */
void end(const char *what);

/* Reads the next whole request from the ring: its payload's length, with the
 * client pushed as often as needed; -1: there is none. */
int next_request(struct xsd_sockmsg *h, char body[XENSTORE_PAYLOAD_MAX]);
/* Sends a message, pulling as often as needed. False when the client died. */
bool answer(uint32_t type, uint32_t id, const void *body, size_t len);
/* Puts bytes in the ring; they must fit. */
void put(const void *bytes, size_t len);

void test_client(void);
void test_hostile(void);
void test_events(void);
void test_directory(void);
void test_frontend(void);

#endif /* XENBUS_TEST_H */
