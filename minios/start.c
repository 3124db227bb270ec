/* SPDX-License-Identifier: ISC */
/* Start-up in order, then the application, then the end. */
#include <args/args.h>
#include <base/fmt.h>
#include <base/string.h>
#include <minios/app.h>
#include <minios/arch.h>
#include <minios/boot.h>
#include <minios/console.h>
#include <minios/evtchn.h>
#include <minios/memory.h>
#include <minios/panic.h>
#include <minios/shutdown.h>
#include <minios/stdio.h>
#include <minios/xenbus.h>
#include <xen/xen.h>

struct boot_info boot_info;

__attribute__((weak)) const char app_name[] = "main";

static int init_boot(void)
{
    return arch_init_boot(&boot_info);
}

static int init_memory_map(void)
{
    return arch_init_memory(&boot_info);
}

/* Each step may use what those before it made. There is no way back: a step
 * that fails is a panic, which works from the first instruction on. */
static const struct {
    const char *name;
    int (*init)(void);
} startup[] = {
    {"start of day", init_boot},     {"traps", arch_init_traps},
    {"memory map", init_memory_map}, {"memory", memory_init},
    {"events", evtchn_init},         {"console", console_init},
    {"xenstore", xenbus_init},
};

/* Exit code for a command line that cannot be split, as a shell's. */
#define EXIT_BAD_COMMAND_LINE 2

/* The command line and its arguments are on the stack, which every guest has:
 * a small one pays for no page of the heap then. */
static int run_app(void)
{
    char line[COMMAND_LINE_MAX];
    char *few_arguments[32];
    size_t len = strlen(boot_info.command_line);
    size_t max = ARGS_MAX(len);
    char **argv = few_arguments;
    int n;

    /* One more for the name, one for the NULL at the end. */
    if (max + 2 > ARRAY_SIZE(few_arguments))
        argv = kmalloc((max + 2) * sizeof(*argv));
    BUG_ON(!argv || len >= sizeof(line));
    memcpy(line, boot_info.command_line, len + 1);
    argv[0] = (char *)(uintptr_t)app_name;
    n = args_split(line, argv + 1, max);
    if (n < 0) {
        printf("cannot read the command line \"%s\": %s\n",
               boot_info.command_line, args_strerror(n));
        return EXIT_BAD_COMMAND_LINE;
    }
    argv[n + 1] = NULL;
    return main(n + 1, argv);
}

void kernel_main(void)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(startup); i++) {
        int rc = startup[i].init();

        if (rc < 0)
            panic("cannot start: %s: error %d", startup[i].name, rc);
    }
    app_exit(run_app());
}

void app_exit(int code)
{
    char text[32];
    size_t len = fmt_snprintf(text, sizeof(text), "exit: %d\r\n", code);

    shutdown_send_exit_code(code);
    /* Whoever looks for the code looks for a line of its own. */
    console_close(text, len);
    shutdown_wait_exit_code();
    domain_shutdown(shutdown_reason());
}
