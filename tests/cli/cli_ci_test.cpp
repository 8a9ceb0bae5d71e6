// What build servers get: the examples of docs/ci.md as they stand there, and outputs against their
// schemas.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/json_schema.h"

using namespace tracetool::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

const std::string kRoot = std::string(TRACETOOL_TESTDATA) + "/..";

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The text of a fenced block that is marked so, the first of them behind `from`.
std::string block(const std::string& text, const std::string& mark, size_t from = 0) {
  const size_t begin = text.find("```" + mark + "\n", from);
  INFO(mark);
  REQUIRE(begin != std::string::npos);
  const size_t start = begin + mark.size() + 4;
  return text.substr(start, text.find("\n```", start) + 1 - start);
}

/// The commands of a workflow, in order: what stands behind "run:", or in the list "script:".
std::vector<std::string> commands_of(const std::string& yaml) {
  std::vector<std::string> commands;
  bool script = false;
  for (const std::string& line : lines_of(yaml)) {
    const std::string_view text = std::string_view(line).substr(line.find_first_not_of(' '));
    if (text.starts_with("run: ")) commands.emplace_back(text.substr(5));
    if (script && text.starts_with("- ")) commands.emplace_back(text.substr(2));
    if (!text.starts_with("- ")) script = text == "script:";
  }
  return commands;
}

/// A directory as a job would have it, where "go test" takes the capture that it is told to.
class Job {
 public:
  explicit Job(const std::string& name)
      : folder_(fs::temp_directory_path() / ("tracetool-ci-" + std::to_string(getpid()) + name)) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "bin");
    fs::create_symlink(TRACETOOL_PROGRAM, folder_ / "bin/tracetool");
    write("bin/go",
          "#!/bin/sh\ncase \"$*\" in 'test -run TestLoad -trace trace.out ./server') ;; "
          "*) exit 9 ;; esac\ncp next.trace trace.out\n");
    fs::permissions(folder_ / "bin/go", fs::perms::owner_all);
    write("trace-rules.json", block(text(), "json"));
    capture_is("go1.27/worker_pool_after");
  }
  ~Job() { fs::remove_all(folder_); }
  static std::string text() { return read_text(kRoot + "/docs/ci.md"); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  void capture_is(const std::string& name) const { write("next.trace", unpack(capture(name))); }
  std::string file(const std::string& name) const { return read_text(folder_ / name); }
  fs::path path(const std::string& name) const { return folder_ / name; }

  int run(const std::string& shell) const {
    write("command.sh", shell);
    const std::string line = "cd '" + folder_.string() + "' && PATH=\"$PWD/bin:$PATH\" " +
                             "GITHUB_STEP_SUMMARY=summary.md sh ./command.sh >out.txt 2>err.txt";
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  fs::path folder_;
};

}  // namespace

TEST_CASE("docs/ci.md: the shell script passes, and fails for each reason") {
  const Job job("shell");
  const std::string script = block(Job::text(), "sh script");
  REQUIRE(job.run(block(Job::text(), "sh baseline")) == 0);
  CHECK(job.run(script) == 0);
  job.capture_is("go1.27/worker_pool_before");
  CHECK(job.run(script) == 1);
  CHECK_THAT(job.file("err.txt"), Contains("fail on sched.p99 > +100%"));
  job.capture_is("go1.27/worker_pool_after");
  job.write("trace-rules.json", R"({"rules": ["sched.p99 < 1ns"]})");
  CHECK(job.run(script) == 1);
  CHECK_THAT(job.file("err.txt"), Contains("sched_summary.p99_ns is ") && Contains("--table"));
  job.write("trace-rules.json", R"({"rules": ["sched.p98 < 1s"]})");
  CHECK(job.run(script) == 2);
}

TEST_CASE("docs/ci.md: the commands of the GitHub workflow") {
  const Job job("github");
  const std::vector<std::string> commands = commands_of(block(Job::text(), "yaml"));
  REQUIRE(commands.size() == 3);
  REQUIRE(job.run(block(Job::text(), "sh baseline")) == 0);
  for (const std::string& command : commands) {
    INFO(command);
    CHECK(job.run(command) == 0);
  }
  CHECK_THAT(job.file("summary.md"), Contains("| Change |"));
  job.write("trace-rules.json", R"({"rules": ["sched.p99 < 1ns"]})");
  CHECK(job.run(commands[1]) == 1);
  CHECK_THAT(
      job.file("out.txt"),
      Contains("::error title=tracetool%3A sched.p99 < 1ns (sched_summary.p99_ns)::trace.out"));
}

TEST_CASE("docs/ci.md: the commands of the GitLab job") {
  const Job job("gitlab");
  const std::string text = Job::text();
  const std::vector<std::string> commands =
      commands_of(block(text, "yaml", text.find("## GitLab")));
  REQUIRE(commands.size() == 3);
  REQUIRE(job.run(block(text, "sh baseline")) == 0);
  for (const std::string& command : commands) {
    INFO(command);
    CHECK(job.run(command) == 0);
  }
  REQUIRE(std::system("command -v xmllint >/dev/null") == 0);
  for (const char* name : {"checks.xml", "diff.xml"}) {
    const std::string lint = "xmllint --noout --schema " + std::string(TRACETOOL_TESTDATA) +
                             "/schemas/junit.xsd " + job.path(name).string() + " 2>/dev/null";
    CHECK(std::system(lint.c_str()) == 0);
  }
  CHECK_THAT(job.file("checks.xml"), Contains("name=\"pauses (") && Contains("<skipped"));
}

TEST_CASE("JSON of every command fits its schema") {
  const JsonSchema schema(
      nlohmann::json::parse(read_text(kRoot + "/docs/schemas/report.schema.json")));
  const std::string a = capture("go1.27/lock_split_before"), b = capture("go1.27/lock_split_after");
  const std::vector<std::vector<std::string>> runs = {
      {"diff", a, b},
      {"diff", a, b, "--fail-on", "sched.p99 > +1%"},
      {"diff", "--before", a, b, "--after", b, a},
      {"check", a, "--require", "sched.p99 < 1ns", "--require", "sched.p50 < 1s"},
      {"metrics"},
      {"metrics", a},
      {"analyze", a, b},
      {"analyze", a, "/nowhere.trace", "--metrics", "sched.p99"},
      {"analyze", a},
      {"findings", a},
      {"info", a}};
  for (std::vector<std::string> args : runs) {
    args.insert(args.end(), {"--format", "json"});
    INFO(args[0] << " " << args.size());
    const CliResult r = cli(args);
    REQUIRE_FALSE(r.out.empty());
    CHECK(schema.error(nlohmann::json::parse(r.out)) == "");
  }
  // A schema that takes anything would prove nothing.
  nlohmann::json other = nlohmann::json::parse(cli({"metrics", "--format", "json"}).out);
  other["tables"]["metrics"]["columns"][0]["role"] = "value";
  CHECK(schema.error(other) != "");
}

TEST_CASE("rules fit their schema where check takes them, and only there") {
  const JsonSchema schema(
      nlohmann::json::parse(read_text(kRoot + "/docs/schemas/rules.schema.json")));
  CHECK(schema.error(nlohmann::json::parse(block(Job::text(), "json"))) == "");
  const Job job("rules");
  for (const char* text :
       {R"({"rules": ["sched.p99 < 1s"]})",
        R"({"rules": [{"require": "optional sched.p99 < 1s"}]})",
        R"({"$schema": "x", "rules": [{"require": "sched.p99 < 1s", "optional": false}]})",
        R"({"rules": []})", R"({"rules": [5]})", R"({"rules": ["sched.p99"]})", R"({})", R"([])",
        R"({"rules": ["sched.p99 < 1s"], "more": 1})", R"({"rules": [{"requier": "a < 1"}]})",
        R"({"rules": [{"require": "sched.p99 < 1s", "optional": "yes"}]})"}) {
    INFO(text);
    job.write("rules.json", text);
    const CliResult r =
        cli({"check", capture("go1.27/http"), "--rules", job.path("rules.json").string()});
    CHECK((schema.error(nlohmann::json::parse(text)).empty()) == (r.code == 0));
    CHECK((r.code == 0 || r.code == 2));
  }
}

TEST_CASE("annotations end where they should: % , : and line ends are escaped") {
  const Job job("annotations");
  job.write("rules.json",
            R"({"rules": [{"require": "sched.p99 < 1ns", "name": "50%, or: less\nnext",
                               "why": "100% :sure"}]})");
  const CliResult r = cli({"check", capture("go1.27/http"), "--rules",
                           job.path("rules.json").string(), "--format", "github"});
  CHECK(r.code == 1);
  CHECK(lines_of(r.out).size() == 1);
  CHECK_THAT(r.out, Contains("::error title=tracetool%3A 50%25%2C or%3A less") &&
                        Contains("(100%25 :sure)") && !Contains("50%,"));
}
