/* SPDX-License-Identifier: ISC */
/* For ports to hypervisors that hand things over by HVM parameters
 * (xen/hvm/params.h): PVH and Arm. */
#ifndef MINIOS_HVM_H
#define MINIOS_HVM_H

#include <stdint.h>
#include <base/compiler.h>
#include <minios/boot.h>

/*
 * Sets (boot)'s console and store and their ports; NULL where there is none.
 * The rings must lie below (limit), a physical address. 0, -XEN_EINVAL for what
 * cannot be a ring, or what the hypervisor says.
 */
int __must_check hvm_find_rings(struct boot_info *boot, uint64_t limit);

#endif /* MINIOS_HVM_H */
