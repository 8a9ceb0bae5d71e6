#include "tests/support/cli_run.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "parser/input/byte_source.h"

namespace tracetool::test {

CliResult cli(const std::vector<std::string>& args, const Terminal& terminal) {
  std::ostringstream out, err;
  const int code = run(args, out, err, terminal);
  return {code, out.str(), err.str()};
}

std::string capture(const std::string& name) {
  return std::string(TRACETOOL_TESTDATA) + "/captures/" + name + ".trace.zst";
}

std::string reference_events(const std::string& name) {
  Input input;
  const std::string path = std::string(TRACETOOL_TESTDATA) + "/captures/" + name;
  REQUIRE_FALSE(open_input(path + ".events.jsonl.zst", {}, input));
  std::string text;
  for (;;) {
    const auto bytes = input.source->look(1 << 16);
    if (bytes.empty()) return text;
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    input.source->advance(bytes.size());
    input.source->release();
  }
}

}  // namespace tracetool::test
