/* SPDX-License-Identifier: ISC */
/*
 * Whether /dev/kvm does what an engine needs. That it opens says little: where
 * virtualisation is imitated (pagetable tricks, an emulator), ordinary 64-bit
 * code is refused or runs a thousand times too slow.
 */
#ifndef HOST_KVM_H
#define HOST_KVM_H

#include <stdbool.h>
#include <stddef.h>
#include <base/compiler.h>
#include <host/trial.h>

/* Longest that kvm_try() may take; it needs some milliseconds where KVM works. */
#define KVM_TRY_MS 2000u

/* A descriptor (CLOEXEC) or -errno. */
__must_check int kvm_open(void);

/* For trial_start(): runs some 64-bit code in a new virtual machine. */
struct trial_answer kvm_try(int kvm_fd);

/* What is wrong, in one line, when kvm_open() or trial_start() said (rc) < 0, */
void kvm_open_text(int rc, char *text, size_t size);
/* or trial_finish() said (rc), 0 or -errno, and (a). False: nothing is. */
bool kvm_try_text(int rc, const struct trial_answer *a, char *text,
                  size_t size);

#endif /* HOST_KVM_H */
