/* SPDX-License-Identifier: ISC */
/*
 * From a .cfg file and key=value arguments to something that can be created.
 * Everything wrong is said on (messages), one line each:
 *     FILE:LINE:COLUMN: text
 */
#ifndef XL_LOAD_H
#define XL_LOAD_H

#include <stddef.h>
#include <stdio.h>
#include <midge/client.h>
#include <xl/config.h>
#include <xlcfg/xlcfg.h>

/* Longest configuration that is read. */
#define XL_CONFIG_MAX (1u << 20)

struct xl_loaded {
    struct xl_domain domain;
    int kernel_fd, ramdisk_fd; /* -1: not open */
    struct xlcfg cfg;
    void *arena;
};

/*
 * Reads (file) and then the (nr_vars) texts of (vars), each of which may hold
 * several settings separated by ';'. 0, or -1 after a message. xl_unload() must
 * be called in any case.
 */
int xl_load(struct xl_loaded *l, const char *file, char *const *vars,
            size_t nr_vars, FILE *messages);

/* Opens kernel and ramdisk. 0, or -1 after a message. */
int xl_load_images(struct xl_loaded *l, FILE *messages);

/* What to ask the daemon for; borrows from (l). */
void xl_load_request(const struct xl_loaded *l, struct midge_create *out);

void xl_unload(struct xl_loaded *l);

#endif /* XL_LOAD_H */
