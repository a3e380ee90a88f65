/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of the rules, one for each row of rules.c, by hundreds; what a
 * check does is said in its row.  See struct trail_rule.
 */
#ifndef TRAIL_POLICY_CHECKS_H
#define TRAIL_POLICY_CHECKS_H

#include "policy/judge.h"

typedef enum trail_result trail_check(struct trail_judge *judge);

/* check_dump.c */
trail_check trail_check_dump_point, trail_check_work_before_dump, trail_check_kdump_not_armed,
	trail_check_kdump_attempt_failed, trail_check_oops_bypassed_panic,
	trail_check_oops_through_panic, trail_check_slow_dumper, trail_check_dumper_in_progress;

/* check_order.c */
trail_check trail_check_kmsg_dump_after_sys_info, trail_check_sys_info_after_dump,
	trail_check_order_violated, trail_check_proposed_order, trail_check_kdump_could_be_first,
	trail_check_sys_info_without_effect, trail_check_hypervisor_order,
	trail_check_stage_not_stopped_before;

/* check_config.c */
trail_check trail_check_flag_forced, trail_check_options_in_force, trail_check_sys_info_fallback,
	trail_check_reboot, trail_check_kmsg_dump, trail_check_sys_info, trail_check_console;

/* check_notifiers.c */
trail_check trail_check_notifier_in_progress, trail_check_notifier_ended_chain,
	trail_check_notifier_slow, trail_check_info_missing, trail_check_notifier_filter,
	trail_check_runs_early, trail_check_ipmi_polls, trail_check_vmbus_unload,
	trail_check_inert_notifier, trail_check_required_notifier;

/* check_before_dump.c */
trail_check trail_check_risky_notifier, trail_check_unknown_notifier, trail_check_reboot_notifier,
	trail_check_hypervisor_notifier, trail_check_notifier_not_allowed;

/* check_cpus.c */
trail_check trail_check_cpu_not_stopped, trail_check_cpu_without_registers,
	trail_check_noise_before_stop, trail_check_noise_after_stop, trail_check_second_panic,
	trail_check_work_with_running_cpus, trail_check_redirect_lost_registers,
	trail_check_backtrace_wait;

/* check_messages.c */
trail_check trail_check_console_unflushed, trail_check_record_incomplete, trail_check_printed_twice,
	trail_check_message_differs;

/* check_evidence.c */
trail_check trail_check_contradiction, trail_check_evidence_missing, trail_check_flag_of_site,
	trail_check_no_callback_early, trail_check_all_callbacks_late, trail_check_chain_order,
	trail_check_kexec_left_marks, trail_check_count_of_silent, trail_check_crashing_cpu,
	trail_check_dumper_early, trail_check_end_marker, trail_check_taint_of_oops;

/* ---- what checks ask ------------------------------------------------------ */

/** The verdict of @stage, NULL when this kernel has no such stage. */
const struct trail_stage_verdict *trail_judge_stage(const struct trail_judge *judge,
						    enum trail_stage stage);

/** Cite what decided a stage; nothing where this kernel has none. */
void trail_judge_cite_stage(struct trail_judge *judge, struct trail_refs *evidence,
			    enum trail_stage stage);

/** Where it stands in this kernel's order, from 0; -1 when this kernel has no such stage. */
long trail_judge_rank(const struct trail_judge *judge, enum trail_stage stage);

/** Its outcome; UNKNOWN when this kernel has no such stage. */
enum trail_outcome trail_judge_outcome(const struct trail_judge *judge, enum trail_stage stage);

/** Was panic() entered, or the machine's last act a crash kexec?  False on a machine that lives. */
bool trail_judge_crashed(const struct trail_judge *judge);

/** What a rule about a crash gives without one: NOT_APPLICABLE, UNKNOWN when it is not known. */
enum trail_result trail_judge_no_crash(const struct trail_judge *judge);

/** Did this stage begin before the dump was taken: done or in progress? */
enum trail_tristate trail_judge_began(const struct trail_judge *judge, enum trail_stage stage);

/** Did panic() go on behind @stage, whether that did something or not? */
bool trail_judge_passed(const struct trail_judge *judge, enum trail_stage stage);

/** Is the scalar of that name not 0?  MAYBE when it could not be read. */
enum trail_tristate trail_judge_is_set(const struct trail_judge *judge, const char *name);

/** Was a crash kernel loaded? */
enum trail_tristate trail_judge_armed(const struct trail_judge *judge);

/** Does kdump stand behind the notifiers: by where the dump was taken, else as it was set? */
enum trail_tristate trail_judge_late(const struct trail_judge *judge);

/** Is a kmsg dumper registered? */
enum trail_tristate trail_judge_has_dumper(const struct trail_judge *judge);

/** Does this kernel print its system information before kmsg_dump()? */
enum trail_tristate trail_judge_info_first(const struct trail_judge *judge);

/** Is notifier @i catalogued as one that tells a hypervisor, and does it on this machine? */
bool trail_judge_tells_hypervisor(const struct trail_judge *judge, size_t i);

/** Is there no dump, only texts? */
bool trail_judge_is_text(const struct trail_judge *judge);

/** Cite what tells whether a crash kernel was loaded. */
void trail_judge_cite_armed(struct trail_judge *judge, struct trail_refs *evidence);

/** The text that is the record of the panic; as many as there are texts when none is. */
size_t trail_judge_panic_text(const struct trail_judge *judge);

/** "Panic#2 of ramoops" */
const char *trail_judge_say_text(struct trail_judge *judge, size_t text);

/** The kernel's last record that begins with @start; -1 for none. */
long trail_judge_last_record(const struct trail_judge *judge, const char *start);

/** "panic_event() [ipmi_msghandler]" */
const char *trail_judge_function(struct trail_judge *judge, const char *function,
				 const char *module);

/** Records that console @i has not taken yet; false when that cannot be told: its count could not
 * be read, a replay may have set it back, or a real-time kernel counts elsewhere. */
bool trail_judge_unprinted(const struct trail_judge *judge, size_t i, uint64_t *ret);

/** The enabled console that has taken most of the log, and how many records it has not; -1 when
 * that is known of none. */
long trail_judge_best_console(const struct trail_judge *judge, uint64_t *unprinted_ret);

/** Is a console enabled, as far as they were read? */
bool trail_judge_has_console(const struct trail_judge *judge);

/** Cite how far each enabled console has come, or that there is none. */
void trail_judge_cite_consoles(struct trail_judge *judge, struct trail_refs *evidence);

/** Cite that notifier @i, kmsg dumper @i is registered. */
void trail_judge_cite_callback(struct trail_judge *judge, struct trail_refs *evidence, size_t i);
void trail_judge_cite_dumper(struct trail_judge *judge, struct trail_refs *evidence, size_t i);

/** The same of a rule about a kdump without one; check_evidence.c. */
enum trail_result trail_judge_no_kdump(const struct trail_judge *judge);

/* ---- callbacks; check_before_dump.c --------------------------------------- */

/**
 * Do the callbacks that ran stand before a dump of the kernel's own?  YES where kdump took the
 * dump late, or is still to come.
 */
enum trail_tristate trail_judge_before_dump(const struct trail_judge *judge);

/** Was the callback entered? */
enum trail_tristate trail_judge_ran(const struct trail_judge *judge, size_t notifier);

/** "notifier 3, panic_event() [ipmi_msghandler]" */
const char *trail_judge_say_notifier(struct trail_judge *judge, size_t notifier);

/* ---- the log behind the panic line; log_side.c ---------------------------- */

enum trail_whose { TRAIL_WHOSE_UNKNOWN, TRAIL_WHOSE_PANIC, TRAIL_WHOSE_OTHER };

/** Index of the panic line; one past the last record when it is not in the log. */
size_t trail_judge_log_from(const struct trail_judge *judge);

/** Was the record, behind the panic line, written by the CPU or task that panics, or another? */
enum trail_whose trail_judge_whose(const struct trail_judge *judge, size_t record);

/** Fill judge->marks. */
void trail_judge_find_marks(struct trail_judge *judge);

/** The first record that was certainly written after the stop; one past the last when none was. */
size_t trail_judge_first_after_stop(const struct trail_judge *judge);

#endif
