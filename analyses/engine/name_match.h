// Which names of a trace an expression of the user matches.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyses/engine/by_id.h"
#include "parser/model/tables.h"
#include "reports/words/regex.h"

namespace tracetool {

/// Looks at each name once, however often it is asked for: names are as long as the trace likes.
class NameMatch {
 public:
  /// Without a `pattern` every name matches.
  NameMatch(const Tables& tables, std::optional<Regex> pattern)
      : tables_(tables), pattern_(std::move(pattern)) {}

  bool operator()(StringId name) {
    if (!pattern_) return true;
    uint8_t& known = by_id(known_, name);
    if (known == kNotLooked) known = pattern_->found_in(tables_.string(name)) ? kMatches : kOther;
    return known == kMatches;
  }

 private:
  static constexpr uint8_t kNotLooked = 0, kMatches = 1, kOther = 2;
  const Tables& tables_;
  const std::optional<Regex> pattern_;
  std::vector<uint8_t> known_;  // by name
};

}  // namespace tracetool
