// Mutator utilization: every figure of every committed capture against the reference, and curves
// whose figures can be worked out on paper.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "analyses/passes/mmu/mmu_curve.h"
#include "analyses/passes/mmu/utilization.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo mmu_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

constexpr double kExact = 1e-9;
const std::vector<double> kQuantiles = {0.001, 0.01, 0.05, 0.5};

UtilizationParts parts_of(const std::string& set) {
  const auto has = [&set](const char* what) { return set.find(what) != set.npos; };
  return {has("stw"), has("background"), has("assist"), has("sweep"), has("perproc")};
}

/// Feeds functions from a file.
///
/// Of format 1, Go's reader drops the first GOMAXPROCS and so begins its function at the next one,
/// which is written while the collector has stopped the world. It sees that stop end but not
/// begin, counts -1 stops from then on and never notices one again. To compare the rest, all that
/// is dropped here too.
class Feed final : public BlockSink {
 public:
  Feed(const std::filesystem::path& path, const std::vector<UtilizationParts>& sets) {
    Input input;
    REQUIRE(!open_input(path.string(), {.own_thread = false}, input));
    reader_ = std::make_unique<TraceReader>(std::move(input), ReadOptions{});
    REQUIRE(!reader_->open());
    for (const UtilizationParts& parts : sets) functions.emplace_back(reader_->tables(), parts);
    reader_->read(*this);
    for (Utilization& u : functions) u.finish(reader_->facts().duration, true);
  }
  Block* exchange(Block* full) override {
    if (full == nullptr) return block_.get();
    if (reader_->facts().version < 22) {
      for (uint16_t at : full->rare_positions()) drop(full->events[at]);
    }
    for (Utilization& u : functions) u.block(*full);
    return full;
  }
  std::vector<Utilization> functions;

 private:
  void drop(Event& e) {
    if (e.kind == EventKind::kMetric && e.metric() == Metric::kGomaxprocs && !e.added()) {
      if (++gomaxprocs_ == 1) e.kind = EventKind::kExperimental;
      if (gomaxprocs_ == 2) blind_ = stopped_;
    }
    const bool begin = e.kind == EventKind::kRangeBegin;
    if (!begin && e.kind != EventKind::kRangeEnd) return;
    if (reader_->tables().string(e.name).find("(GC") == std::string_view::npos) return;
    stopped_ = begin;
    if (blind_) e.kind = EventKind::kExperimental;
  }
  std::unique_ptr<TraceReader> reader_;
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
  int gomaxprocs_ = 0;
  bool stopped_ = false, blind_ = false;
};

/// One block of events, a ns apart unless told otherwise.
class Script {
 public:
  explicit Script(Tables& tables) : tables_(tables), block_(std::make_unique<Block>()) {}
  Script& at(int64_t time) {
    time_ = time;
    return *this;
  }
  Script& sync(uint64_t n) {
    add(EventKind::kSync).arg = n;
    return *this;
  }
  Script& gap() {
    add(EventKind::kGap);
    return *this;
  }
  Script& gomaxprocs(uint64_t n) {
    Event& e = add(EventKind::kMetric);
    e.aux = static_cast<uint8_t>(Metric::kGomaxprocs);
    e.arg = n;
    return *this;
  }
  Script& range(EventKind kind, const char* name, GoSlot g, ProcIndex p, GoSlot context = kNoGo) {
    Event& e = add(kind);
    e.aux = static_cast<uint8_t>(RangeScope::kGoroutine);
    e.subject = g;
    e.g = context == kNoGo ? g : context;
    e.p = p;
    e.name = tables_.intern(name);
    return *this;
  }
  Script& begin(const char* name, GoSlot g, ProcIndex p) {
    return range(EventKind::kRangeBegin, name, g, p);
  }
  Script& end(const char* name, GoSlot g, ProcIndex p) {
    return range(EventKind::kRangeEnd, name, g, p);
  }
  /// Of the last event.
  Script& flag(EventFlag flag) {
    block_->events[block_->count - 1].flags |= flag;
    return *this;
  }
  Script& sweep(EventKind kind, ProcIndex p) {
    Event& e = add(kind);
    e.aux = static_cast<uint8_t>(RangeScope::kProc);
    e.subject = e.p = p;
    e.name = tables_.intern("GC incremental sweep");
    return *this;
  }
  Script& label(const char* name, GoSlot g, ProcIndex p) {
    Event& e = add(EventKind::kLabel);
    e.g = g;
    e.p = p;
    e.name = tables_.intern(name);
    return *this;
  }
  Script& go(GoSlot g, ProcIndex p, GoState from, GoState to) {
    Event& e = add(EventKind::kGoTransition);
    e.subject = g;
    e.p = p;
    e.from_to = pack_states(from, to);
    return *this;
  }
  /// "time:utilization …" of each series.
  std::vector<std::string> series(UtilizationParts parts, int64_t end) {
    Utilization u(tables_, parts);
    u.block(*block_);
    u.finish(end, true);
    std::vector<std::string> out;
    for (const UtilizationSeries& s : u.series()) {
      out.emplace_back();
      for (const UtilizationPoint& p : s) {
        std::ostringstream text;
        text << p.time << ":" << p.utilization;
        out.back() += (out.back().empty() ? "" : " ") + text.str();
      }
    }
    return out;
  }

 private:
  Event& add(EventKind kind) {
    Event& e = block_->events[block_->count++];
    e = Event{};
    e.time = time_++;
    e.kind = kind;
    e.g = kNoGo;
    e.p = kNoProc;
    if (kind != EventKind::kGoTransition)
      block_->lists.rare.add(static_cast<uint16_t>(block_->count - 1));
    return e;
  }
  Tables& tables_;
  std::unique_ptr<Block> block_;
  int64_t time_ = 0;
};

using Series = std::vector<std::string>;
constexpr GoState kRun = GoState::kRunning, kReady = GoState::kRunnable, kWait = GoState::kWaiting;
constexpr const char* kAssist = "GC mark assist";
constexpr const char* kStop = "stop-the-world (GC mark termination)";

}  // namespace

TEST_CASE("mmu: curve and percentiles equal the reference's on every capture", "[mmu]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path);
    const json mmu = answers(path)["mmu"];
    if (mmu.contains("error")) continue;
    std::vector<UtilizationParts> sets;
    for (const auto& [set, points] : mmu.items()) sets.push_back(parts_of(set));
    const Feed feed(path, sets);
    size_t i = 0;
    for (const auto& [set, points] : mmu.items()) {
      const MmuCurve curve(feed.functions[i++].series());
      for (const json& point : points) {
        const auto window = point["window"].get<int64_t>();
        INFO(set << ", window " << window);
        CHECK(std::abs(curve.mmu(window) - point["mmu"].get<double>()) <= kExact);
        const std::vector<double> ours = curve.quantiles(window, kQuantiles);
        for (size_t q = 0; q < kQuantiles.size(); ++q) {
          const auto theirs = point["mud"][q].get<double>();
          ++compared;
          if (std::abs(ours[q] - theirs) <= kExact) continue;
          // No windows lie between the two figures: the reference's rounding, which even depends
          // on how many parts it cuts the series into, decided for the other side of the gap.
          const std::vector<double> near = curve.quantiles(
              window, std::vector{kQuantiles[q] * (1 - kExact), kQuantiles[q] * (1 + kExact)});
          INFO("quantile " << kQuantiles[q] << ": " << ours[q] << ", reference " << theirs);
          CHECK(set.starts_with("perproc"));
          CHECK(near[0] - kExact <= theirs);
          CHECK(near[1] + kExact >= theirs);
        }
      }
    }
  }
  CHECK(compared > 40'000);
}

TEST_CASE("mmu: the tables hold what the curve says", "[mmu]") {
  const auto path = capture("go1.27", "gcassist");
  const json reference = answers(path)["mmu"]["stw,background,assist"];
  const Report report = run_file(path, mmu_pass, {{"--windows", "1ms,10ms,20ms,10s"}});
  const Table& t = table(report, "mmu");
  REQUIRE(t.rows.size() == 4);
  for (size_t i = 0; i < t.rows.size(); ++i) {
    const auto window = std::get<int64_t>(t.rows[i][0]);
    for (const json& point : reference) {
      if (point["window"] != window) continue;
      CHECK(std::get<double>(t.rows[i][1]) == Approx(point["mmu"].get<double>()));
      for (size_t q = 0; q < 4; ++q)
        CHECK(std::get<double>(t.rows[i][q + 2]) == Approx(point["mud"][q].get<double>()));
    }
  }
  CHECK(t.notes.size() == 2);  // a window that is too long; how the peer differs
  const Table& worst = table(report, "mmu_worst");
  REQUIRE(!worst.rows.empty());
  CHECK(cell(worst, 0, "utilization") == cell(t, 1, "mmu"));
  CHECK(report.failed_checks.empty());
}

TEST_CASE("mmu: a time window bounds the curve", "[mmu]") {
  RunOptions run;
  run.from = 5'000'000;
  run.to = 15'000'000;
  const Report report =
      run_file(capture("go1.27", "gcassist"), mmu_pass, {{"--windows", "10ms,1s"}}, run);
  const Table& t = table(report, "mmu");
  // The window is all there is, so that its utilization is the mean.
  CHECK(cell(t, 0, "mmu") == cell(t, 1, "mmu"));
  CHECK(cell(t, 0, "p50") == cell(t, 0, "mmu"));
  CHECK(std::stod(cell(t, 0, "mmu")) ==
        Approx(std::stod(cell(table(report, "mmu_summary"), 0, "mean_utilization"))));
  CHECK(cell(table(report, "mmu_worst"), 0, "begin_ns") == "5000000");
  CHECK(table(report, "mmu_summary").notes.empty());
  // The last point of the plot is all of it, once.
  const auto windows = rows(table(report, "mmu_curve"), {"window_ns"});
  CHECK(windows.back() == "10000000");
  CHECK(windows[windows.size() - 2] == "8912509");
  run.goroutines.ids = {1};
  const Report of_one =
      run_file(capture("go1.27", "gcassist"), mmu_pass, {{"--windows", "10ms,1s"}}, run);
  CHECK(rows(table(of_one, "mmu"), {"mmu"}) == rows(t, {"mmu"}));
  CHECK(table(of_one, "mmu_summary").notes.size() == 1);
}

TEST_CASE("mmu: budgets", "[mmu]") {
  const auto path = capture("go1.27", "gcassist");
  Report report = run_file(path, mmu_pass, {{"--slo", "10ms:0.4,10ms:45%,10ms:0.9"}});
  CHECK(rows(table(report, "mmu_slo"), {"window_ns", "verdict"}) ==
        Series{"10000000|holds", "10000000|holds", "10000000|broken"});
  REQUIRE(report.failed_checks.size() == 1);
  CHECK(report.failed_checks[0] ==
        "mutator utilization falls to 45.5% in a window of 10.0ms, below the budget of 90.0%");
  CHECK(!refusal(mmu_pass, {{"--slo", "10ms"}}).empty());
  CHECK(!refusal(mmu_pass, {{"--slo", "10ms:2"}}).empty());
  CHECK(!refusal(mmu_pass, {{"--slo", "0:0.5"}}).empty());
  CHECK(!refusal(mmu_pass, {{"--include", "gc"}}).empty());
  CHECK(!refusal(mmu_pass, {{"--window", "fast"}}).empty());
}

TEST_CASE("mmu: figures worked out on paper", "[mmu]") {
  // The program has everything but [10, 20).
  const std::vector<UtilizationSeries> series = {{{0, 1}, {10, 0}, {20, 1}, {40, 0}}};
  const MmuCurve curve(series);
  CHECK(curve.mmu(1) == 0);
  CHECK(curve.mmu(10) == 0);
  CHECK(curve.mmu(20) == 0.5);
  CHECK(curve.mmu(40) == 0.75);
  CHECK(curve.mmu(1000) == 0.75);
  // A window of 10 has 1 … 0 … 1 over 20 ns of begins and 1 over further 10: of 30 ns in all,
  // 20 u lie below u.
  const std::vector<double> q = curve.quantiles(10, std::vector{0.001, 0.05, 0.5, 0.7, 1.0});
  const double expected[] = {0.0015, 0.075, 0.75, 1, 1};
  for (size_t i = 0; i < q.size(); ++i) CHECK(std::abs(q[i] - expected[i]) < 2e-11);
  CHECK(curve.quantiles(40, kQuantiles) == std::vector<double>(4, 0.75));

  const auto worst = curve.worst(10, 10);
  REQUIRE(worst.size() == 4);
  CHECK(worst[0].begin == 10);
  CHECK(worst[0].utilization == 0);
  CHECK(worst[1].begin == 0);
  CHECK(worst[1].utilization == 1);
  const auto wide = curve.worst(15, 10);
  REQUIRE(wide.size() == 2);
  CHECK(wide[0].begin == 5);
  CHECK(wide[0].utilization == Approx(1 / 3.0));
  CHECK(wide[1].begin == 20);
}

TEST_CASE("mmu: series count together, shorter ones as a whole", "[mmu]") {
  const std::vector<UtilizationSeries> series = {{{0, 1}, {100, 0}}, {{0, 0.5}, {10, 0}}, {{7, 1}}};
  const MmuCurve curve(series);
  CHECK(curve.length() == 100);
  CHECK(curve.mmu(50) == 0.5);
  CHECK(curve.quantiles(50, std::vector{0.5}) == std::vector{1.0});
  CHECK(curve.quantiles(4, std::vector{0.05, 0.06}) == std::vector{0.5, 1.0});
  CHECK(MmuCurve({}).empty());
}

TEST_CASE("utilization: stops and assists", "[mmu]") {
  Tables tables;
  Script s(tables);
  s.sync(1).at(10).gomaxprocs(4);
  s.at(20).begin(kStop, 1, 0).at(30).end(kStop, 1, 0);
  s.at(31).begin("stop-the-world (read mem stats)", 1, 0);
  s.at(33).end("stop-the-world (read mem stats)", 1, 0);
  // An assist costs its P only while its goroutine executes, wherever it does.
  s.at(40).begin(kAssist, 2, 1).at(50).go(2, 1, kRun, kWait).at(60).go(2, kNoProc, kWait, kReady);
  s.at(70).go(2, 3, kReady, kRun).at(80).end(kAssist, 2, 3);
  CHECK(s.series({}, 100) == Series{"10:1 20:0 30:1 40:0.75 50:1 70:0.75 80:1 100:0"});
  CHECK(s.series({.background = false, .assist = false}, 100) == Series{"10:1 20:0 30:1 100:0"});
  CHECK(s.series({.per_proc = true}, 100) ==
        Series{"10:1 20:0 30:1 100:0", "10:1 20:0 30:1 40:0 50:1 100:0", "10:1 20:0 30:1 100:0",
               "10:1 20:0 30:1 70:0 80:1 100:0"});
}

TEST_CASE("utilization: a worker's label counts for one run", "[mmu]") {
  Tables tables;
  Script s(tables);
  s.gomaxprocs(2);
  for (const char* label : {"GC (dedicated)", "GC (idle)", "GC (fractional)", "GC (dedicated)"}) {
    s.go(5, 1, kReady, kRun).label(label, 5, 1).go(5, 1, kRun, kWait);
    s.go(5, kNoProc, kWait, kReady);
  }
  CHECK(s.series({}, 20) == Series{"0:1 2:0.5 3:1 10:0.5 11:1 14:0.5 15:1 20:0"});
  CHECK(s.series({.per_proc = true}, 20) == Series{"0:1 20:0", "0:1 10:0 11:1 20:0"});
}

TEST_CASE("utilization: what began before the trace", "[mmu]") {
  Tables tables;
  Script s(tables);
  s.sync(1);
  // Announced on its own P: an assist since the begin. Announced by another: it does not execute.
  s.range(EventKind::kRangeActive, kAssist, 3, 0).flag(kFlagForetells);
  s.range(EventKind::kRangeActive, kAssist, 4, 1, 9).flag(kFlagForetells);
  s.at(1).gomaxprocs(2);
  s.at(10).range(EventKind::kRangeActive, kAssist, 3, 0).flag(kFlagForetold);
  s.at(20).range(EventKind::kRangeActive, kAssist, 4, 1, 9).flag(kFlagForetold);
  s.at(30).end(kAssist, 3, 0).at(40).go(4, 1, kReady, kRun).at(50).end(kAssist, 4, 1);
  s.at(60).sweep(EventKind::kRangeBegin, 1).at(70).sync(2);
  s.at(75)
      .sweep(EventKind::kRangeActive, 1)
      .flag(kFlagForetold)
      .at(80)
      .sweep(EventKind::kRangeEnd, 1);
  CHECK(s.series({}, 90) == Series{"1:0.5 30:1 40:0.5 50:1 90:0"});
  CHECK(s.series({.sweep = true}, 90) == Series{"1:0.5 30:1 40:0.5 50:1 60:0.5 80:1 90:0"});
}

TEST_CASE("utilization: many Ps that were taken since the begin", "[mmu]") {
  Tables tables;
  Script s(tables);
  s.sync(1);
  for (int g = 2; g < 72; ++g)
    s.range(EventKind::kRangeActive, kAssist, static_cast<GoSlot>(g), static_cast<ProcIndex>(g))
        .flag(kFlagForetells);
  s.at(1).gomaxprocs(100);
  s.at(10).begin(kStop, 1, 0).at(11).end(kStop, 1, 0);
  CHECK(s.series({}, 100) == Series{"1:0.3 10:0 11:0.3 100:0"});
}

TEST_CASE("utilization: Ps come and go, and nothing is known across a gap", "[mmu]") {
  Tables tables;
  Script s(tables);
  s.sync(1).begin(kStop, 1, 0).end(kStop, 1, 0);  // before GOMAXPROCS is known
  s.at(10).gomaxprocs(1).at(20).begin(kAssist, 1, 0).at(30).gomaxprocs(4).at(40).gomaxprocs(2);
  s.at(50).gap().sync(9).at(60).gomaxprocs(1).at(70).end(kAssist, 1, 0);
  s.at(80).begin(kStop, 1, 0);
  CHECK(s.series({}, 90) == Series{"10:1 20:0 30:0.75 40:0.5 50:0", "60:1 80:0"});
  CHECK(s.series({.per_proc = true}, 90) ==
        Series{"10:1 20:0 50:0", "30:1 50:0", "30:1 40:0", "30:1 40:0", "60:1 80:0"});
}
