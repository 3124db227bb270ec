/* SPDX-License-Identifier: ISC */
/* Typed reading of settings, with reports. Private to this module. */
#ifndef XL_CONFIG_VALUES_H
#define XL_CONFIG_VALUES_H

#include <xl/config.h>

/* One reading of a configuration. */
struct reader {
    struct xlcfg *cfg;
    const struct xl_report *report;
    bool failed; /* an error was reported */
};

/* Reports at (pos), NULL for nowhere. An error makes the reading fail. */
__printf(3, 4) void report_error(struct reader *r, const struct xlcfg_pos *pos,
                                 const char *format, ...);
__printf(3, 4) void report_warning(struct reader *r,
                                   const struct xlcfg_pos *pos,
                                   const char *format, ...);

/* The text of (key): a string, or a number as written, as xl has it. NULL when
 * not set or (reported) a list. */
const char *get_string(struct reader *r, const char *key);

/* The number of (key) into (*out), from min to max. False when not set, or
 * (reported) wrong; (*out) is then unchanged. */
bool get_number(struct reader *r, const char *key, int64_t min, int64_t max,
                int64_t *out);

/* Where the value of (key), which is set, stands. */
const struct xlcfg_pos *value_pos(struct reader *r, const char *key);

/* NULL when (name) may name a domain, else what is wrong with it. */
const char *name_problem(const char *name);

/* cpus.c */
void read_cpus(struct reader *r, struct xl_domain *d);

bool is_uuid(const char *text);

#endif /* XL_CONFIG_VALUES_H */
