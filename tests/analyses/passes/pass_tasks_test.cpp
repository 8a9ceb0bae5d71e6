// Tasks: every task of every committed capture against Go's own summarizer, and tables by hand.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "analyses/passes/tasks/task_table.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo tasks_pass;
}

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

class Collector final : public Pass {
 public:
  explicit Collector(const RunContext& context)
      : tables_(context.tables), table_(context.tables, context.goroutines, {}, {}) {}
  void block(const Block& block) override { table_.block(block); }
  void finish(const Capture&, Report& report) override {
    table_.finish();
    json all = json::object();
    for (const Task& t : table_.tasks()) {
      json j = {{"id", t.id},
                {"name", tables_.string(t.type)},
                {"logs", t.logs},
                {"regions", t.regions},
                {"goroutines", t.goroutines.size()},
                {"children", t.children},
                {"complete", t.complete()}};
      if (t.parent != kNoTask) j["parent"] = t.parent;
      if (t.begin != kNever) j["start"] = t.begin;
      if (t.end != kNever) j["end"] = t.end;
      all[std::to_string(t.id)] = j;
    }
    report.failed_checks.push_back(all.dump());
  }

 private:
  const Tables& tables_;
  TaskTable table_;
};

const PassInfo kCollector = {
    "collector", "", "", {}, [](const RunContext& context, const PassOptions&, std::string&) {
      return std::unique_ptr<Pass>(std::make_unique<Collector>(context));
    }};

/// A task of 100 ns: 40 in a region of its goroutine (20 of them blocked and 5 runnable), 30 in an
/// heir that outlives it; then one that never ends.
Bytes two_tasks() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 7, 0, 1);
  m.at(1100).event("UserTaskBegin", {5, 0, "order", frames({"main.f"})});
  m.at(1110).event("UserRegionBegin", {5, "step", frames({"main.f"})});
  m.at(1112).event("GoCreate", {9, frames({"main.heir"}), frames({"main.f"})});
  m.at(1115).event("GoBlock", {"sync", frames({"main.f"})});
  m.at(1120).event("GoStart", {9, 1});
  m.at(1130).event("UserLog", {5, "kind", "hello", frames({"main.heir"})});
  m.at(1135).event("GoUnblock", {1, 1, frames({"main.heir"})});
  m.at(1138).event("GoStop", {"preempted", frames({"main.heir"})});
  m.at(1140).event("GoStart", {1, 2});
  m.at(1150).event("UserRegionEnd", {5, "step", frames({"main.f"})});
  m.at(1160).event("UserTaskBegin", {6, 5, "part", frames({"main.f"})});
  m.at(1200).event("UserTaskEnd", {5, frames({"main.f"})});
  m.at(1210).event("UserTaskEnd", {5, frames({"main.f"})});
  m.at(1300).event("GoDestroy");
  return b.bytes();
}

}  // namespace

TEST_CASE("tasks: all tasks of all captures are the summarizer's", "[tasks]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path);
    const json all = answers(path);
    if (all["summary"].contains("error")) continue;  // the reference cannot read it
    const Report report = run_file(path, kCollector, {});
    json ours = json::parse(report.failed_checks.at(0));
    for (json expected : all["summary"]["tasks"]) {
      // Of format 1 the reference takes the end of every task for a child of task 0.
      if (expected.value("parent", uint64_t{1}) == 0) expected.erase("parent");
      if (expected["id"] == 0) {
        expected["children"] = 0;
        if (!ours.contains("0") && expected["regions"] == 0 && expected["logs"] == 0) continue;
      }
      const std::string id = std::to_string(expected["id"].get<uint64_t>());
      REQUIRE(ours.contains(id));
      json got = ours[id];
      ours.erase(id);
      ++compared;
      if (expected["name"] == "" && got["name"] != "") {
        // Ended twice: that blanks the name there, and moves the end.
        got["name"] = "";
        got["end"] = expected["end"];
      }
      CHECK(got == expected);
    }
    CHECK(ours.empty());
  }
  CHECK(compared > 500);
}

TEST_CASE("tasks: time, events and children of one task", "[tasks]") {
  const Report report = run_bytes(two_tasks(), tasks_pass, {{"--id", "5"}});
  const Table& types = table(report, "tasks");
  CHECK(rows(types, {"type", "count", "complete", "incomplete", "total_ns", "max_ns"}) ==
        std::vector<std::string>{"order|1|1|0|100|100", "part|1|0|1|0|-"});
  // Region: ran 1110-1115 and 1140-1150, blocked 1115-1135, runnable 1135-1140. Heir: runnable
  // 1112-1120, ran 1120-1138, runnable from 1138 to the task's end at 1200.
  CHECK(cell(types, 0, "execution_ns") == "33");
  CHECK(cell(types, 0, "sched_wait_ns") == "75");
  CHECK(cell(types, 0, "block_ns") == "20");
  CHECK(cell(types, 0, "block_sync_ns") == "20");
  CHECK(cell(types, 0, "work_ns") == "128");
  CHECK(cell(types, 0, "outside_ns") == "10");  // before the region; then there is always the heir
  CHECK(rows(table(report, "task_goroutines"), {"goroutine", "start_location", "work_ns"}) ==
        std::vector<std::string>{"1|main.f|40", "9|main.heir|88"});
  CHECK(rows(table(report, "task_children"), {"task", "type", "parent"}) ==
        std::vector<std::string>{"6|part|5"});
  const Table& events = table(report, "task_events");
  CHECK(rows(events, {"elapsed_ns", "goroutine", "event"}) ==
        std::vector<std::string>{"0|1|task \"order\" begins", "10|1|region \"step\" begins",
                                 "2|9|goroutine created by 1", "18|9|log kind: hello",
                                 "20|1|region \"step\" ends", "10|1|child task 6 \"part\" begins",
                                 "40|1|task ends", "10|1|task ends"});
}

/// Id 5 for a task of 30 ns with a region of 10 and a log, for one of 8 with a child, and for one
/// that has no end.
Bytes id_used_thrice() {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
  m.at(1100).event("UserTaskBegin", {5, 0, "order", frames({"main.f"})});
  m.at(1105).event("UserRegionBegin", {5, "step", frames({"main.f"})});
  m.at(1110).event("UserLog", {5, "kind", "first", frames({"main.f"})});
  m.at(1115).event("UserRegionEnd", {5, "step", frames({"main.f"})});
  m.at(1130).event("UserTaskEnd", {5, frames({"main.f"})});
  m.at(1200).event("UserTaskBegin", {5, 0, "order", frames({"main.f"})});
  m.at(1202).event("UserTaskBegin", {6, 5, "part", frames({"main.f"})});
  m.at(1204).event("UserTaskEnd", {6, frames({"main.f"})});
  m.at(1208).event("UserTaskEnd", {5, frames({"main.f"})});
  m.at(1300).event("UserTaskBegin", {5, 0, "order", frames({"main.f"})});
  m.at(1400).event("GoDestroy");
  return b.bytes();
}

TEST_CASE("tasks: an id that is used again names another task", "[tasks]") {
  const Report report = run_bytes(id_used_thrice(), tasks_pass, {});
  CHECK(
      rows(table(report, "tasks"), {"type", "count", "complete", "incomplete", "total_ns", "min_ns",
                                    "mean_ns", "max_ns", "outside_ns", "regions", "logs"}) ==
      std::vector<std::string>{"order|3|2|1|38|8|19.0|30|28|1|1", "part|1|1|0|2|2|2.0|2|2|0|0"});
  CHECK(rows(table(report, "task_list"),
             {"task", "begin_ns", "end_ns", "duration_ns", "work_ns", "children"}) ==
        std::vector<std::string>{"5|100|130|30|10|0", "5|200|208|8|0|1", "6|202|204|2|0|0",
                                 "5|300|-|-|0|0"});
  CHECK(rows(table(run_bytes(id_used_thrice(), tasks_pass, {{"--log", "first"}}), "task_list"),
             {"task", "begin_ns"}) == std::vector<std::string>{"5|100"});
}

TEST_CASE("tasks: filters", "[tasks]") {
  const auto types = [](const Options& options) {
    return rows(table(run_bytes(two_tasks(), tasks_pass, options), "tasks"), {"type"});
  };
  using Names = std::vector<std::string>;
  CHECK(types({{"--type", "^pa"}}) == Names{"part"});
  CHECK(types({{"--complete", "1"}}) == Names{"order"});
  CHECK(types({{"--incomplete", "1"}}) == Names{"part"});
  CHECK(types({{"--min", "101ns"}}).empty());
  CHECK(types({{"--min", "100ns"}, {"--max", "1us"}}) == Names{"order"});
  CHECK(types({{"--log", "hell"}}) == Names{"order"});
  CHECK(types({{"--log", "nothing"}}).empty());
  CHECK(refusal(tasks_pass, {{"--min", "soon"}}).find("--min") == 0);
  CHECK(refusal(tasks_pass, {{"--complete", "1"}, {"--incomplete", "1"}}) != "");
}

TEST_CASE("tasks: a time window clips work, and counts what lies in it", "[tasks]") {
  const auto between = [](int64_t from, int64_t to) {
    RunOptions run;
    run.from = from;
    run.to = to;
    return rows(table(run_bytes(two_tasks(), tasks_pass, {{"--id", "5"}}, run), "task_list"),
                {"task", "duration_ns", "work_ns", "execution_ns", "regions", "logs", "goroutines",
                 "children"});
  };
  // Region and heir both work until 145; the region's goroutine waits until 135, runs from 140.
  CHECK(between(125, 145) == std::vector<std::string>{"5|-|40|18|1|1|2|0"});
  // The log and all but the tail of the region lie before; the child begins at 160.
  CHECK(between(145, 170) == std::vector<std::string>{"5|-|30|5|1|0|1|1", "6|-|0|0|0|0|1|0"});
  // Only the heir is left, runnable.
  CHECK(between(155, 159) == std::vector<std::string>{"5|-|4|0|0|0|0|0"});
}

TEST_CASE("tasks: goroutines and regions select what counts as work", "[tasks]") {
  RunOptions heir;
  heir.goroutines.ids = {9};
  CHECK(rows(table(run_bytes(two_tasks(), tasks_pass, {}, heir), "tasks"), {"type", "work_ns"}) ==
        std::vector<std::string>{"order|88"});
  RunOptions step;
  step.scope.region = regex("step");
  CHECK(rows(table(run_bytes(two_tasks(), tasks_pass, {}, step), "tasks"), {"type", "work_ns"}) ==
        std::vector<std::string>{"order|40"});
}

TEST_CASE("tasks: the tables are there without any task", "[tasks]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1, 1000), 7, 0, 1);
  const Report report = run_bytes(b.bytes(), tasks_pass, {});
  CHECK(report.tables.size() == 3);
  for (const Table& t : report.tables) CHECK(t.rows.empty());
}
