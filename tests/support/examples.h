// What a page shows of an output: its lines, with "…" where some are left out.
#pragma once

#include <string>
#include <vector>

namespace tracetool::test {

using TextLines = std::vector<std::string>;

/// "" if the example is the output, as far as it does not say that something is left out; else the
/// first line that is not there, or "(the end)" where more is.
std::string first_wrong(const TextLines& example, const TextLines& output);

/// The example as the output is now: what it leaves out stays left out as far as what stands around
/// it is still there.
TextLines updated(const TextLines& example, const TextLines& output);

}  // namespace tracetool::test
