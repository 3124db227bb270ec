/* SPDX-License-Identifier: ISC */
/* Typed look-ups of a request's fields; each refuses with the field's name. */
#ifndef PROTO_VALUES_H
#define PROTO_VALUES_H

#include <daemon/proto.h>

/* Copies a string of at most size - 1 bytes. A missing one is refused when
 * (required), else (out) stays as it is. */
__must_check int value_string(const json_t *obj, const char *key, bool required,
                              char *out, size_t size, struct ctl_error *e);
__must_check int value_bool(const json_t *obj, const char *key, bool *out,
                            struct ctl_error *e);
/* An integer in [min, max]. */
__must_check int value_int(const json_t *obj, const char *key, bool required,
                           int64_t min, int64_t max, int64_t *out,
                           struct ctl_error *e);
/* `domain': a domid or a name. */
__must_check int value_target(const json_t *obj, bool required,
                              struct ctl_target *t, struct ctl_error *e);
/* One of (n) names: the index into (names). A missing one is refused. */
__must_check int value_name(const json_t *obj, const char *key,
                            const char *const *names, unsigned n, unsigned *out,
                            struct ctl_error *e);
/* config.c */
__must_check int value_config(const json_t *obj, struct ctl_config *c,
                              struct ctl_error *e);
/* create.c */
__must_check int value_create(const json_t *obj, struct ctl_create *c,
                              struct ctl_error *e);

#endif /* PROTO_VALUES_H */
