// Whole runs of the program, byte by byte: tests/golden/<case>/{cmd,stdout,stderr,exit}.
// TRACETOOL_UPDATE=1 writes what the program says now; then read the difference.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/io/fd_stream.h"
#include "cli/io/load_report.h"
#include "reports/compare/diff_tables.h"
#include "reports/model/units.h"
#include "tests/support/cli_run.h"

using namespace tracetool;
using namespace tracetool::test;
namespace fs = std::filesystem;

namespace {

/// What `cmd` says: the arguments in its first line, then how it is run.
struct Case {
  std::vector<std::string> args;
  std::string input;   // "input FILE": on standard input
  std::string output;  // "output closed" or "output full"
  Terminal terminal;   // "terminal WIDTH", "no-color"
};

/// Arguments as a shell splits them; single quotes are all that is needed.
std::vector<std::string> split_arguments(const std::string& line) {
  std::vector<std::string> args;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      open = false;
      continue;
    }
    if (!open) args.emplace_back();
    open = true;
    if (c != '\'') args.back() += c;
  }
  return args;
}

Case read_case(const fs::path& path) {
  Case c;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  c.args = split_arguments(line);
  REQUIRE(!c.args.empty());
  REQUIRE(c.args.front() == "tracetool");
  c.args.erase(c.args.begin());
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    if (key == "input") {
      c.input = value;
    } else if (key == "output") {
      c.output = value;
    } else if (key == "terminal") {
      c.terminal.out_is_terminal = true;
      c.terminal.width = std::stoul(value);
    } else if (key == "no-color") {
      c.terminal.no_color = true;
    } else {
      FAIL("what is \"" << line << "\"?");
    }
  }
  return c;
}

/// Standard input comes from a file, for as long as this lives.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : saved_(::dup(STDIN_FILENO)) {
    const int fd = ::open(path.empty() ? "/dev/null" : path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    ::dup2(fd, STDIN_FILENO);
    ::close(fd);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

/// Where nobody reads any more, or where there is no room.
int bad_output(const std::string& kind) {
  if (kind == "full") return ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  return ends[1];
}

CliResult run_case(const Case& c) {
  const StandardInput input(c.input);
  if (c.output.empty()) return cli(c.args, c.terminal);
  FdBuf buffer(bad_output(c.output), true);
  std::ostream out(&buffer);
  std::ostringstream err;
  const int code = run(c.args, out, err, c.terminal);
  return {code, "", err.str()};
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// There is no file where there is nothing to say.
void update(const fs::path& path, const std::string& text) {
  if (text.empty())
    fs::remove(path);
  else
    std::ofstream(path, std::ios::binary) << text;
}

/// The first line that differs, rather than pages of text.
void compare(const std::string& what, const std::string& found, const std::string& expected) {
  if (found == expected) return;
  std::istringstream f(found), e(expected);
  for (size_t number = 1;; ++number) {
    std::string found_line = "(end)", expected_line = "(end)";
    std::getline(f, found_line);
    std::getline(e, expected_line);
    if (found_line == expected_line && f && e) continue;
    FAIL_CHECK(what << " line " << number << "\n  is:  " << found_line << "\n  was: "
                    << expected_line << "\nTRACETOOL_UPDATE=1 writes it; read git diff then");
    return;
  }
}

std::string option(const std::vector<std::string>& args, const std::string& name) {
  for (size_t i = 1; i < args.size(); ++i)
    if (args[i - 1] == name) return args[i];
  return "";
}

/// What scripts rely on and what text makes of it: a line a table, then a line a column.
std::string shapes_of_tables() {
  std::vector<PassRequest> every;
  default_requests({}, every);
  std::ostringstream out;
  const auto flag = [&](bool set, const char* name) {
    if (set) out << ' ' << name;
  };
  std::vector<Table> tables = empty_report(every).tables;
  const Comparisons nothing;
  for (Table& t : diff_tables(nothing, {})) tables.push_back(std::move(t));
  for (const Table& t : tables) {
    out << t.id << ": layout " << static_cast<int>(t.layout) << ", sorted by "
        << (t.sort_by.empty() ? "-" : t.sort_by);
    flag(t.detail, "detail");
    out << '\n';
    for (const Column& c : t.columns) {
      out << "  " << c.id << ' ' << name_of(c.unit) << ' ' << name_of(c.role) << ' '
          << name_of(c.better) << " rank " << c.rank;
      flag(c.grows, "grows");
      flag(c.delta, "delta");
      flag(!c.unit_in.empty(), "unit_in");
      out << '\n';
    }
  }
  return out.str();
}

}  // namespace

TEST_CASE("the shape of a table changes only on purpose") {
  const fs::path path = fs::path(TRACETOOL_TESTS_DIR) / "golden/tables.txt";
  const std::string shapes = shapes_of_tables();
  if (std::getenv("TRACETOOL_UPDATE") != nullptr) std::ofstream(path) << shapes;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  CHECK(shapes == expected.str());
}

TEST_CASE("golden outputs") {
  const bool updating = std::getenv("TRACETOOL_UPDATE") != nullptr;
  const fs::path golden = fs::path(TRACETOOL_TESTS_DIR) / "golden";
  const fs::path before = fs::current_path();
  fs::current_path(fs::path(TRACETOOL_TESTS_DIR).parent_path());  // paths in outputs are relative
  std::set<std::string> seen;
  size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(golden)) {
    if (!fs::exists(entry.path() / "cmd")) continue;
    const Case c = read_case(entry.path() / "cmd");
    INFO("tests/golden/" << entry.path().filename().string());
    const CliResult r = run_case(c);
    ++cases;
    if (updating) {
      update(entry.path() / "stdout", r.out);
      update(entry.path() / "stderr", r.err);
      update(entry.path() / "exit", std::to_string(r.code) + "\n");
    }
    compare("stdout", r.out, contents(entry.path() / "stdout"));
    compare("stderr", r.err, contents(entry.path() / "stderr"));
    CHECK(std::to_string(r.code) + "\n" == contents(entry.path() / "exit"));
    if (c.args.empty() || r.code == 2) continue;
    const std::string format = option(c.args, "--format");
    seen.insert(c.args[0] + " " + (format.empty() ? "text" : format) + option(c.args, "--width"));
    if (c.args[0] == "help" && c.args.size() > 1) seen.insert("help " + c.args[1]);
  }
  fs::current_path(before);
  CHECK(cases == 229);
  for (const Command& command : all_commands()) {
    CAPTURE(command.name);
    CHECK(seen.contains("help " + command.name));
    for (const std::string& format : command.formats) {
      CAPTURE(format);
      // These have no columns to fit.
      const bool lines = command.name == "events" || command.name == "intervals";
      const bool wide = format == "text" && !lines;
      CHECK(seen.contains(command.name + " " + format + (wide ? "80" : "")));
      if (wide) CHECK(seen.contains(command.name + " text160"));
    }
  }
}
