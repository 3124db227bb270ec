/* SPDX-License-Identifier: ISC */
/*
 * The hypervisor's message ring, behind `xl dmesg': a fixed number of bytes
 * holding whole lines; the oldest lines make room for new ones. Every byte has
 * a position that only grows, so that a reader can come back for more.
 *
 * No locking: the caller serialises.
 */
#ifndef DAEMON_DMESG_H
#define DAEMON_DMESG_H

#include <stddef.h>
#include <stdint.h>

#define DMESG_LINE_MAX 512u /* longest line, stamp and newline included    */

struct dmesg;

/* (bytes) >= DMESG_LINE_MAX. NULL when out of memory. */
struct dmesg *dmesg_create(size_t bytes);
void dmesg_destroy(struct dmesg *d);

/*
 * Adds one line "(midge) [seconds.micros] text"; (now_ns) is the time since the
 * daemon's start. What is not printable ASCII becomes '?', what is too long is cut.
 */
void dmesg_add(struct dmesg *d, uint64_t now_ns, const char *text);

/*
 * Copies whole lines, oldest first, that begin at position (from) or later, as
 * many as fit (size) with a NUL. Returns the bytes copied; (*next) = where to
 * go on, equal to dmesg_end() when nothing is left.
 */
size_t dmesg_read(const struct dmesg *d, uint64_t from, char *buf, size_t size,
                  uint64_t *next);
uint64_t dmesg_end(const struct dmesg *d);
/* Forgets every line before position (upto). */
void dmesg_clear(struct dmesg *d, uint64_t upto);

#endif /* DAEMON_DMESG_H */
