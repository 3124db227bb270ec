/* SPDX-License-Identifier: ISC */
/*
 * The table of commands: first those that work, then all others that Xen's xl
 * (up to 4.22) has, which are refused by name.
 */
#include "xl.h"

#include <string.h>

#define LATER(name)                                                            \
    {                                                                          \
        name, NULL, false, 0, ANY_NUMBER, NULL, NULL, NULL                     \
    }

static const struct command commands[] = {
    {"create", cmd_create, true, 0, ANY_NUMBER,
     "Create a domain as a configuration file says",
     "<ConfigFile> [options] [key=value...]",
     "-p                      Leave the domain paused.\n"
     "-c                      Attach to its console before it runs.\n"
     "-F                      Stay until the domain has ended, and exit with\n"
     "                        its exit code (so does -c).\n"
     "-f FILE, --defconfig=FILE\n"
     "                        The configuration file.\n"
     "-n, --dryrun            Only print the configuration, as JSON.\n"
     "-q, --quiet             Say only what went wrong.\n"
     "-d                      Print the configuration on standard error too.\n"
     "-e                      Accepted; the hypervisor itself watches domains."},
    {"config-update", cmd_config_update, false, 1, ANY_NUMBER,
     "Say what a domain shall be like after its next restart",
     "<Domain> <ConfigFile> [options] [key=value...]",
     "-f FILE, --defconfig=FILE\n"
     "                        The configuration file.\n"
     "-d                      Print the configuration on standard error too."},
    {"list", cmd_list, false, 0, 1, "List all domains, or one",
     "[options] [Domain]",
     "-l, --long              All that is known, as JSON.\n"
     "-v, --verbose           Also UUID, reason of shutdown, security label."},
    {"destroy", cmd_destroy, false, 1, 1, "End a domain at once", "<Domain>",
     "-f                      Accepted for compatibility."},
    {"console", cmd_console, false, 1, 1, "Attach to a domain's console",
     "[options] <Domain>",
     "-t pv                   Type of console; there is only pv.\n"
     "-n 0                    Number of the console; there is only 0.\n"
     "Type Ctrl-] to detach."},
    {"pause", cmd_pause, false, 1, 1, "Stop a domain's vCPU", "<Domain>", NULL},
    {"unpause", cmd_unpause, false, 1, 1, "Let a paused domain run on",
     "<Domain>", NULL},
    {"shutdown", cmd_shutdown, false, 0, 1, "Ask a domain to power off",
     "[options] <-a|Domain>",
     "-a, --all               All domains but Domain-0.\n"
     "-w, --wait              Wait until they have ended.\n"
     "-F                      Accepted: for HVM domains it would be the power\n"
     "                        button."},
    {"reboot", cmd_reboot, false, 0, 1, "Ask a domain to reboot",
     "[options] <-a|Domain>",
     "-a, --all               All domains but Domain-0.\n"
     "-w, --wait              Wait until they have ended, to begin anew.\n"
     "-F                      Accepted: for HVM domains it would be the reset\n"
     "                        button."},
    {"rename", cmd_rename, false, 2, 2, "Give a domain another name",
     "<Domain> <NewDomainName>", NULL},
    {"sysrq", cmd_sysrq, false, 2, 2, "Send a SysRq key to a domain",
     "<Domain> <letter>", NULL},
    {"trigger", cmd_trigger, false, 2, 3, "Send a trigger to a domain",
     "<Domain> <nmi|reset|init|power|sleep|s3resume> [<VCPU>]", NULL},
    {"dump-core", cmd_dump_core, false, 2, 2, "Write a core file of a domain",
     "<Domain> <FileName>", "The domain stands still meanwhile."},
    {"uptime", cmd_uptime, false, 0, ANY_NUMBER,
     "Print how long domains have existed", "[-s] [Domain...]",
     "-s, --short             One line in the form of uptime(1) each."},
    {"vm-list", cmd_vm_list, false, 0, 0, "List the UUIDs of all domains", "",
     NULL},
    {"info", cmd_info, false, 0, 1, "Show the host and the hypervisor",
     "[options] [key]",
     "-n, --numa              Accepted; there is nothing to add."},
    {"domid", cmd_domid, false, 1, 1, "Print the id of a domain",
     "<DomainName>", NULL},
    {"domname", cmd_domname, false, 1, 1, "Print the name of a domain",
     "<DomainId>", NULL},
    {"dmesg", cmd_dmesg, false, 0, 0, "Print the hypervisor's messages", "[-c]",
     "-c, --clear             Then empty the message buffer."},
    {"help", cmd_help, false, 0, 1, "Explain xl, or one command", "[command]",
     NULL},

    LATER("pci-attach"),
    LATER("pci-detach"),
    LATER("pci-list"),
    LATER("pci-assignable-add"),
    LATER("pci-assignable-remove"),
    LATER("pci-assignable-list"),
    LATER("vncviewer"),
    LATER("save"),
    LATER("migrate"),
    LATER("restore"),
    LATER("migrate-receive"),
    LATER("suspend"),
    LATER("resume"),
    LATER("cd-insert"),
    LATER("cd-eject"),
    LATER("mem-max"),
    LATER("mem-set"),
    LATER("button-press"),
    LATER("vcpu-list"),
    LATER("vcpu-pin"),
    LATER("vcpu-set"),
    LATER("sharing"),
    LATER("sched-credit"),
    LATER("sched-credit2"),
    LATER("sched-rtds"),
    LATER("debug-keys"),
    LATER("set-parameters"),
    LATER("top"),
    LATER("network-attach"),
    LATER("network-list"),
    LATER("network-detach"),
    LATER("channel-list"),
    LATER("block-attach"),
    LATER("block-list"),
    LATER("block-detach"),
    LATER("vtpm-attach"),
    LATER("vtpm-list"),
    LATER("vtpm-detach"),
    LATER("vkb-attach"),
    LATER("vkb-list"),
    LATER("vkb-detach"),
    LATER("vdispl-attach"),
    LATER("vdispl-list"),
    LATER("vdispl-detach"),
    LATER("vsnd-attach"),
    LATER("vsnd-list"),
    LATER("vsnd-detach"),
    LATER("claims"),
    LATER("cpupool-create"),
    LATER("cpupool-list"),
    LATER("cpupool-destroy"),
    LATER("cpupool-rename"),
    LATER("cpupool-cpu-add"),
    LATER("cpupool-cpu-remove"),
    LATER("cpupool-migrate"),
    LATER("cpupool-numa-split"),
    LATER("getenforce"),
    LATER("setenforce"),
    LATER("loadpolicy"),
    LATER("remus"),
    LATER("devd"),
    LATER("psr-hwinfo"),
    LATER("psr-cmt-attach"),
    LATER("psr-cmt-detach"),
    LATER("psr-cmt-show"),
    LATER("psr-cat-set"),
    LATER("psr-cat-show"),
    LATER("psr-mba-set"),
    LATER("psr-mba-show"),
    LATER("usbctrl-attach"),
    LATER("usbctrl-detach"),
    LATER("usbdev-attach"),
    LATER("usbdev-detach"),
    LATER("usb-list"),
    LATER("qemu-monitor-command"),
    LATER("dt-overlay"),
    LATER("xenstore-quota-get"),
    LATER("xenstore-quota-set"),
};

const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

void print_help(FILE *stream)
{
    fputs("Usage: xl [-vfNtT] <command> [arguments]\n\nCommands:\n\n", stream);
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (commands[i].run)
            fprintf(stream, " %-19s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\nxl help <command> tells more. The other commands of Xen's xl are "
          "not implemented yet.\n",
          stream);
}

void print_command_help(FILE *stream, const struct command *c)
{
    fprintf(stream, "Usage: xl [-vfNtT] %s %s\n\n%s.\n", c->name, c->usage,
            c->help);
    if (c->options)
        fprintf(stream, "\nOptions:\n\n%s\n", c->options);
}

int not_implemented(const struct command *c)
{
    fprintf(stderr, "xl: '%s' is not implemented yet\n", c->name);
    return XL_FAILED;
}

int cmd_help(const struct xl *xl, const struct command *self, int argc,
             char **argv)
{
    const struct command *c;
    int code;

    (void)xl;
    if (plain_arguments(self, argc, argv, &code) < 0)
        return code;
    if (optind == argc) {
        print_help(stdout);
        return XL_OK;
    }
    c = find_command(argv[optind]);
    if (!c) {
        fprintf(stderr, "xl: unknown command '%s'; xl help lists all\n",
                argv[optind]);
        return XL_FAILED;
    }
    if (!c->run)
        return not_implemented(c);
    print_command_help(stdout, c);
    return XL_OK;
}
