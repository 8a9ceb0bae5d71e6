// Values of pass options. Each function sets `error` (naming the option) and answers false when the
// text makes no sense; an empty text leaves `value` as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analyses/engine/pass.h"
#include "reports/words/regex.h"

namespace tracetool {

/// As parse_duration() and its like in reports/model/values.h.
bool read_duration(const PassOptions& options, const std::string& name, int64_t& value,
                   std::string& error);
bool read_number(const PassOptions& options, const std::string& name, uint64_t& value,
                 std::string& error);
bool read_regex(const PassOptions& options, const std::string& name, std::optional<Regex>& value,
                std::string& error);
bool read_size(const PassOptions& options, const std::string& name, uint64_t& value,
               std::string& error);

}  // namespace tracetool
