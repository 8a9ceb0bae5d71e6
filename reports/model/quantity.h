// Values with units as users write them: 1.5ms, 1m30s, 64MiB, 12%, 300/s, 42. The one place that
// knows the units of what is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/model/units.h"

namespace tracetool {

/// The value in base units of `measure`; or a message why `text` is no such quantity.
struct Quantity {
  double value = 0;
  std::string error = {};
};
Quantity parse_quantity(std::string_view text, const Measure& measure);

/// Why `share`, written as `text`, can be no part of a whole; "" if it can.
std::string share_error(std::string_view text, double share);

/// "+10%", "-5.5%", "0%": a ratio with its sign.
std::optional<double> parse_percent(std::string_view text);

}  // namespace tracetool
