// The rules that there are; all_rules() lists them.
#pragma once

#include "analyses/findings/findings.h"

namespace tracetool {

/// "1 time", "18 times"
std::string count_of(double count, const std::string& thing);
/// "1 P", "8 Ps", "1.75 Ps"
std::string some_procs(double mean);

/// Whether lock-contention has anything to tell.
bool locks_are_told(const RuleInput& input);

extern const FindingRule damaged_capture_rule, short_capture_rule, tracer_overhead_rule;
extern const FindingRule oversubscription_rule, greedy_rule, serial_rule;
extern const FindingRule gc_assist_rule, low_mmu_rule, long_stw_rule;
extern const FindingRule lock_contention_rule, network_bound_rule, blocking_syscalls_rule;
extern const FindingRule fine_regions_rule, growth_rule;

}  // namespace tracetool
