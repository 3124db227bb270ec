/* SPDX-License-Identifier: ISC */
/* What guest.S and the test agree on: places in the guest's data (guestvm.h:
 * GUEST_DATA). Included by assembly, too. */
#ifndef EXITS_GUEST_H
#define EXITS_GUEST_H

#define EXITS_HYPERCALLS 0x101000
#define EXITS_DATA       0x102000
#define EXITS_IRET       (EXITS_DATA + 0)  /* address of iret's stub     */
#define EXITS_UPCALLS    (EXITS_DATA + 8)  /* counter                    */
#define EXITS_TRAPS      (EXITS_DATA + 16) /* counter                    */
#define EXITS_ARG        (EXITS_DATA + 64) /* of the hypercall           */
#define EXITS_PORTS      (EXITS_DATA + 128)
#define EXITS_EVENTS     (EXITS_DATA + 0x200) /* a counter for each port */
#define EXITS_STACK_TOP  (EXITS_DATA + 0x3000)

#endif /* EXITS_GUEST_H */
