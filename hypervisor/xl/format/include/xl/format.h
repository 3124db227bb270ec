/* SPDX-License-Identifier: ISC */
/*
 * xl's output, column for column as Xen's xl prints it, so that scripts which
 * read one can read the other. Nothing here fails but by (stream)'s error flag,
 * or by returning NULL when out of memory.
 */
#ifndef XL_FORMAT_H
#define XL_FORMAT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <sys/utsname.h>
#include <jansson.h>
#include <midge/client.h>
#include <xl/config.h>

/* `xl list': the header line, and one line per domain. (verbose) adds uuid,
 * reason of shutdown and security label. */
void format_list_header(FILE *stream, bool verbose);
void format_list_row(FILE *stream, const struct midge_domain *d, bool verbose);

/* SHUTDOWN_* of a reason's name, or -1. */
int format_reason_number(const char *reason);

/* `xl vm-list': header and rows. */
void format_vm_list_header(FILE *stream);
void format_vm_list_row(FILE *stream, const struct midge_domain *d);

/* `xl uptime': header (not with (brief)) and rows; (now) is the time of day in
 * seconds, for (brief). */
void format_uptime_header(FILE *stream);
void format_uptime_row(FILE *stream, const struct midge_domain *d, bool brief,
                       time_t now);

/*
 * The domain's configuration in the JSON form of Xen's toolstack
 * (libxl_domain_config), with the members that exist here. The caller drops
 * the reference.
 */
json_t *format_config(const struct xl_domain *d);

/* `xl list -l': {"domid", "config", "midge": {what Xen does not have}}. */
json_t *format_domain(const struct midge_domain *d);

/* Prints (obj) indented, and a newline. False: out of memory. */
bool format_json(FILE *stream, const json_t *obj);

/* `xl info': "key : value" lines, or with (only) just the value of that key.
 * False when there is no such key. */
bool format_info(FILE *stream, const struct midge_info *info,
                 const struct utsname *host, const char *only);

#endif /* XL_FORMAT_H */
