/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The panic notifiers that are known: what each is for and what it risks.  A
 * row is a callback; module is where it may be besides the kernel itself (a
 * callback of that name in another module is another one); class is its place
 * among info, hypervisor and reboot callbacks, risk is that of running it
 * before a kdump.  To add one, add a row with the file that registers it; what
 * proves that it ran is a row of witnesses.c.  None of them ends the chain: no callback of the
 * kernel's own returns NOTIFY_STOP_MASK (read in 5.10.223, 6.1.192, 6.12.107, 7.2.13). Covered by
 * tests/tables/test_tables.c.
 */
#include "timeline/evidence.h"

/* clang-format off */
static const struct trail_known_notifier known[] = {
	{ "activity_panic_notifier", "ledtrig_activity", "reboot", "low", "drivers/leds/trigger/ledtrig-activity.c" },
	{ "alpha_panic_event", NULL, "reboot", "high", "arch/alpha/kernel/setup.c" },
	{ "arm64_panic_block_dump", NULL, "info", "low", "arch/arm64/kernel/setup.c" },
	{ "ath12k_core_panic_handler", "ath12k", "reboot", "high", "drivers/net/wireless/ath/ath12k/core.c" },
	{ "bcm_vk_on_panic", "bcm_vk", "reboot", "medium", "drivers/misc/bcm-vk/bcm_vk_dev.c" },
	{ "brcm_pcie_panic_notify_cb", "pcie_brcmstb", "info", "medium", "drivers/pci/controller/pcie-brcmstb.c" },
	{ "brcmstb_pm_panic_notify", NULL, "reboot", "low", "drivers/soc/bcm/brcmstb/pm/pm-arm.c" },
	{ "con3215_notify", NULL, "info", "medium", "drivers/s390/char/con3215.c" },
	{ "con3270_notify", NULL, "info", "medium", "drivers/s390/char/con3270.c" },
	{ "coresight_panic_cb", "coresight", "info", "medium", "drivers/hwtracing/coresight/coresight-core.c" },
	{ "debug_notifier_call", "coresight_cpu_debug", "info", "medium", "drivers/hwtracing/coresight/coresight-cpu-debug.c" },
	{ "dump_gisb_error", "brcmstb_gisb", "info", "medium", "drivers/bus/brcmstb_gisb.c" },
	{ "dump_kernel_offset", NULL, "info", "low", "arch/powerpc/kernel/setup-common.c" },
	{ "dump_kernel_offset", NULL, "info", "low", "arch/riscv/kernel/setup.c" },
	{ "dump_kernel_offset", NULL, "info", "low", "arch/x86/kernel/setup.c" },
	{ "gsmi_panic_callback", "gsmi", "hypervisor", "medium", "drivers/firmware/google/gsmi.c" },
	{ "heartbeat_panic_notifier", "ledtrig_heartbeat", "reboot", "low", "drivers/leds/trigger/ledtrig-heartbeat.c" },
	{ "hung_task_panic", NULL, "info", "low", "kernel/hung_task.c" },
	{ "hv_die_panic_notify_crash", NULL, "hypervisor", "low", "drivers/hv/hv_common.c" },
	{ "hv_panic_vmbus_unload", "hv_vmbus", "reboot", "high", "drivers/hv/vmbus_drv.c" },
	{ "hvfb_on_panic", "hyperv_fb", "reboot", "medium", "drivers/video/fbdev/hyperv_fb.c" },
	{ "hyperv_panic_event", "hv_vmbus", "hypervisor", "high", "drivers/hv/vmbus_drv.c" },
	{ "ipa_smp2p_panic_notifier", "ipa", "reboot", "medium", "drivers/net/ipa/ipa_smp2p.c" },
	{ "iss_panic_event", NULL, "reboot", "high", "arch/xtensa/platforms/iss/setup.c" },
	{ "kernel_location_notifier_fn", NULL, "info", "low", "arch/loongarch/kernel/relocate.c" },
	{ "kernel_location_notifier_fn", NULL, "info", "low", "arch/mips/kernel/relocate.c" },
	{ "kfence_check_canary_callback", NULL, "info", "medium", "mm/kfence/core.c" },
	{ "led_trigger_panic_notifier", NULL, "reboot", "low", "drivers/leds/trigger/ledtrig-panic.c" },
	{ "ltc2952_poweroff_notify_panic", "ltc2952_poweroff", "reboot", "low", "drivers/power/reset/ltc2952-poweroff.c" },
	{ "notify_panic", NULL, "hypervisor", "low", "arch/um/drivers/mconsole_kern.c" },
	{ "on_panic_notify", NULL, "reboot", "high", "arch/s390/kernel/ipl.c" },
	{ "panic_event", NULL, "reboot", "medium", "arch/mips/sgi-ip22/ip22-reset.c" },
	{ "panic_event", NULL, "reboot", "medium", "arch/mips/sgi-ip32/ip32-reset.c" },
	{ "panic_event", "ipmi_msghandler", "reboot", "high", "drivers/char/ipmi/ipmi_msghandler.c" },
	{ "panic_exit", NULL, "reboot", "high", "arch/um/kernel/um_arch.c" },
	{ "panic_happened", "ibmasm", "reboot", "medium", "drivers/misc/ibmasm/heartbeat.c" },
	{ "parisc_panic_event", NULL, "reboot", "medium", "drivers/parisc/power.c" },
	{ "pdc_chassis_panic_event", NULL, "hypervisor", "medium", "arch/parisc/kernel/pdc_chassis.c" },
	{ "ppc_panic_event", NULL, "reboot", "high", "arch/powerpc/kernel/setup-common.c" },
	{ "ppc_panic_fadump_handler", NULL, "hypervisor", "medium", "arch/powerpc/kernel/setup-common.c" },
	{ "ppc_panic_platform_handler", NULL, "reboot", "high", "arch/powerpc/kernel/setup-common.c" },
	{ "pvpanic_panic_notify", "pvpanic", "hypervisor", "low", "drivers/misc/pvpanic/pvpanic.c" },
	{ "rb_flush_buffer_cb", NULL, "reboot", "low", "kernel/trace/ring_buffer.c" },
	{ "rcu_panic", NULL, "info", "low", "kernel/rcu/tree_stall.h" },
	{ "rproc_panic_handler", NULL, "reboot", "medium", "drivers/remoteproc/remoteproc_core.c" },
	{ "s10_edac_dberr_handler", NULL, "reboot", "high", "drivers/edac/altera_edac.c" },
	{ "sclp_console_notify", NULL, "info", "medium", "drivers/s390/char/sclp_con.c" },
	{ "sclp_panic_notify", NULL, "reboot", "medium", "drivers/s390/char/sclp.c" },
	{ "sclp_vt220_notify", NULL, "info", "medium", "drivers/s390/char/sclp_vt220.c" },
	{ "snp_shutdown_on_panic", "ccp", "hypervisor", "medium", "drivers/crypto/ccp/sev-dev.c" },
	{ "sstate_panic_event", NULL, "hypervisor", "low", "arch/sparc/kernel/sstate.c" },
	{ "tegra186_ari_panic_handler", NULL, "info", "low", "drivers/soc/tegra/ari-tegra186.c" },
	{ "trace_die_panic_handler", NULL, "info", "medium", "kernel/trace/trace.c" },
	{ "trace_panic_handler", NULL, "info", "medium", "kernel/trace/trace.c" },
	{ "unfreeze_on_panic", "olpc_dcon", "reboot", "low", "drivers/staging/olpc_dcon/olpc_dcon.c" },
	{ "xen_panic_event", NULL, "hypervisor", "medium", "arch/x86/xen/enlighten.c" },
	{ "zcore_reboot_and_on_panic_handler", NULL, "reboot", "low", "drivers/s390/char/zcore.c" },
};
/* clang-format on */

const struct trail_known_notifier *trail_known_notifier(const char *function, const char *module)
{
	for (size_t i = 0; function && i < TRAIL_ARRAY_SIZE(known); i++)
		if (trail_same_function(function, known[i].function) &&
		    (!module || trail_streq(module, known[i].module)))
			return &known[i];
	return NULL;
}
