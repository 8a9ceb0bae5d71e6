#include "analyses/mmu_settings.h"

#include <algorithm>
#include <charconv>

#include "analyses/option_values.h"

namespace tracetool {
namespace {

/// Calls f with each part between commas; stops when it answers false.
template <class F>
bool each_part(std::string_view text, F f) {
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (!part.empty() && !f(part)) return false;
  }
  return true;
}

bool read_parts(std::string_view text, UtilizationParts& parts, std::string& error) {
  parts.stw = parts.background = parts.assist = parts.sweep = false;
  return each_part(text, [&](std::string_view part) {
    if (part == "stw") return parts.stw = true;
    if (part == "background") return parts.background = true;
    if (part == "assist") return parts.assist = true;
    if (part == "sweep") return parts.sweep = true;
    error = "--include '" + std::string(part) + "': expected stw, background, assist or sweep";
    return false;
  });
}

bool read_windows(const PassOptions& options, const char* name, std::vector<int64_t>& windows,
                  std::string& error) {
  return each_part(options.get(name), [&](std::string_view part) {
    const auto window = duration_in(part);
    if (!window || *window <= 0) {
      error = std::string(name) + " '" + std::string(part) +
              "': expected a duration such as 250us or 10ms";
      return false;
    }
    windows.push_back(*window);
    return true;
  });
}

bool read_budgets(std::string_view text, std::vector<MmuBudget>& budgets, std::string& error) {
  const bool good = each_part(text, [&](std::string_view part) {
    const size_t colon = part.find(':');
    const auto window = duration_in(part.substr(0, colon));
    double share = -1;
    if (colon != part.npos) {
      const char* end = part.data() + part.size();
      const auto [rest, failed] = std::from_chars(part.data() + colon + 1, end, share);
      if (failed == std::errc() && rest + 1 == end && *rest == '%') {
        share /= 100;
      } else if (failed != std::errc() || rest != end) {
        share = -1;
      }
    }
    if (!window || *window <= 0 || !(share >= 0 && share <= 1)) {
      error = "--slo '" + std::string(part) +
              "': expected WINDOW:UTILIZATION, such as 10ms:0.9 or 10ms:90%";
      return false;
    }
    budgets.push_back({*window, share});
    return true;
  });
  if (good && budgets.empty() && !text.empty()) error = "--slo: an empty list";
  return error.empty() && good;
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
