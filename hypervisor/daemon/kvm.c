/* SPDX-License-Identifier: ISC */
/*
 * /dev/kvm, tried out (host/kvm.h) while the daemon starts, in a process of its
 * own: nobody waits for it but whoever asks for "info" meanwhile.
 */

#include <stdio.h>
#include <host/fd.h>
#include <host/kvm.h>
#include "kvm.h"

#define NOT_KNOWN "it was not found out what /dev/kvm can do"
#define NOT_BUILT "/dev/kvm works, but the kvm engine is not built yet"

int kvm_begin(struct daemon *dm)
{
    struct kvm_look *k = &dm->kvm;
    int fd = kvm_open(), rc = fd;

    k->trial.fd = -1;
    if (fd >= 0)
        rc = trial_start(&k->trial, fd, KVM_TRY_MS, kvm_try);
    fd_close(&fd);
    k->unknown = rc >= 0;
    if (rc < 0)
        kvm_open_text(rc, k->why, sizeof(k->why));
    else
        (void)snprintf(k->why, sizeof(k->why), NOT_KNOWN);
    return 0; /* the process engine needs nothing of this */
}

void kvm_end(struct daemon *dm)
{
    trial_end(&dm->kvm.trial);
}

void kvm_give_up(struct daemon *dm)
{
    struct reply *r;

    dm->kvm.unknown = false;
    while ((r = replies_take(&dm->kvm.info_replies)))
        reply_send(r, info_answer(dm, r->id));
}

static void trial_ready(struct loop_source *s, unsigned what)
{
    struct daemon *dm = CONTAINER_OF(s, struct daemon, kvm.source);
    struct kvm_look *k = &dm->kvm;
    struct trial_answer a = {0, 0};
    int rc;

    (void)what;
    loop_del(dm->main_loop, s);
    /* Without the lock: the end of a virtual machine can take a while. */
    rc = trial_finish(&k->trial, &a);
    daemon_lock(dm);
    if (!kvm_try_text(rc, &a, k->why, sizeof(k->why)))
        (void)snprintf(k->why, sizeof(k->why), NOT_BUILT);
    kvm_give_up(dm);
    daemon_unlock(dm);
}

int kvm_watch(struct daemon *dm)
{
    struct kvm_look *k = &dm->kvm;

    if (k->trial.fd < 0)
        return 0;
    k->source.fd = k->trial.fd;
    k->source.ready = trial_ready;
    return loop_add(dm->main_loop, &k->source, LOOP_READ);
}

void kvm_unwatch(struct daemon *dm)
{
    if (dm->kvm.trial.fd >= 0)
        loop_del(dm->main_loop, &dm->kvm.source);
}

bool kvm_defer_info(struct conn *c, int64_t id)
{
    struct kvm_look *k = &c->w->dm->kvm;
    struct reply *r;

    if (!k->unknown)
        return false;
    r = reply_new(c, id);
    if (r)
        replies_add(&k->info_replies, r);
    return true;
}

json_t *kvm_row(const struct daemon *dm)
{
    return json_pack("{s:s, s:s, s:b, s:s}", "name", "kvm", "type", "pvh",
                     "usable", 0, "why", dm->kvm.why);
}
