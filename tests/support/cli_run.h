// Runs the program in process.
#pragma once

#include <string>
#include <vector>

#include "cli/app.h"

namespace tracetool::test {

struct CliResult {
  int code = -1;
  std::string out, err;
};

/// With terminals of that kind on the other side; none by default.
CliResult cli(const std::vector<std::string>& args, const Terminal& terminal = {});

/// A capture of testdata/captures: "go1.27/http".
std::string capture(const std::string& name);
/// What Go's own reader makes of it, as JSON lines.
std::string reference_events(const std::string& name);

}  // namespace tracetool::test
