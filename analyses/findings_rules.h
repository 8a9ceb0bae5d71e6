// The rules that there are; all_rules() lists them.
#pragma once

#include "analyses/findings.h"

namespace tracetool {

extern const Rule damaged_capture_rule, short_capture_rule, tracer_overhead_rule;
extern const Rule oversubscription_rule, greedy_rule, serial_rule;
extern const Rule gc_assist_rule, low_mmu_rule, long_stw_rule;
extern const Rule lock_contention_rule, network_bound_rule, blocking_syscalls_rule;
extern const Rule fine_regions_rule;

}  // namespace tracetool
