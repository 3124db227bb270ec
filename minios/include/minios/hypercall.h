/* SPDX-License-Identifier: ISC */
/*
 * Hypercalls, by their usual names; meaning, arguments and errors are those of
 * the header named. All return 0 or more, or -XEN_E*. They are real functions,
 * written in each architecture's hypercall.S.
 */
#ifndef MINIOS_HYPERCALL_H
#define MINIOS_HYPERCALL_H

#include <stdint.h>
#include <xen/xen.h>

/* xen/version.h, XENVER_* */
long HYPERVISOR_xen_version(int cmd, void *arg);
/* xen/xen.h, CONSOLEIO_* */
long HYPERVISOR_console_io(int cmd, int count, char *buffer);
/* xen/sched.h, SCHEDOP_* */
long HYPERVISOR_sched_op(int cmd, void *arg);
/* xen/event_channel.h, EVTCHNOP_* */
long HYPERVISOR_event_channel_op(int cmd, void *arg);
/* xen/grant_table.h, GNTTABOP_* */
long HYPERVISOR_grant_table_op(unsigned cmd, void *args, unsigned count);
/* xen/memory.h, XENMEM_* */
long HYPERVISOR_memory_op(unsigned cmd, void *arg);
/* xen/vcpu.h, VCPUOP_* */
long HYPERVISOR_vcpu_op(int cmd, unsigned vcpu, void *arg);
/* xen/hvm/hvm_op.h, HVMOP_*; not on PV */
long HYPERVISOR_hvm_op(int op, void *arg);

#endif /* MINIOS_HYPERCALL_H */
