#include "analyses/engine/scope_filter.h"

#include <catch2/catch.hpp>

#include "analyses/passes/regions/region_times.h"
#include "tests/support/pass_run.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace tracetool {
extern const PassInfo goroutines_pass;
}

namespace {

/// What the passes would see of the closing transitions, behind the filter.
class Seen final : public Pass {
 public:
  Seen(const RunContext& context, Scope scope)
      : context_(context), filter_(context.tables, std::move(scope)) {}
  void block(const Block& block) override {
    copy_ = block;
    filter_.rewrite(copy_);
    for (const Event& e : copy_.all()) {
      if (e.kind != EventKind::kGoTransition || !e.closes() || e.spent_in() <= GoState::kNotExist)
        continue;
      sums_[std::to_string(context_.goroutines[e.subject].id) + " " + name_of(e.spent_in())] +=
          e.time - e.since;
    }
  }
  void finish(const Capture&, Report& report) override {
    for (const auto& [what, time] : sums_)
      if (time > 0) report.failed_checks.push_back(what + " " + std::to_string(time));
  }

 private:
  const RunContext context_;
  ScopeFilter filter_;
  Block copy_;
  std::map<std::string, int64_t> sums_;
};

Scope scope;  // makers of passes are plain functions
const PassInfo kSeen = {
    "seen", "", "", {}, [](const RunContext& context, const PassOptions&, std::string&) {
      return std::unique_ptr<Pass>(std::make_unique<Seen>(context, scope));
    }};

/// G1: region "a" (task 5) 110-150 with "b" (task 0) 120-130 inside; blocked 132-140, runnable to
/// 144; region "a" (task 7, child of `parent`) 160-165 in the same run. G9, created at 112 in task
/// 5, runs 132-140 and is preempted for good. G8, created at 155 outside, never runs.
Bytes nested(uint64_t parent = 5) {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 7, 0, 1);
  m.at(1100).event("UserTaskBegin", {7, parent, "child", frames({"main.f"})});
  m.at(1110).event("UserRegionBegin", {5, "a", frames({"main.f"})});
  m.at(1112).event("GoCreate", {9, frames({"main.heir"}), frames({"main.f"})});
  m.at(1120).event("UserRegionBegin", {0, "b", frames({"main.f"})});
  m.at(1130).event("UserRegionEnd", {0, "b", frames({"main.f"})});
  m.at(1132).event("GoBlock", {"sync", frames({"main.f"})});
  m.at(1133).event("GoStart", {9, 1});
  m.at(1140).event("GoUnblock", {1, 1, frames({"main.heir"})});
  m.at(1142).event("GoStop", {"preempted", frames({"main.heir"})});
  m.at(1144).event("GoStart", {1, 2});
  m.at(1150).event("UserRegionEnd", {5, "a", frames({"main.f"})});
  m.at(1155).event("GoCreate", {8, frames({"main.other"}), frames({"main.f"})});
  m.at(1160).event("UserRegionBegin", {7, "a", frames({"main.f"})});
  m.at(1165).event("UserRegionEnd", {7, "a", frames({"main.f"})});
  m.at(1190).event("GoBlock", {"sync", frames({"main.f"})});
  return b.bytes();
}

std::vector<std::string> inside(Scope wanted) {
  scope = std::move(wanted);
  return run_bytes(nested(), kSeen, {}).failed_checks;
}
using Lines = std::vector<std::string>;

Scope region(const char* pattern) {
  Scope s;
  s.region = regex(pattern);
  return s;
}

}  // namespace

TEST_CASE("scope: time inside regions of a type", "[scope]") {
  // Ran 110-132 and 144-150, then 160-165.
  CHECK(inside(region("^a$")) == Lines{"1 Runnable 4", "1 Running 33", "1 Waiting 8"});
  CHECK(inside(region("^b$")) == Lines{"1 Running 10"});
  CHECK(inside(region("none")).empty());
}

TEST_CASE("scope: time inside regions of a task, its children and heirs", "[scope]") {
  const Lines five = inside({.tasks = {5}, .region = {}});
  REQUIRE(five.size() == 5);
  CHECK(five[0] == "1 Runnable 4");
  CHECK(five[1] == "1 Running 33");
  CHECK(five[2] == "1 Waiting 8");
  // The heir: runnable 112-133 and from 142 to the end.
  CHECK(five[4] == "9 Running 9");
  CHECK(inside({.tasks = {7}, .region = {}}) == Lines{"1 Running 5"});
}

TEST_CASE("scope: numbers of tasks select in each trace of a file", "[scope]") {
  Bytes two = nested();
  const Bytes second = nested();
  two.insert(two.end(), second.begin(), second.end());
  scope = {.tasks = {5}, .region = {}};
  // What goes on at the end of the first ends 1 ns earlier, at the gap.
  CHECK(run_bytes(two, kSeen, {}).failed_checks ==
        Lines{"1 Runnable 8", "1 Running 66", "1 Waiting 16", "9 Runnable 139", "9 Running 18"});
  // Task 7 is a child of 5 in the first one only.
  const Bytes others = nested(4);
  Bytes apart = nested();
  apart.insert(apart.end(), others.begin(), others.end());
  CHECK(run_bytes(apart, kSeen, {}).failed_checks ==
        Lines{"1 Runnable 8", "1 Running 61", "1 Waiting 16", "9 Runnable 139", "9 Running 18"});
  // Types are names, which mean the same in both.
  scope = region("^b$");
  CHECK(run_bytes(two, kSeen, {}).failed_checks == Lines{"1 Running 20"});
}

TEST_CASE("scope: never more than there is, on all captures", "[scope]") {
  size_t some = 0;
  for (const auto& path : captures()) {
    INFO(path);
    scope = region("");
    int64_t filtered = 0, running = 0;
    for (const std::string& line : run_file(path, kSeen, {}).failed_checks) {
      const int64_t time = std::stoll(line.substr(line.rfind(' ')));
      CHECK(time > 0);
      if (line.find("Running") != std::string::npos) filtered += time;
    }
    const nlohmann::json all = answers(path);
    if (all["summary"].contains("error")) continue;
    for (const auto& g : all["summary"]["goroutines"]) running += g["exec"].get<int64_t>();
    CHECK(filtered <= running);
    some += filtered > 0;
  }
  CHECK(some > 20);
}

TEST_CASE("scope: the goroutine table closes over the time inside", "[scope]") {
  RunOptions run;
  run.scope.region = regex("a|lookup");
  size_t goroutines = 0;
  for (const auto& path : captures()) {
    INFO(path);
    const Report report = run_file(path, goroutines_pass, {}, run);
    const Table& t = table(report, "goroutines");
    goroutines += t.rows.size();
    CHECK(sum(t, "total_ns") == sum(t, "execution_ns") + sum(t, "sched_wait_ns") +
                                    sum(t, "block_ns") + sum(t, "syscall_ns") +
                                    sum(t, "syscall_block_ns"));
    CHECK(sum(t, "unknown_ns") == 0);
  }
  CHECK(goroutines > 20);
}

TEST_CASE("region types of 30,000 characters are matched at once") {
  V1Builder b(19);
  b.batch(0, 1000).string(2, std::string(30'000, 'r'));
  b.event("GoCreate", {1, 1, 2}).event("ProcStart", {5}).event("GoStartLocal", {1});
  b.event("UserRegion", {0, 0, 2, 0}).event("UserRegion", {0, 1, 2, 0});
  const Bytes bytes = b.frequency(1'000'000'000).bytes();
  RunOptions region;
  region.scope.region = regex("^(r|rr)+$");
  CHECK(table(run_bytes(bytes, goroutines_pass, {}, region), "goroutines").rows.size() == 1);
  region.scope.region = regex("(r|rr)+z");
  CHECK(table(run_bytes(bytes, goroutines_pass, {}, region), "goroutines").rows.empty());
}
