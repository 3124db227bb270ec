# The port to 64-bit Arm.
ARCH_SRCS := $(addprefix arch/arm/, \
	start.S vectors.S hypercall.S switch.S boot.c stop.c memory.c traps.c \
	events.c gic.c timer.c fpu.c grant.c)
ARCH_DEPS := lib/devicetree
