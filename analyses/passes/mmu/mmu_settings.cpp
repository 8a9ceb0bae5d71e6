#include "analyses/passes/mmu/mmu_settings.h"

#include <string_view>
#include <utility>

#include "reports/model/values.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

bool read_parts(std::string_view text, UtilizationParts& parts, std::string& error) {
  parts.stw = parts.background = parts.assist = parts.sweep = false;
  for (const std::string& part : split_list(text)) {
    bool* const known = part == "stw"          ? &parts.stw
                        : part == "background" ? &parts.background
                        : part == "assist"     ? &parts.assist
                        : part == "sweep"      ? &parts.sweep
                                               : nullptr;
    if (known == nullptr) {
      error = "--include: \"" + clean(part) + "\" is none of stw, background, assist and sweep";
      return false;
    }
    *known = true;
  }
  return true;
}

/// A length of time that a window may have.
ValueError parse_window(std::string_view text, int64_t& window) {
  if (auto error = parse_duration(text, window)) return error;
  if (window <= 0) return "\"" + clean(text) + "\" is too short for a window";
  return std::nullopt;
}

bool read_windows(const PassOptions& options, const char* name, std::vector<int64_t>& windows,
                  std::string& error) {
  for (const std::string& part : split_list(options.get(name))) {
    int64_t window = 0;
    if (const auto wrong = parse_window(part, window)) {
      error = std::string(name) + ": " + *wrong;
      return false;
    }
    windows.push_back(window);
  }
  return true;
}

bool read_budgets(std::string_view text, std::vector<MmuBudget>& budgets, std::string& error) {
  for (const std::string& part : split_list(text)) {
    const size_t colon = part.find(':');
    MmuBudget budget;
    ValueError wrong;
    if (colon == part.npos) {
      wrong = "\"" + clean(part) + "\" has no share; write 10ms:0.9 or 10ms:90%";
    } else {
      wrong = parse_window(part.substr(0, colon), budget.window);
      if (!wrong) wrong = parse_share(part.substr(colon + 1), budget.utilization);
    }
    if (wrong) {
      error = "--slo: " + *wrong;
      return false;
    }
    budgets.push_back(budget);
  }
  if (budgets.empty() && !text.empty()) error = "--slo: an empty list";
  return error.empty();
}

}  // namespace

bool read_mmu_settings(const PassOptions& options, MmuSettings& settings, std::string& error) {
  UtilizationParts& p = settings.parts;
  p.per_proc = options.flag("--per-proc");
  if (!read_parts(options.get("--include"), p, error) ||
      !read_windows(options, "--windows", settings.windows, error) ||
      !read_windows(options, "--window", settings.worst_windows, error) ||
      !read_budgets(options.get("--slo"), settings.budgets, error))
    return false;
  for (const auto& [on, name] :
       {std::pair{p.stw, "stw"}, std::pair{p.background, "background"},
        std::pair{p.assist, "assist"}, std::pair{p.sweep, "sweep"}, std::pair{p.per_proc, "per P"}})
    if (on) settings.included += (settings.included.empty() ? "" : ", ") + std::string(name);
  return true;
}

}  // namespace tracetool
