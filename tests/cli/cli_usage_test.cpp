#include <catch2/catch.hpp>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/options/command_line.h"
#include "reports/words/utf8.h"
#include "tests/support/cli_run.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

/// A usage error is one line on standard error, nothing on standard output, exit code 2.
void refused(const std::vector<std::string>& args, const std::string& expected) {
  const CliResult r = cli(args);
  CAPTURE(args);
  CHECK(r.code == 2);
  CHECK(r.out.empty());
  CHECK_THAT(r.err, Contains(expected));
  CHECK_THAT(r.err, StartsWith("tracetool"));
  REQUIRE_FALSE(r.err.empty());
  CHECK(r.err.find('\n') == r.err.size() - 1);
}

}  // namespace

TEST_CASE("no arguments: the help, on standard error") {
  const CliResult r = cli({});
  CHECK(r.code == 2);
  CHECK(r.out.empty());
  CHECK_THAT(r.err, Contains("Usage: tracetool COMMAND TRACE"));
}

TEST_CASE("help of the program and of each command") {
  const CliResult main = cli({"help"});
  CHECK(main.code == 0);
  CHECK(main.err.empty());
  CHECK(cli({"--help"}).out == main.out);
  for (const Command& command : all_commands()) {
    CAPTURE(command.name);
    CHECK_THAT(main.out, Contains("\n  " + command.name + " "));
    const CliResult r = cli({command.name, "--help"});
    CHECK(r.code == 0);
    CHECK(r.out == cli({"help", command.name}).out);
    CHECK_THAT(r.out, StartsWith("tracetool " + command.name + ": "));
    CHECK_THAT(r.out, Contains("--format FORMAT"));
    CHECK_THAT(r.out, Contains("tracetool " + command.name + " "));
  }
}

TEST_CASE("help fits 80 columns") {
  for (const Command& command : all_commands()) {
    std::istringstream help(cli({"help", command.name}).out);
    for (std::string line; std::getline(help, line);) {
      CAPTURE(command.name, line);
      CHECK(display_width(line) <= 80);
    }
  }
  CHECK(cli({"help", "help"}).out == cli({"help"}).out);
}

TEST_CASE("usage lines name the arguments") {
  const auto usage = [](const std::string& command) {
    const std::string help = cli({"help", command}).out;
    const size_t at = help.find("Usage: ");
    return help.substr(at, help.find('\n', at) - at);
  };
  CHECK(usage("goroutines") == "Usage: tracetool goroutines TRACE [OPTION]...");
  CHECK(usage("analyze") == "Usage: tracetool analyze TRACE... [OPTION]...");
  CHECK(usage("diff") == "Usage: tracetool diff BEFORE AFTER [OPTION]...");
  CHECK(usage("blocking") == "Usage: tracetool blocking [net,...] TRACE [OPTION]...");
  CHECK(usage("metrics") == "Usage: tracetool metrics [TRACE] [OPTION]...");
}

TEST_CASE("version") {
  const CliResult r = cli({"--version"});
  CHECK(r.code == 0);
  CHECK_THAT(r.out, StartsWith("tracetool 0."));
}

TEST_CASE("mistyped names get a suggestion") {
  const std::string http = capture("go1.27/http");
  refused({"analyse", http}, "did you mean \"analyze\"?");
  refused({"help", "evnts"}, "did you mean \"events\"?");
  refused({"analyze", http, "--fromat", "json"}, "did you mean \"--format\"");
  refused({"analyze", http, "--formt=json"}, "unknown option --formt;");
  refused({"analyze", http, "--format", "jso"}, "did you mean \"json\"");
  refused({"events", http, "--kind", "Sync,Metrik"}, "did you mean \"Metric\"");
  refused({"analyze", http, "--table", "captur"}, "did you mean \"capture\"");
  refused({"capture", http, "--sort", "gomaxproc"}, "did you mean \"gomaxprocs\"");
  refused({"info", http, "--table", "wire", "--columns", "byte"}, "did you mean \"bytes\"");
  refused({"frobnicate", http}, "tracetool help lists them");
}

TEST_CASE("a column that no table has: those that there are") {
  const std::string http = capture("go1.27/http");
  refused({"analyze", http, "--sort", "bogus"},
          "--sort: no table has a column \"bogus\" (--explain tells those of every table)");
  refused({"goroutines", http, "--sort", "bogus"},
          "--sort: no table has a column \"bogus\" (columns: start_location, count, ");
  refused({"goroutines", http, "--sort", "tota"},
          "did you mean \"total_ns\"? (total_ns is in goroutines)");
  refused({"analyze", http, "--sort", "yeild_ns"},
          "did you mean \"yield_ns\"? (yield_ns is in sched)");
  refused({"analyze", http, "--table", "sched", "--sort", "bogus"},
          "table sched has no column \"bogus\" (columns: start_location, ");
}

TEST_CASE("wrong values of --slo and --threshold are wrong usage") {
  const std::string http = capture("go1.27/http");
  for (const std::string slo : {"10ms", "10ms:", ":0.9", "10ms:2", "10ms:-1", "10ms:x", "0ms:0.5",
                                "10ms:0.9:1", "10ms:0.9,x", "10:0.9", "10ms:nan"})
    refused({"mmu", http, "--slo", slo}, "--slo: \"");
  refused({"mmu", http, "--slo", ""}, "--slo: an empty list");
  refused({"mmu", http, "--slo", ","}, "--slo: an empty list");
  refused({"findings", http, "--threshold", "foo=1"},
          "unknown finding \"foo\" (findings: damaged, ");
}

TEST_CASE("behind -- there are only files") {
  const std::string http = capture("go1.27/http");
  CHECK(cli({"blocking", "net", "--top", "3", "--", http}).out ==
        cli({"blocking", "net", http, "--top", "3"}).out);
  refused({"blocking", "--", "net"}, "cannot open net");
  refused({"blocking", "--", "net", http}, "unexpected argument");
  refused({"info", "--"}, "which trace?");
  for (const Command& command : all_commands()) {
    CAPTURE(command.name);
    std::vector<std::string> args = {command.name};
    if (command.name == "critical-path") args.insert(args.end(), {"--goroutine", "1"});
    if (command.name == "check") args.insert(args.end(), {"--require", "sched.p99 < 1s"});
    args.insert(args.end(), {"--", "-x"});
    if (command.name == "diff") args.emplace_back("-y");
    const CliResult r = cli(args);
    CHECK(r.code == 2);
    CHECK_THAT(r.err, Contains("cannot open -x"));
  }
}

TEST_CASE("help lists no filter that does not apply") {
  const std::string http = capture("go1.27/http");
  for (const Command& command : all_commands()) {
    if (command.pass == nullptr) continue;
    CAPTURE(command.name);
    const std::string name = command.name, help = cli({name, "--help"}).out;
    const bool all =
        name == "capture" || name == "heap" || name == "mmu" || name == "stw" || name == "threads";
    for (const char* filter : {"--function", "--goroutine", "--no-system"})
      CHECK((help.find("\n  " + std::string(filter) + " ") != std::string::npos) == !all);
    CHECK_THAT(help, Contains("\n  --from TIME"));
    if (!all) continue;
    const CliResult r = cli({name, http, "--function", "main"});
    CHECK(r.code == 0);
    CHECK_THAT(r.out, Contains("do not apply"));
  }
  CHECK_THAT(cli({"leaks", "--help"}).out, !Contains("--region") && Contains("--function"));
}

TEST_CASE("names are checked before the capture is read") {
  refused({"analyze", "/nonexistent", "--table", "captur"}, "did you mean \"capture\"");
}

TEST_CASE("control characters of a command line are told as escapes, whatever it is wrong with") {
  const std::string http = capture("go1.27/http");
  const std::string bad = "\x1b[31mx\r\n::error::y\x07\u202e##[error]z##vso[x]";
  const auto told = [&](const std::vector<std::string>& args) {
    const CliResult r = cli(args);
    CAPTURE(args);
    for (const std::string& text : {r.out, r.err}) {
      CHECK(text.find_first_of("\x1b\r\x07") == text.npos);
      CHECK(text.find("\u202e") == text.npos);
      CHECK(text.find("##[") == text.npos);
      CHECK(text.find("##vso[") == text.npos);
      CHECK(text.find("\n::") == text.npos);
      CHECK_FALSE(text.starts_with("::"));
    }
    return r.code;
  };
  CHECK(told({bad}) == 2);
  CHECK(told({"help", bad}) == 2);
  CHECK(told({"-" + bad}) == 2);
  CHECK(told({"capture", "/nonexistent/" + bad}) == 2);
  CHECK(told({"capture", http, "-o", "/nonexistent/" + bad}) == 2);
  CHECK(told({"diff", http, http, "--per", "task:" + bad}) == 2);
  CHECK(told({"check", http, "--require", "sched.p99 < 5" + bad}) == 2);
  CHECK(told({"check", http, "--require", "optional goroutines[\"" + bad + "\"].count > 0"}) == 0);
  CHECK(told({"findings", http, "--threshold", "gc-assist=" + bad}) == 2);
  CHECK(told({"mmu", http, "--slo", "10ms:" + bad}) == 2);
  CHECK(told({"wakers", http, "--wait", "1@" + bad}) == 2);
  for (const Command& command : all_commands()) {
    CHECK(told({command.name, http, http, bad}) == 2);
    CHECK(told({command.name, http, "--" + bad}) == 2);
    for (const Wanted& option : options_of(command)) {
      if (option.value.empty() || option.name == "--output" || option.name == "--log") continue;
      const int code = told({command.name, http, option.name, bad});
      if (option.value != "REGEX") CHECK(code == 2);  // as an expression it is fine
    }
  }
}

TEST_CASE("wrong values name their option") {
  const std::string http = capture("go1.27/http");
  refused({"analyze", http, "--from", "5"}, "--from: \"5\" has no unit");
  refused({"analyze", http, "--to", "fast"}, "--to: \"fast\" is no duration");
  refused({"analyze", http, "--from", "-1s"}, "--from: \"-1s\" is negative");
  refused({"analyze", http, "--from", "2s", "--to", "1s"}, "--from: \"2s\" is later than --to");
  refused({"analyze", http, "--from"}, "--from: a value is missing");
  refused({"analyze", http, "--function", "("},
          "--function: \"(\" is no regular expression: a ( without its )");
  refused({"logs", http, "--message", "a\\1"}, "--message: \"a\\1\" is no regular expression: no");
  refused({"mmu", http, "--slo", "1min"}, "--slo: \"1min\" has no share; write 10ms:0.9");
  refused({"mmu", http, "--slo", "10ms:140%"}, "--slo: \"140%\" is more than 1");
  refused({"mmu", http, "--window", "0"}, "--window: \"0\" is too short for a window");
  refused({"mmu", http, "--include", "stw,x"}, "--include: \"x\" is none of stw, background");
  refused({"parallelism", http, "--shortest", "1"}, "--shortest: \"1\" has no unit; write 1.5s");
  refused({"tasks", http, "--min", "1 day"}, "--min: \"day\" is no unit of a duration");
  refused({"wakers", http, "--wait", "5"}, "--wait: \"5\" has no time; it is GOROUTINE@TIME");
  refused({"wakers", http, "--wait", "5@1"}, "--wait: \"1\" has no unit");
  refused({"critical-path", http, "--max-memory", "5ms"}, "--max-memory: \"ms\" is no unit of a");
  refused({"analyze", http, "--goroutine", "1,x"}, "--goroutine: \"x\" is not a whole number");
  refused({"analyze", http, "--top", "-3"}, "--top: \"-3\" is negative");
  refused({"analyze", http, "-j", "0"}, "--threads: between 1 and 1024");
  refused({"analyze", http, "--width", "5"}, "--width: at least 24");
  refused({"analyze", http, "--color", "sometimes"}, "--color: unknown value \"sometimes\"");
  refused({"analyze", http, "--progress", "--no-progress"}, "--progress: contradicts");
  refused({"events", http, "--limit", "99999999999999999999"}, "--limit: \"99999999999999999999\"");
  refused({"events", http, "--kind", ""}, "--kind: an empty list");
  refused({"analyze", http, "--format", "csv"}, "--table: there are several tables");
  refused({"analyze", http, "--columns", "format"}, "--columns: choose a table with --table first");
  refused({"events", http, "--raw", "--kind", "Sync"}, "--raw: wire events cannot be filtered");
}

TEST_CASE("all durations have the same units") {
  const std::string http = capture("go1.27/http");
  for (const char* text : {"1min", "1m30s", "1.5s", "10ms", "1\u00b5s", "1\u03bcs"}) {
    const std::string duration = text;
    CAPTURE(duration);
    for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
             {"capture", "--to", duration},
             {"parallelism", "--shortest", duration},
             {"mmu", "--window", duration},
             {"mmu", "--windows", duration},
             {"mmu", "--slo", duration + ":50%"},
             {"tasks", "--min", duration},
             {"regions", "--max", duration},
             {"regions", "--short", duration},
             {"wakers", "--wait", "1@" + duration},
             {"findings", "--threshold", "long-stw=" + duration},
             {"check", "--require", "sched.max >= 0"},
             {"check", "--require", "sched.max != " + duration}}) {
      std::vector<std::string> all = args;
      all.push_back(http);
      CAPTURE(all);
      CHECK(cli(all).err.empty());
    }
  }
}

TEST_CASE("a trace, and only one") {
  refused({"analyze"}, "which trace?");
  refused({"goroutines", "a", "b"}, "one trace at a time");
  refused({"--strict", "analyze", "a"}, "the command comes first");
}

TEST_CASE("options may stand before the trace") {
  const std::string http = capture("go1.27/http");
  for (const std::vector<std::string>& option :
       std::vector<std::vector<std::string>>{{"--format", "csv"},
                                             {"--top", "3"},
                                             {"-j", "1"},
                                             {"--from", "1ms"},
                                             {"--width", "80"},
                                             {"--goroutine", "1"},
                                             {"--table", "blocking"},
                                             {"--profile", "net"}}) {
    std::vector<std::string> first = {"blocking", "--table", "blocking_classes"};
    std::vector<std::string> last = {"blocking", http, "--table", "blocking_classes"};
    first.insert(first.end(), option.begin(), option.end());
    last.insert(last.end(), option.begin(), option.end());
    first.push_back(http);
    CAPTURE(option);
    CHECK(cli(first).code == 0);
    CHECK(cli(first).out == cli(last).out);
  }
}

TEST_CASE("a list of profiles may stand alone") {
  const std::string http = capture("go1.27/http");
  const std::string net = cli({"blocking", http, "--profile", "net"}).out;
  CHECK_THAT(net, Contains("net "));
  CHECK(cli({"blocking", "net", http}).out == net);
  CHECK(cli({"blocking", http, "net"}).out == net);
  refused({"blocking", "nett", http}, "unexpected argument \"nett\"; did you mean \"net\"?");
}

TEST_CASE("regions and tasks narrow what is accounted, unless a command means something else") {
  const std::string http = capture("go1.27/http");
  const CliResult r = cli({"goroutines", http, "--region", "^lookup$", "--format", "csv", "--table",
                           "goroutines", "--columns", "start_location,count,total_ns,unknown_ns"});
  CHECK(r.code == 0);
  CHECK(r.out ==
        "start_location,count,total_ns,unknown_ns\r\nnet/http.(*conn).serve,4,47462784,0\r\n");
  CHECK(cli({"critical-path", http, "--region", "^lookup$"}).code == 0);
  refused({"goroutines", http, "--region", "("}, "--region: \"(\" is no regular expression");
  refused({"goroutines", http, "--task", "x"}, "--task");
}

TEST_CASE("how fast the tracer wrote is not told from a part of the events") {
  const std::string nested = capture("go1.27/nestedtasks");
  const auto rate = [&](const std::vector<std::string>& more) {
    std::vector<std::string> args = {"capture",           nested, "--table", "capture", "--columns",
                                     "events_per_second", "-f",   "csv"};
    args.insert(args.end(), more.begin(), more.end());
    const std::string out = cli(args).out;
    return out.substr(out.find('\n') + 1);
  };
  CHECK(std::stod(rate({})) > 1000);
  CHECK(rate({"--region", "."}) == "\"\"\r\n");
  CHECK_THAT(cli({"capture", nested, "--region", "."}).out,
             Contains("note: events and CPU samples are those inside of the tasks and regions"));
}

TEST_CASE("inputs that cannot be read") {
  refused({"analyze", "/nonexistent"}, "No such file or directory");
  refused({"events", "/dev/null"}, "the file is empty");
  refused({"info", TRACETOOL_TESTS_DIR}, "directory");
  refused({"info", std::string(TRACETOOL_TESTS_DIR) + "/CMakeLists.txt"}, "CMakeLists.txt: ");
}
