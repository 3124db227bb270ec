/* SPDX-License-Identifier: ISC */
/*
 * Xenstore's wire format (<xen/io/xs_wire.h>, docs/misc/xenstore.txt of Xen):
 * what both ends need to check and to build messages. Nothing here keeps state
 * or allocates; every length is the other side's word until it was checked
 * here.
 *
 * Errors: negative Xen error numbers. On the wire an error is its name.
 */
#ifndef XENSTORE_WIRE_H
#define XENSTORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xen/xen.h>
#include <xen/io/xs_wire.h>

/* A message's payload must not be longer than XENSTORE_PAYLOAD_MAX. */
static inline bool xs_head_ok(const struct xsd_sockmsg *h)
{
    return h->len <= XENSTORE_PAYLOAD_MAX;
}

/* "EINVAL" for -XEN_EINVAL; what has no name on the wire is "EIO". Constant. */
const char *xs_error_name(int error);
/* -XEN_EINVAL for the (len) bytes "EINVAL" or "EINVAL\0"; -XEN_EIO for a name
 * that is not known. */
int xs_error_number(const char *name, size_t len);

/*
 * Splits (len) bytes of NUL-terminated strings: their starts go to
 * s[0 .. max), their number is returned. -XEN_EINVAL when the last one is not
 * terminated, -XEN_E2BIG for more than (max) of them.
 */
int xs_strings(const char *payload, size_t len, const char **s, unsigned max);

/* An unsigned decimal number that is the whole of (s): 0, or -XEN_EINVAL when
 * it is not one or exceeds (max). */
__must_check int xs_number(const char *s, uint64_t max, uint64_t *out);
/* Writes (v) in decimal and a NUL; returns the length without it. */
#define XS_NUMBER_MAX 21
size_t xs_print_number(uint64_t v, char buf[XS_NUMBER_MAX]);

/* --- paths ---------------------------------------------------------------------*/

/* "/local/domain/32767" and a NUL */
#define XS_HOME_MAX 24
/* Writes the home of (domid); returns its length. */
size_t xs_home(unsigned domid, char home[XS_HOME_MAX]);

/*
 * Whether (path), absolute and NUL-terminated, may name a node: begins with
 * '/', does not end with one (but for "/" itself), has no "//", no other
 * characters than [A-Za-z0-9_@/-], and is not longer than XENSTORE_ABS_PATH_MAX
 * nor, below a domain's home, by more than XENSTORE_REL_PATH_MAX than that.
 */
bool xs_path_ok(const char *path);
/*
 * The absolute form of (path) as domain (domid) means it: relative paths are
 * below its home. 0, or -XEN_EINVAL when the result is not xs_path_ok().
 * (*prefix) is the number of bytes that were put before it.
 */
__must_check int xs_path_absolute(const char *path, unsigned domid,
                                  char out[XENSTORE_ABS_PATH_MAX + 1],
                                  size_t *prefix);

/* --- permissions --------------------------------------------------------------*/

#define XS_PERM_READ  1u
#define XS_PERM_WRITE 2u

/* One entry of a node's list. The first names the owner, and its bits are for
 * everybody whom no other entry names. */
struct xs_perm {
    uint16_t domid;
    uint8_t bits; /* XS_PERM_* */
};

/* "r5", "w0", "b1", "n32751" */
#define XS_PERM_TEXT 8
__must_check int xs_perm_parse(const char *s, struct xs_perm *p);
/* Returns the length without the NUL. */
size_t xs_perm_print(const struct xs_perm *p, char buf[XS_PERM_TEXT]);

#endif /* XENSTORE_WIRE_H */
