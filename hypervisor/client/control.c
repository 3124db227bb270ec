/* SPDX-License-Identifier: ISC */
/* Requests to guests. */
#include "client.h"

/* A request about (domain) with one more string. */
static int call_text(struct midge *m, const char *op, const char *domain,
                     const char *key, const char *text, struct midge_error *err)
{
    json_t *args = domain_args(domain, err);

    if (!args)
        return -1;
    if (add_text(args, key, text, err) < 0) {
        json_decref(args);
        return -1;
    }
    return call(m, op, args, NULL, 0, NULL, err);
}

int midge_rename(struct midge *m, const char *domain, const char *name,
                 struct midge_error *err)
{
    return call_text(m, "rename", domain, "name", name, err);
}

int midge_shutdown(struct midge *m, const char *domain, const char *request,
                   struct midge_error *err)
{
    return call_text(m, "shutdown", domain, "request", request, err);
}

int midge_sysrq(struct midge *m, const char *domain, char key,
                struct midge_error *err)
{
    const char text[] = {key, '\0'};

    return call_text(m, "sysrq", domain, "key", text, err);
}

int midge_trigger(struct midge *m, const char *domain, const char *trigger,
                  unsigned vcpu, struct midge_error *err)
{
    json_t *args = domain_args(domain, err);

    if (!args)
        return -1;
    if (add_text(args, "trigger", trigger, err) < 0 ||
        json_object_set_new(args, "vcpu", json_integer(vcpu)) < 0) {
        json_decref(args);
        return -1;
    }
    return call(m, "trigger", args, NULL, 0, NULL, err);
}
