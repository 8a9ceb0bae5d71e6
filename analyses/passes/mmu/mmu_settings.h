// What the user can ask of the mmu pass.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/passes/mmu/utilization.h"

namespace tracetool {

struct MmuBudget {
  int64_t window = 0;
  double utilization = 0;
};

struct MmuSettings {
  UtilizationParts parts;
  std::vector<int64_t> windows;  // empty: a fixed choice
  std::vector<int64_t> worst_windows;
  std::vector<MmuBudget> budgets;
  std::string included;
};

/// False with `error` set for a value that makes no sense.
bool read_mmu_settings(const PassOptions& options, MmuSettings& settings, std::string& error);

}  // namespace tracetool
