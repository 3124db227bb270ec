/* SPDX-License-Identifier: ISC */
/* What the files of the process engine share. */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include <common/common.h>

/* pv.c */
extern const struct engine_kind process_kind;

/* look.c: the ops of these names. */
size_t process_vm_read(struct engine_vm *vm, uint64_t va, void *buf,
                       size_t len);
void process_vm_regs(struct engine_vm *vm, struct portal_regs *regs);

#endif /* PROCESS_PROCESS_H */
