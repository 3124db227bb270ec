/* SPDX-License-Identifier: ISC */
/*
 * The interrupt controller, version 2 (Arm IHI 0048B) and 3 (IHI 0069): private
 * interrupts of the one CPU, all of one priority. Only what that takes.
 */
#include "arch/arm/arm.h"

#include <minios/memory.h>
#include <xen/errno.h>

/* Distributor; and, in version 3, the frame of a redistributor that has the same
 * registers for private interrupts (IHI 0069 12.8, 12.10). */
#define GICD_CTLR       0x000
#define GICD_IGROUPR0   0x080
#define GICD_ISENABLER0 0x100
#define GICD_ICENABLER0 0x180
#define GICD_IPRIORITYR 0x400
#define GICD_ENABLE_V2  1u
/* Version 3: group 1, affinity routing (both kinds of its bit). */
#define GICD_ENABLE_V3 (1u << 1 | 1u << 4 | 1u << 5)

/* CPU interface of version 2. */
#define GICC_CTLR 0x000
#define GICC_PMR  0x004
#define GICC_IAR  0x00c
#define GICC_EOIR 0x010

/* Redistributor of version 3: a frame of 64 KiB, then that of the interrupts. */
#define GICR_WAKER           0x0014
#define GICR_INTERRUPTS      0x10000
#define GICR_BYTES           0x20000
#define GICR_PROCESSOR_SLEEP (1u << 1)
#define GICR_CHILDREN_ASLEEP (1u << 2)

#define PRIORITY        0xa0u
#define PRIORITY_LOWEST 0xffu
#define INTERRUPT_MASK  0x3ffu
#define NR_PRIVATE      32u

/* System registers of version 3, by number: assemblers differ in names. */
#define ICC_PMR_EL1     "s3_0_c4_c6_0"
#define ICC_IAR1_EL1    "s3_0_c12_c12_0"
#define ICC_EOIR1_EL1   "s3_0_c12_c12_1"
#define ICC_SRE_EL1     "s3_0_c12_c12_5"
#define ICC_IGRPEN1_EL1 "s3_0_c12_c12_7"

static bool is_v3;
static uintptr_t private_interrupts; /* where their registers are            */
static uintptr_t cpu_interface;      /* version 2                            */

/* Plain loads and stores: one with write-back tells a hypervisor that emulates
 * the register nothing of what it does (Arm ARM D19.2, ESR_EL1.ISV). */
static uint32_t read32(uintptr_t base, uintptr_t offset)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]"
                     : "=r"(value)
                     : "r"(base + offset)
                     : "memory");
    return value;
}

static void write32(uintptr_t base, uintptr_t offset, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]"
                     :
                     : "r"(value), "r"(base + offset)
                     : "memory");
}

static void init_private(uint32_t group)
{
    unsigned i;

    write32(private_interrupts, GICD_ICENABLER0, ~0u);
    write32(private_interrupts, GICD_IGROUPR0, group);
    for (i = 0; i < NR_PRIVATE; i += 4)
        write32(private_interrupts, GICD_IPRIORITYR + i,
                PRIORITY * 0x01010101u);
}

static int init_v2(const struct device_tree *dt)
{
    int rc = arm_map_device(&dt->cpu_interface);

    if (rc < 0)
        return rc;
    private_interrupts = dt->distributor.start;
    cpu_interface = dt->cpu_interface.start;
    init_private(0);
    write32(dt->distributor.start, GICD_CTLR, GICD_ENABLE_V2);
    write32(cpu_interface, GICC_PMR, PRIORITY_LOWEST);
    write32(cpu_interface, GICC_CTLR, 1);
    return 0;
}

/* Reads of a register that says whether it is done; more is no CPU's way. */
#define WAKE_LOOKS 1000000

static int wake_redistributor(uintptr_t base)
{
    uint32_t waker = read32(base, GICR_WAKER);
    int i;

    write32(base, GICR_WAKER, waker & ~GICR_PROCESSOR_SLEEP);
    for (i = 0; i < WAKE_LOOKS; i++) {
        if ((read32(base, GICR_WAKER) & GICR_CHILDREN_ASLEEP) == 0)
            return 0;
    }
    return -XEN_EIO;
}

/* The first redistributor is the first CPU's, and we have one. */
static int init_v3(const struct device_tree *dt)
{
    struct dt_region ours = {dt->cpu_interface.start, GICR_BYTES};
    int rc;

    if (dt->cpu_interface.size < GICR_BYTES)
        return -XEN_EINVAL;
    rc = arm_map_device(&ours);
    if (rc < 0)
        return rc;
    is_v3 = true;
    private_interrupts = ours.start + GICR_INTERRUPTS;
    write32(dt->distributor.start, GICD_CTLR, GICD_ENABLE_V3);
    rc = wake_redistributor(ours.start);
    if (rc < 0)
        return rc;
    init_private(~0u);
    WRITE_SYSREG(ICC_SRE_EL1, 7);
    arm_isb();
    WRITE_SYSREG(ICC_PMR_EL1, PRIORITY_LOWEST);
    WRITE_SYSREG(ICC_IGRPEN1_EL1, 1);
    arm_isb();
    return 0;
}

int gic_init(const struct device_tree *dt)
{
    int rc = arm_map_device(&dt->distributor);

    if (rc < 0)
        return rc;
    rc = dt->gic_version == 3 ? init_v3(dt) : init_v2(dt);
    arm_dsb();
    return rc;
}

void gic_enable(unsigned interrupt)
{
    write32(private_interrupts, GICD_ISENABLER0, 1u << interrupt % NR_PRIVATE);
    arm_dsb();
}

unsigned gic_acknowledge(void)
{
    uint64_t id =
        is_v3 ? READ_SYSREG(ICC_IAR1_EL1) : read32(cpu_interface, GICC_IAR);

    arm_dsb();
    return (unsigned)id & INTERRUPT_MASK;
}

void gic_end(unsigned interrupt)
{
    arm_dsb();
    if (is_v3) {
        WRITE_SYSREG(ICC_EOIR1_EL1, interrupt);
        arm_isb();
    } else {
        write32(cpu_interface, GICC_EOIR, interrupt);
    }
}
