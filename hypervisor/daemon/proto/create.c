/* SPDX-License-Identifier: ISC */
/* The fields of a create request. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "values.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool parse_uuid(const char *text, uint8_t uuid[16])
{
    unsigned i, n = 0;

    if (strlen(text) != CTL_UUID_TEXT - 1)
        return false;
    for (i = 0; text[i]; i++) {
        int digit = hex_digit(text[i]);

        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return false;
            continue;
        }
        if (digit < 0)
            return false;
        uuid[n / 2] = (uint8_t)(uuid[n / 2] << 4 | digit);
        n++;
    }
    return true;
}

void ctl_uuid_text(const uint8_t uuid[16], char text[CTL_UUID_TEXT])
{
    const uint8_t *u = uuid;

    snprintf(text, CTL_UUID_TEXT,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10],
             u[11], u[12], u[13], u[14], u[15]);
}

static int value_uuid(const json_t *obj, struct ctl_create *c,
                      struct ctl_error *e)
{
    char text[CTL_UUID_TEXT] = "";
    int rc;

    if (json_is_null(json_object_get(obj, "uuid")))
        return 0;
    rc = value_string(obj, "uuid", false, text, sizeof(text), e);
    if (rc || !json_object_get(obj, "uuid"))
        return rc;
    if (!parse_uuid(text, c->uuid))
        return ctl_refuse(e, CTL_INVALID,
                          "uuid=\"%s\" is not of the form "
                          "01234567-89ab-cdef-0123-456789abcdef",
                          text);
    c->have_uuid = true;
    return 0;
}

/* Single values that this version can only do in one way. */
static int check_fixed(const json_t *obj, struct ctl_error *e)
{
    char type[16] = "pv";
    int64_t vcpus = 1;
    int rc;

    rc = value_string(obj, "type", false, type, sizeof(type), e);
    if (rc)
        return rc;
    if (!strcmp(type, "pvh") || !strcmp(type, "hvm"))
        return ctl_refuse(e, CTL_INVALID,
                          "type=\"%s\" is not implemented yet; use type=\"pv\"",
                          type);
    if (strcmp(type, "pv") != 0)
        return ctl_refuse(e, CTL_INVALID,
                          "type=\"%s\" is no type; use type=\"pv\"", type);
    rc = value_int(obj, "vcpus", false, 1, INT32_MAX, &vcpus, e);
    if (rc)
        return rc;
    if (vcpus != 1)
        return ctl_refuse(e, CTL_INVALID,
                          "vcpus=%" PRId64
                          ": more than one vCPU is not implemented yet; use "
                          "vcpus=1",
                          vcpus);
    return 0;
}

int value_create(const json_t *obj, struct ctl_create *c, struct ctl_error *e)
{
    int rc;

    snprintf(c->kernel, sizeof(c->kernel), "kernel");
    if ((rc = value_string(obj, "name", true, c->name, sizeof(c->name), e)) ||
        (rc = value_uuid(obj, c, e)) || (rc = check_fixed(obj, e)) ||
        (rc = value_string(obj, "kernel", false, c->kernel, sizeof(c->kernel),
                           e)) ||
        (rc = value_bool(obj, "ramdisk", &c->ramdisk, e)) ||
        (rc = value_string(obj, "cmdline", false, c->cmdline,
                           sizeof(c->cmdline), e)) ||
        (rc = value_config(obj, &c->config, e)) ||
        (rc = value_bool(obj, "paused", &c->paused, e)) ||
        (rc = value_bool(obj, "hold", &c->hold, e)))
        return rc;
    return 0;
}
