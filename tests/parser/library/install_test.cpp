// The installed library: the examples of docs/examples know nothing of this tree but what
// `cmake --install` puts into an empty folder.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/program.h"

using namespace tracetool::test;
namespace fs = std::filesystem;

namespace {

const std::string kExamples = TRACETOOL_TESTDATA "/../docs/examples";

/// The output of a command, which succeeds.
std::string output(const Folder& folder, const std::string& command, int code = 0) {
  const std::string out = folder / "out";
  const std::string text = command + " >'" + out + "' 2>&1 </dev/null";
  const int status = std::system(text.c_str());
  INFO(command << "\n" << read_file(out));
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == code);
  return read_file(out);
}

std::string quoted(const std::string& text) { return "'" + text + "'"; }

class Installed {
 public:
  Installed() : folder_("installed") {
    output(folder_, TRACETOOL_CMAKE " --install " + quoted(TRACETOOL_BUILD) + " --prefix " +
                        quoted(prefix()));
  }
  std::string prefix() const { return folder_ / "prefix"; }
  std::string run(const std::string& command, int code = 0) const {
    return output(folder_, command, code);
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }
  /// Where a file lies whose folder depends on the system, such as lib.
  std::string find(const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(prefix()))
      if (entry.path().filename() == name) return entry.path().string();
    FAIL("not installed: " + name);
    return "";
  }

 private:
  Folder folder_;
};

const Installed& installed() {
  static const Installed kOnce;
  return kOnce;
}

}  // namespace

TEST_CASE("A program is built with the installed library and counts what tracetool counts") {
  const Installed& there = installed();
  const std::string build = there / "build";
  there.run(TRACETOOL_CMAKE " -S " + quoted(kExamples) + " -B " + quoted(build) +
            " -G '" TRACETOOL_GENERATOR "' -DCMAKE_CXX_COMPILER='" TRACETOOL_CXX
            "' -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wconversion -pedantic -Werror'"
            " -DCMAKE_PREFIX_PATH=" +
            quoted(there.prefix()));
  there.run(TRACETOOL_CMAKE " --build " + quoted(build));
  const std::string program = build + "/count_events ";
  const std::string http =
      "48 Log\n84 Metric\n1 RangeBegin\n1 RangeEnd\n84 RegionBegin\n84 RegionEnd\n"
      "1477 StateTransition\n2 Sync\n24 TaskBegin\n24 TaskEnd\n";
  CHECK(there.run(program + quoted(capture("go1.27/http"))) == http);
  for (const char* name : {"go1.19/http", "go1.22/gcassist", "go1.26/objects_generations"}) {
    CAPTURE(name);
    std::map<std::string, int> counts;
    size_t events = 0;
    const auto lines = lines_of(cli({"events", capture(name), "--format", "csv"}).out);
    for (const std::string& line : lines) {
      if (++events == 1) continue;  // names of columns
      const size_t comma = line.find(',');
      ++counts[line.substr(comma + 1, line.find(',', comma + 1) - comma - 1)];
    }
    std::string expected;
    for (const auto& [kind, count] : counts) expected += std::to_string(count) + " " + kind + "\n";
    CHECK(there.run(program + quoted(capture(name))) == expected);
    CHECK(events > 900);
  }
  const std::string cut = there / "cut.trace";
  std::ofstream(cut, std::ios::binary) << unpack(capture("go1.27/http")).substr(0, 20'000);
  CHECK(there.run(program + quoted(cut), 3) ==
        http +
            "offset 0x3fb0: the input ends inside a batch of 7711 bytes, 3669 of which are there; "
            "was the "
            "program ended before trace.Stop()? (generation 1, EventBatch); missing: 3,696 bytes; "
            "the rest of "
            "the capture, which is not in the file; names of 1,033 of 1,827 events (56.5%)\n");
  CHECK(there.run(program + quoted(kExamples + "/nothing.trace"), 2) ==
        "cannot open " + kExamples + "/nothing.trace: No such file or directory\n");
  const std::string source = read_file(kExamples + "/count_events.cpp");
  CHECK(lines_of(source).size() <= 30);
}

TEST_CASE("Python reads a capture through the installed library") {
  const Installed& there = installed();
  const std::string python = "python3 " + quoted(kExamples + "/events.py") + " " +
                             quoted(there.find("libtracetool.so")) + " ";
  CHECK(there.run(python + quoted(capture("go1.27/http"))) == R"(tracetool 0.1.0
     2 Sync
    84 Metric
     1 RangeBegin
     1 RangeEnd
    24 TaskBegin
    24 TaskEnd
    84 RegionBegin
    84 RegionEnd
    48 Log
  1430 StateTransition
    47 StateTransition
longest wait: 17563008 ns (sync)
  sync.(*WaitGroup).Wait:206
  main.serveClients:111
  workloads/internal/capture.Run:39
  main.main:115
)");
  CHECK(there.run(python + "/nowhere/trace.out", 1) ==
        "cannot open /nowhere/trace.out: No such file or directory\n");
}

TEST_CASE("Installed files are whole, and ask nothing of their user") {
  const Installed& there = installed();
  const std::regex include("#include [\"<](tracetool/[^\">]*)");
  size_t headers = 0;
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(there.prefix() + "/include")) {
    if (!entry.is_regular_file()) continue;
    ++headers;
    CAPTURE(entry.path().string());
    const std::string text = read_file(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at)
      CHECK(fs::exists(there.prefix() + "/include/" + (*at)[1].str()));
    CHECK(text.find("\"parser/") == std::string::npos);
    CHECK(text.find("<parser/") == std::string::npos);
    const std::string name = fs::relative(entry.path(), there.prefix() + "/include").string();
    all += "#include <" + name + ">\n";
  }
  CHECK(headers == 16);
  const std::string targets = read_file(there.find("tracetool-targets.cmake"));
  CHECK(targets.find("wrapv") == std::string::npos);
  CHECK(targets.find(TRACETOOL_BUILD) == std::string::npos);
  CHECK(there.run(quoted(there.prefix() + "/bin/tracetool") + " --version") ==
        cli({"--version"}).out);
  const std::string compile =
      quoted(TRACETOOL_CXX) + " -Wall -Wextra -Wconversion -pedantic -Werror -fsyntax-only ";
  // Not as a system's headers, as find_package() has them, whose warnings nobody sees.
  const std::string user = there / "user.cpp";
  std::ofstream(user) << all;
  there.run(compile + "-std=c++20 -I " + quoted(there.prefix() + "/include") + " " + quoted(user));
  // C99, and not a word more.
  there.run(compile + "-x c -std=c99 " + quoted(there.prefix() + "/include/tracetool/tracetool.h"));
}

TEST_CASE("The shared library shows what its header declares and nothing else") {
  const Installed& there = installed();
  const std::string header = read_file(there.prefix() + "/include/tracetool/tracetool.h");
  const std::regex declared("TRACETOOL_API [^;]*?(tracetool_[a-z_]+)\\(");
  std::map<std::string, int> names;
  for (std::sregex_iterator at(header.begin(), header.end(), declared), end; at != end; ++at)
    ++names[(*at)[1].str()];
  std::map<std::string, int> shown;
  const std::string library = there.find("libtracetool.so");
  for (const std::string& line : lines_of(there.run("nm -D --defined-only " + quoted(library))))
    ++shown[line.substr(line.rfind(' ') + 1)];
  CHECK(names.size() == 13);
  CHECK(shown == names);
  CHECK(there.run("objdump -p " + quoted(library))
            .find("SONAME               libtracetool.so.0.1\n") != std::string::npos);
}
