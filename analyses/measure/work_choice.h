// Which tasks or regions the user asks for: the options that `tasks` and `regions` share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyses/engine/pass.h"
#include "reports/words/regex.h"

namespace tracetool {

class WorkChoice {
 public:
  /// As PassInfo declares them, for "tasks" or "regions".
  static std::vector<PassOption> options(const std::string& what, std::vector<PassOption> more);
  /// False with `error` set where a value makes no sense.
  bool read(const PassOptions& options, std::string& error);

  /// What the type has to match, if anything.
  const std::optional<Regex>& type() const { return type_; }
  /// Complete: with begin and end in the capture.
  bool takes(bool complete) const { return complete ? !incomplete_ : !complete_; }
  bool bounds_duration() const { return min_ > 0 || max_ != INT64_MAX; }
  bool takes_duration(int64_t ns) const { return ns >= min_ && ns <= max_; }
  /// Only those with a log of which is_wanted_log() is true.
  bool needs_log() const { return !log_.empty(); }
  bool is_wanted_log(std::string_view category, std::string_view message) const {
    return message.find(log_) != message.npos || category.find(log_) != category.npos;
  }

 private:
  std::optional<Regex> type_;
  int64_t min_ = 0, max_ = INT64_MAX;  // ns
  bool complete_ = false, incomplete_ = false;
  std::string log_;
};

}  // namespace tracetool
