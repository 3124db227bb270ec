/* SPDX-License-Identifier: ISC */
/* What `xl info' says of /dev/kvm, and why type="pvh" is refused. */
#ifndef DAEMON_KVM_H
#define DAEMON_KVM_H

#include "conn.h"

/* Steps of the daemon's start and end. kvm_begin(): while the daemon may still
 * open any file, with one thread. kvm_watch(): with the main loop. */
int kvm_begin(struct daemon *dm);
void kvm_end(struct daemon *dm);
int kvm_watch(struct daemon *dm);
void kvm_unwatch(struct daemon *dm);
/* With the lock: the daemon ends, and whoever waits for it to be known has waited
 * long enough. */
void kvm_give_up(struct daemon *dm);

/* With the lock. Whether it is not known yet: then (c) gets its answer to
 * request (id) "info" when it is. */
bool kvm_defer_info(struct conn *c, int64_t id);
/* With the lock, not while it is unknown: the engine's row in "engines". */
json_t *kvm_row(const struct daemon *dm);

#endif /* DAEMON_KVM_H */
