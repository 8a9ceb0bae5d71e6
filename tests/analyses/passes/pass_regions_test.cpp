// Regions: every region of every committed capture against Go's own summarizer, and tables by hand.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "analyses/passes/regions/region_times.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

/// The summarizer has some waits for the collector in sync (docs/accuracy.md).
void add_to(json& block, WaitClass c, int64_t time) {
  json& sum = block[c == WaitClass::kGc ? "sync" : name_of(c)];
  sum = (sum.is_null() ? 0 : sum.get<int64_t>()) + time;
}

json region_json(const Tables& tables, const FinishedRegion& r) {
  json j = {{"name", r.inherited ? "" : std::string(tables.string(r.type))},
            {"task", r.task},
            {"total", r.total()},
            {"exec", 0},
            {"sched_wait", 0},
            {"syscall", 0},
            {"syscall_block", 0},
            {"unknown", 0},
            {"block", json::object()}};
  if (r.has_begin) j["start"] = r.begin;
  if (r.has_end) j["end"] = r.end;
  if (r.time == nullptr) return j;
  const SplitTime& t = *r.time;
  j["exec"] = t.exec;
  j["sched_wait"] = t.sched_wait;
  j["syscall"] = t.syscall;
  j["syscall_block"] = t.syscall_block;
  j["unknown"] = std::max<int64_t>(0, r.total() - t.total());
  for (size_t i = 0; i < t.block.size(); ++i)
    if (t.block[i] != 0) add_to(j["block"], static_cast<WaitClass>(i), t.block[i]);
  return j;
}

/// The summarizer's region with its block time by class, as regions are shown here.
json by_class(json region) {
  json block = json::object();
  for (const auto& [reason, time] : region["block"].items()) {
    add_to(block, wait_reason(reason).cls, time.get<int64_t>());
  }
  region["block"] = block;
  region.erase("range");
  return region;
}

/// Collects every region as the summarizer would give it, by goroutine id.
class Collector final : public Pass {
 public:
  explicit Collector(const RunContext& context)
      : context_(context),
        times_(context.tables, context.goroutines, [this](const auto& region) { add(region); }) {}
  void block(const Block& block) override { times_.block(block); }
  void finish(const Capture&, Report& report) override {
    json all = json::object();
    for (auto& [id, kept] : by_goroutine_) {
      std::ranges::sort(kept.second);
      all[std::to_string(id)] = kept.second;
    }
    report.failed_checks.push_back(all.dump());
  }

 private:
  void add(const FinishedRegion& r) {
    const Goroutine& g = context_.goroutines[r.g];
    if (r.ending != RegionEnding::kEnded && is_system_goroutine(context_.tables.string(g.name)))
      return;
    // Of goroutines with the same id the summarizer keeps the last one.
    auto& kept = by_goroutine_[g.id];
    if (kept.first != g.serial) kept = {g.serial, {}};
    kept.second.push_back(region_json(context_.tables, r));
  }
  const RunContext context_;
  RegionTimes times_;
  std::map<uint64_t, std::pair<uint64_t, std::vector<json>>> by_goroutine_;
};

const PassInfo kCollector = {
    "collector", "", "", {}, [](const RunContext& context, const PassOptions&, std::string&) {
      return std::unique_ptr<Pass>(std::make_unique<Collector>(context));
    }};

}  // namespace

TEST_CASE("regions: all regions of all captures are the summarizer's", "[regions]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path);
    const json all = answers(path);
    if (all["summary"].contains("error")) continue;  // the reference cannot read it
    const Report report = run_file(path, kCollector, {});
    json ours = json::parse(report.failed_checks.at(0));
    for (const json& g : all["summary"]["goroutines"]) {
      const std::string id = std::to_string(g["id"].get<int64_t>());
      std::vector<json> expected, got;
      if (g.contains("regions")) expected = g["regions"].get<std::vector<json>>();
      for (json& region : expected) region = by_class(region);
      if (ours.contains(id)) got = ours[id].get<std::vector<json>>();
      std::ranges::sort(expected);
      INFO("goroutine " << id);
      REQUIRE(got.size() == expected.size());
      for (size_t i = 0; i < got.size(); ++i) {
        ++compared;
        if (got[i] == expected[i]) continue;
        // In a syscall without P at the end: the summarizer counts that time twice and wrongly.
        json mended = got[i];
        const int64_t block = got[i]["syscall_block"];
        mended["syscall"] = got[i]["syscall"].get<int64_t>() + block;
        mended["sched_wait"] = got[i]["sched_wait"].get<int64_t>() + block;
        mended["syscall_block"] = 0;
        const bool open_syscall = block > 0 && !got[i].contains("end") && mended == expected[i];
        if (!open_syscall) CHECK(got[i].dump() == expected[i].dump());
      }
      ours.erase(id);
    }
    CHECK(ours.empty());
  }
  CHECK(compared == 18'080);
}

namespace tracetool {
extern const PassInfo regions_pass;
}

namespace {

/// "outer" 100-200 with two "inner" 110-130 and 140-141, blocked 115-121 and runnable to 125; an
/// "inner" that never ends, from 250 to the end at 300; an end without begin at 90.
Bytes four_regions() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 7, 0, 1);
  const auto outer = frames({"main.outer", "main.main"}), inner = frames({"main.inner"});
  m.at(1090).event("UserRegionEnd", {0, "older", inner});
  m.at(1100).event("UserRegionBegin", {0, "outer", outer});
  m.at(1110).event("UserRegionBegin", {0, "inner", inner});
  m.at(1115).event("GoBlock", {"select", inner});
  m.at(1121).event("GoUnblock", {1, 1, frames({})});
  m.at(1125).event("GoStart", {1, 2});
  m.at(1130).event("UserRegionEnd", {0, "inner", inner});
  m.at(1140).event("UserRegionBegin", {0, "inner", inner});
  m.at(1141).event("UserRegionEnd", {0, "inner", inner});
  m.at(1200).event("UserRegionEnd", {0, "outer", outer});
  m.at(1250).event("UserRegionBegin", {0, "inner", inner});
  m.at(1300).event("GoStop", {"preempted", inner});
  return b.bytes();
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("regions: sums, self time and what is incomplete", "[regions]") {
  const Report report = run_bytes(four_regions(), regions_pass, {});
  const Table& t = table(report, "regions");
  CHECK(rows(t, {"type", "count", "complete", "total_ns", "self_ns", "min_ns", "max_ns"}) ==
        Lines{"older|1|0|90|90|-|-", "inner|3|2|72|72|1|20", "outer|1|1|100|79|100|100"});
  CHECK(rows(t, {"execution_ns", "sched_wait_ns", "block_ns", "block_select_ns", "unknown_ns"}) ==
        Lines{"90|0|0|0|0", "61|5|6|6|0", "90|4|6|6|0"});
  CHECK(sum(table(report, "region_histogram"), "count") == 3);
}

TEST_CASE("regions: filters and the window", "[regions]") {
  const auto total = [](const Options& options, int64_t from = 0, int64_t to = INT64_MAX) {
    RunOptions run;
    run.from = from;
    run.to = to;
    return rows(table(run_bytes(four_regions(), regions_pass, options, run), "regions"),
                {"type", "count", "complete", "total_ns"});
  };
  CHECK(total({{"--type", "^o"}}) == Lines{"older|1|0|90", "outer|1|1|100"});
  CHECK(total({{"--complete", "1"}, {"--type", "inner"}}) == Lines{"inner|2|2|21"});
  CHECK(refusal(regions_pass, {{"--complete", "1"}, {"--incomplete", "1"}}) ==
        "--complete and --incomplete exclude each other");
  CHECK(total({{"--min", "20ns"}, {"--max", "50ns"}}) == Lines{"inner|1|1|20"});
  CHECK(total({}, 120, 160) == Lines{"inner|2|1|11", "outer|1|0|40"});
  CHECK(refusal(regions_pass, {{"--max", "-1"}}).find("--max") == 0);
}

TEST_CASE("regions: incomplete ones, and those with a message", "[regions]") {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
  const Frames f = frames({"main.f"});
  m.at(1050).event("UserLog", {0, "db", "slow, but of no region", f});
  m.at(1100).event("UserRegionBegin", {0, "outer", f});
  m.at(1110).event("UserRegionBegin", {0, "inner", f});
  m.at(1115).event("UserLog", {0, "db", "a slow query", f});
  m.at(1120).event("UserRegionEnd", {0, "inner", f});
  m.at(1130).event("UserRegionBegin", {0, "inner", f});
  m.at(1135).event("UserLog", {0, "cache", "hit", f});
  m.at(1140).event("UserRegionEnd", {0, "inner", f});
  m.at(1150).event("UserRegionEnd", {0, "outer", f});
  m.at(1160).event("UserRegionBegin", {0, "late", f});
  m.at(1170).event("GoStop", {"preempted", f});
  const auto found = [&](const Options& options) {
    return rows(table(run_bytes(b.bytes(), regions_pass, options), "regions"),
                {"type", "count", "total_ns"});
  };
  CHECK(found({{"--incomplete", "1"}}) == Lines{"late|1|11"});
  CHECK(found({{"--complete", "1"}}) == Lines{"inner|2|20", "outer|1|50"});
  CHECK(found({{"--log", "slow"}}) == Lines{"inner|1|10", "outer|1|50"});
  CHECK(found({{"--log", "cache"}}) == Lines{"inner|1|10", "outer|1|50"});
  CHECK(found({{"--log", "nowhere"}}).empty());
}

TEST_CASE("regions: too short ones are named", "[regions]") {
  TraceBuilder b(26);
  auto& m = on_cpu(b.generation(1, 1000), 7, 0, 1);
  for (int i = 0; i < 100; ++i) {
    m.event("UserRegionBegin", {0, "tiny", frames({"main.f"})}, 100);
    m.event("UserRegionEnd", {0, "tiny", frames({"main.f"})}, 300);
  }
  const Bytes bytes = b.bytes();
  CHECK(table(run_bytes(bytes, regions_pass, {}), "regions").notes.size() == 1);
  CHECK(table(run_bytes(bytes, regions_pass, {{"--short", "300ns"}}), "regions").notes.empty());
}

TEST_CASE("regions: parts close on all captures", "[regions]") {
  for (const auto& path : captures()) {
    INFO(path);
    const Report report = run_file(path, regions_pass, {});
    const Table& t = table(report, "regions");
    const int64_t parts = sum(t, "execution_ns") + sum(t, "sched_wait_ns") + sum(t, "block_ns") +
                          sum(t, "syscall_ns") + sum(t, "syscall_block_ns") + sum(t, "unknown_ns");
    CHECK(sum(t, "total_ns") == parts);
    CHECK(sum(t, "unknown_ns") >= 0);
    CHECK(sum(t, "self_ns") <= sum(t, "total_ns"));
    CHECK(sum(table(report, "region_histogram"), "count") == sum(t, "complete"));
  }
}
