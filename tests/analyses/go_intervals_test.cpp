// Single stays in states: by hand, and that they are what the tables sum up.
#include "analyses/export/go_intervals.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analyses/export/sorted_intervals.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"
#include "tests/support/temporary.h"

namespace tracetool {
extern const PassInfo goroutines_pass;
extern const PassInfo blocking_pass;
extern const PassInfo sched_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;
using nlohmann::json;

namespace {

using Lines = std::vector<std::string>;

/// G1 on P0 makes G2 and wakes it from a wait that P1's network poll does not end; G3 was waiting
/// before the trace and goes on; G1 makes a system call at the end.
Bytes states() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("ProcsChange", {2, 0})
      .at(1050)
      .event("GoStatus", {3, -1, kGoWaiting})
      .at(1100)
      .event("GoCreate", {2, frames({"main.work"}), frames({"main.make", "main.main"})})
      .at(1600)
      .event("GoUnblock", {2, 2, frames({"main.wake", "main.main"})})
      .at(1700)
      .event("GoStop", {"preempted", frames({"main.loop", "main.main"})})
      .at(1800)
      .event("GoStart", {1, 1})
      .at(1900)
      .event("GoSyscallBegin", {1, frames({"syscall.read", "main.main"})})
      .at(1950)
      .event("GoSyscallEnd");
  g.thread(2)
      .at(1010)
      .event("ProcStatus", {1, kProcIdle})
      .at(1150)
      .event("ProcStart", {1, 1})
      .at(1200)
      .event("GoStart", {2, 1})
      .at(1300)
      .event("GoBlock", {"chan receive", frames({"main.take", "main.work"})})
      .at(1650)
      .event("GoStart", {2, 3})
      .at(1750)
      .event("GoDestroy");
  return b.bytes();
}

std::vector<json> intervals(const std::string& path, const Lines& options = {}) {
  Lines args = {"intervals", path, "--format", "jsonl"};
  args.insert(args.end(), options.begin(), options.end());
  const CliResult r = cli(args);
  CAPTURE(options, r.err);
  CHECK(r.code == 0);
  std::vector<json> out;
  std::istringstream in(r.out);
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

/// "begin..end G state next" and what else is there, a line each.
Lines short_forms(const std::vector<json>& all) {
  Lines out;
  for (const json& i : all) {
    std::string line = i["begin_ns"].dump() + ".." + i["end_ns"].dump() + " G" +
                       i["goroutine"].dump() + " " + i["state"].get<std::string>();
    for (const char* key : {"next", "class", "reason", "what", "open", "woken_by"})
      if (i.contains(key)) line += std::string(" ") + key + "=" + i[key].get<std::string>();
    if (i.contains("waker")) line += " waker=" + i["waker"].dump();
    for (const char* key : {"stack", "waker_stack"}) {
      if (!i.contains(key)) continue;
      const std::string text = i[key];
      line += std::string(" ") + key + "=" + text.substr(0, text.find(' '));
    }
    out.push_back(line);
  }
  return out;
}

struct Sums {
  std::map<std::string, int64_t> by_state, by_class;
  int64_t waiting_forever = 0;
};

Sums sums(const std::filesystem::path& path, RunOptions options, int threads = 1) {
  Input input;
  REQUIRE_FALSE(open_input(path.string(), {.own_thread = false}, input));
  TraceReader reader(std::move(input), {});
  REQUIRE_FALSE(reader.open());
  const IntervalFilter all;
  std::optional<GoIntervals> maker;
  Sums out;
  int64_t last = 0;
  options.threads = threads;
  run_taker(reader, options, [&](const RunContext& context) -> BlockTaker {
    maker.emplace(context, all, options.from);
    return [&](const Block& block) {
      return maker->block(block, [&](const GoInterval& i) {
        CHECK(i.duration() > 0);
        if (i.end < last) FAIL("not in the order of their ends");
        last = i.end;
        out.by_state[interval_state(i.state)] += i.duration();
        if (i.wait_class != GoInterval::kNoClass)
          out.by_class[kWaitClassNames[i.wait_class]] += i.duration();
        if (i.waits() && reader.tables().string(i.reason) == "forever")
          out.waiting_forever += i.duration();
        return true;
      });
    };
  });
  return out;
}

int64_t sum_of(const Table& table, std::initializer_list<const char*> columns) {
  int64_t all = 0;
  for (const char* column : columns) all += sum(table, column);
  return all;
}

/// What the tables of three passes say is what the single intervals add up to.
void compare(const std::filesystem::path& path, const RunOptions& options) {
  const Sums single = sums(path, options);
  const auto of = [](const std::map<std::string, int64_t>& sums, const std::string& name) {
    const auto it = sums.find(name);
    return it == sums.end() ? 0 : it->second;
  };
  const Report goroutines = run_file(path, goroutines_pass, {}, options);
  const Table& by_start = table(goroutines, "goroutines");
  CHECK(of(single.by_state, "running") == sum(by_start, "execution_ns"));
  CHECK(of(single.by_state, "runnable") == sum(by_start, "sched_wait_ns"));
  CHECK(of(single.by_state, "syscall") == sum_of(by_start, {"syscall_ns", "syscall_block_ns"}));
  // The goroutine summary leaves out who waits for good.
  CHECK(of(single.by_state, "waiting") - single.waiting_forever == sum(by_start, "block_ns"));
  const Report blocking = run_file(path, blocking_pass, {}, options);
  const Table& classes = table(blocking, "blocking_classes");
  for (size_t row = 0; row < classes.rows.size(); ++row) {
    const std::string name = cell(classes, row, "class");
    INFO(name);
    int64_t all = 0;
    for (const char* column : {"total_ns", "open_end_ns", "open_start_ns"})
      all += std::stoll(cell(classes, row, column));
    CHECK(of(single.by_class, name) == all);
  }
}

}  // namespace

TEST_CASE("intervals by hand", "[intervals]") {
  const std::string path = scratch("intervals-states", states());
  CHECK(short_forms(intervals(path)) ==
        Lines{
            "100..200 G2 runnable next=running class=sched waker=1 stack=main.work "
            "waker_stack=main.make",
            "200..300 G2 running next=waiting reason=chan receive stack=main.take",
            "300..600 G2 waiting next=runnable class=chan reason=chan receive what=channel receive "
            "woken_by=goroutine waker=1 stack=main.take waker_stack=main.wake",
            "600..650 G2 runnable next=running class=sched waker=1 stack=main.take "
            "waker_stack=main.wake",
            "0..700 G1 running next=runnable reason=preempted open=begin stack=main.loop",
            "650..750 G2 running next=exit",
            "700..800 G1 runnable next=running class=sched reason=preempted stack=main.loop",
            "800..900 G1 running next=syscall stack=syscall.read",
            "900..950 G1 syscall next=running class=syscall what=read stack=syscall.read",
            "950..951 G1 running open=end",
            "0..951 G3 waiting class=other open=both",
        });
}

TEST_CASE("intervals as text name the waker's place where it has one", "[intervals]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .event("GoStatus", {2, -1, kGoWaiting})
      .at(1600)
      .event("GoUnblock", {2, 1, 0})
      .at(1700)
      .event("GoStatus", {3, -1, kGoWaiting})
      .at(1800)
      .event("GoUnblock", {3, 1, frames({"main.wake"})});
  const CliResult r =
      cli({"intervals", scratch("intervals-wakers", b.bytes()), "--state", "waiting"});
  CHECK_THAT(r.out, Contains("by G1 [begin open]\n") &&
                        Contains("by G1 [begin open] at main.wake m.go:11\n"));
}

TEST_CASE("intervals add up to what goroutines, blocking and sched say", "[intervals]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    compare(path, {});
    ++compared;
  }
  CHECK(compared == 279);
}

TEST_CASE("intervals add up in windows and scopes too", "[intervals]") {
  for (const char* name : {"http", "nestedtasks", "gcassist", "syscalls"}) {
    const auto path = capture("go1.27", name);
    INFO(name);
    for (const RunOptions& half : halves(path)) compare(path, half);
  }
  RunOptions scoped;
  scoped.scope.region = regex(".");
  compare(capture("go1.27", "nestedtasks"), scoped);
}

TEST_CASE("intervals are the same with any number of threads", "[intervals][threads]") {
  for (const char* name : {"go1.27/http", "go1.19/http"}) {
    const CliResult one = cli({"intervals", capture(name), "--format", "csv", "-j", "1"});
    const CliResult two = cli({"intervals", capture(name), "--format", "csv", "-j", "2"});
    CHECK(one.code == 0);
    CHECK((one.out == two.out));
  }
}

TEST_CASE("intervals are chosen by state, class, reason, length and goroutine", "[intervals]") {
  const std::string path = capture("go1.27/http");
  const auto all = intervals(path);
  const auto same = [&](const Lines& options, auto wanted) {
    std::vector<json> expected;
    std::ranges::copy_if(all, std::back_inserter(expected), wanted);
    CAPTURE(options);
    CHECK(!expected.empty());
    CHECK((intervals(path, options) == expected));
  };
  same({"--state", "waiting,Syscall"},
       [](const json& i) { return i["state"] == "waiting" || i["state"] == "syscall"; });
  same({"--class", "sched"}, [](const json& i) { return i["state"] == "runnable"; });
  same({"--class", "sync"}, [](const json& i) {
    return i.contains("class") &&
           (i["class"] == "sync" || i["class"] == "chan" || i["class"] == "select");
  });
  same({"--reason", "^chan"}, [](const json& i) {
    return i.contains("reason") && i["reason"].get<std::string>().starts_with("chan");
  });
  same({"--min", "1ms"}, [](const json& i) { return i["duration_ns"] >= 1'000'000; });
  const uint64_t one = all.front()["goroutine"];
  same({"--goroutine", std::to_string(one)}, [&](const json& i) { return i["goroutine"] == one; });
  same({"--function", "runClient"}, [](const json& i) {
    return i.contains("start_location") &&
           i["start_location"].get<std::string>().find("runClient") != std::string::npos;
  });
}

TEST_CASE("intervals are sorted and cut as asked", "[intervals]") {
  const std::string path = capture("go1.27/http");
  const auto sorted = [&](const Lines& options, const char* key, bool ascending) {
    auto expected = intervals(path);
    std::ranges::stable_sort(expected, [&](const json& a, const json& b) {
      return ascending ? a[key] < b[key] : a[key] > b[key];
    });
    CAPTURE(options);
    CHECK((intervals(path, options) == expected));
    for (const size_t top : {size_t{1}, size_t{7}, expected.size() + 5}) {
      auto some = expected;
      some.resize(std::min(top, some.size()));
      Lines cut = options;
      cut.insert(cut.end(), {"--top", std::to_string(top)});
      CHECK((intervals(path, cut) == some));
    }
  };
  sorted({"--sort", "duration_ns"}, "duration_ns", false);
  sorted({"--sort", "duration:asc"}, "duration_ns", true);
  sorted({"--sort", "begin_ns:asc"}, "begin_ns", true);
  sorted({"--sort", "goroutine"}, "goroutine", false);
  // --top alone is the longest, --top 0 all as they come.
  CHECK((intervals(path, {"--top", "5"}) == intervals(path, {"--sort", "duration", "--top", "5"})));
  CHECK((intervals(path, {"--top", "0"}) == intervals(path)));
}

TEST_CASE("intervals: ids of 2^63 and more are large, times of months have all digits",
          "[intervals]") {
  constexpr uint64_t kLate = 9'007'199'254'740'993, kLarge = (uint64_t{1} << 63) + 5;
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 1, 0, 1);
  m.at(1000 + kLate).event("GoCreate", {kLarge, frames({"main.a"}), frames({"main.f"})});
  m.at(1010 + kLate).event("GoDestroy");
  const Bytes bytes = b.bytes();
  const TemporaryFile file("large.trace", std::string(bytes.begin(), bytes.end()));
  const auto down = intervals(file.path(), {"--sort", "goroutine"});
  REQUIRE(down.size() == 2);
  CHECK(down[0]["goroutine"] == kLarge);
  CHECK(down[1]["goroutine"] == 1);
  CHECK(intervals(file.path(), {"--sort", "goroutine:asc"})[0]["goroutine"] == 1);
  const std::string begin = std::to_string(down[0]["begin_ns"].get<int64_t>());
  REQUIRE(begin.size() == 16);
  CHECK_THAT(cli({"intervals", file.path()}).out,
             Contains(begin.substr(0, 7) + "." + begin.substr(7) + "s"));
}

TEST_CASE("what does not fit into the memory for sorting is said", "[intervals]") {
  const std::string path = capture("go1.27/objects_generations");
  const CliResult r =
      cli({"intervals", path, "--sort", "duration", "--max-memory", "300KiB", "--format", "csv"});
  CHECK(r.code == 0);
  const auto kept = SortedIntervals::fit(300 << 10);
  CHECK(std::ranges::count(r.out, '\n') == static_cast<std::ptrdiff_t>(kept + 1));
  CHECK_THAT(r.err, Contains("only the first " + std::to_string(kept) + " of ") &&
                        Contains("--max-memory"));
  const CliResult top = cli({"intervals", path, "--top", "3", "--max-memory", "300KiB"});
  CHECK(top.err.empty());
}

TEST_CASE("intervals without a name yet are counted where a name is asked for", "[intervals]") {
  const std::string path = capture("go1.26/startstop");
  int64_t some = 0, none = 0;
  for (const Lines& filter : {Lines{}, Lines{"--class", "sched"}, Lines{"--class", "syscall"},
                              Lines{"--class", "sleep"}, Lines{"--reason", "preempted"}}) {
    CAPTURE(filter);
    int64_t count = 0;
    for (const json& interval : intervals(path, filter))
      count += !interval.contains("start_location");
    Lines args = {"intervals", path, "--function", "main.spinUntil"};
    args.insert(args.end(), filter.begin(), filter.end());
    const CliResult chosen = cli(args);
    CHECK(chosen.code == 0);
    const std::string note = "tracetool intervals: " + std::to_string(count) +
                             " intervals are left out: they ended before the capture told the " +
                             "name of their goroutine\n";
    CHECK((count == 0 || chosen.err == note));
    CHECK((count > 0 || chosen.err.find("told the name") == std::string::npos));
    count > 0 ? ++some : ++none;
  }
  CHECK(some == 2);
  CHECK(none == 3);
  CHECK(cli({"intervals", path, "--format", "csv"}).err.empty());
}

TEST_CASE("intervals across the border of a window are cut and say so", "[intervals]") {
  const std::string path = scratch("intervals-window", states());
  const Lines cut = short_forms(intervals(path, {"--from", "400ns", "--to", "650ns"}));
  CHECK(cut == Lines{
                   "400..600 G2 waiting next=runnable class=chan reason=chan receive what=channel "
                   "receive open=begin woken_by=goroutine waker=1 stack=main.take "
                   "waker_stack=main.wake",
                   "600..650 G2 runnable next=running class=sched waker=1 stack=main.take "
                   "waker_stack=main.wake",
                   "400..650 G1 running open=both",
                   "400..650 G3 waiting class=other open=both",
               });
}

TEST_CASE("mistyped words of intervals are told from known ones", "[intervals]") {
  const std::string path = capture("go1.27/http");
  const auto refused = [&](const Lines& options) {
    Lines args = {"intervals", path};
    args.insert(args.end(), options.begin(), options.end());
    const CliResult r = cli(args);
    CHECK(r.code == 2);
    CHECK(r.out.empty());
    return r.err;
  };
  CHECK_THAT(refused({"--state", "wating"}), Contains("did you mean \"waiting\""));
  CHECK_THAT(refused({"--state", ","}), Contains("an empty list"));
  CHECK_THAT(refused({"--class", "snyc"}), Contains("did you mean \"sync\""));
  CHECK_THAT(refused({"--sort", "durations_ns"}), Contains("did you mean \"duration_ns\""));
  CHECK_THAT(refused({"--min", "5"}), Contains("has no unit"));
  CHECK_THAT(refused({"--max-memory", "lots"}), Contains("--max-memory"));
  CHECK_THAT(refused({"--reason", "("}), Contains("--reason"));
  CHECK_THAT(cli({"interval", path}).err, Contains("did you mean \"intervals\""));
}

TEST_CASE("csv of intervals has a cell a column, whatever a name holds", "[intervals]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1).at(1100).event("GoBlock", {"a,\"b\"\n", frames({"main.\"x\",y"})});
  const std::string path = scratch("intervals-quotes", b.bytes());
  const CliResult r = cli({"intervals", path, "--format", "csv"});
  CHECK(r.code == 0);
  CHECK_THAT(r.out, Contains("\"a,\"\"b\"\"\n\""));
  CHECK_THAT(r.out, Contains("main.\"\"x\"\",y"));
}
