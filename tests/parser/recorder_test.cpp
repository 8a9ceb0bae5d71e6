// The recorder by itself: times, what an event says of the state that it ends, blocks, slots.
#include "parser/record/recorder.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>

using namespace tracetool;

namespace {

/// Keeps copies of all blocks; hands each back `delay` exchanges later, as passes on another thread
/// would.
class KeepingSink final : public BlockSink {
 public:
  explicit KeepingSink(size_t delay = 0, size_t most = SIZE_MAX) : delay_(delay), most_(most) {}
  Block* exchange(Block* full) override {
    if (full != nullptr) {
      for (const Event& e : full->all()) events.push_back(e);
      for (uint16_t i : full->rare_positions()) rare.push_back(first_ + i);
      for (uint16_t i : full->born_positions()) born.push_back(first_ + i);
      for (uint16_t i : full->named_positions()) named.push_back(first_ + i);
      for (uint16_t i : full->ended_positions()) ended.push_back(first_ + i);
      full->each_life([&](const Event& e) { life.push_back(e.time); });
      first_ += full->count;
      ++blocks;
      texts += full->text;
      waiting_.push_back(full);
      if (blocks == most_) return nullptr;
    }
    if (waiting_.size() <= delay_) return own_.emplace_back(std::make_unique<Block>()).get();
    Block* next = waiting_.front();
    waiting_.erase(waiting_.begin());
    return next;
  }
  std::vector<Event> events;
  std::vector<size_t> rare, born, named, ended;
  std::vector<int64_t> life;
  std::string texts;
  size_t blocks = 0;

 private:
  size_t delay_, most_, first_ = 0;
  std::vector<std::unique_ptr<Block>> own_;
  std::vector<Block*> waiting_;
};

GoSlot new_go(Recorder& r, uint64_t id) { return r.goroutines().insert(id).slot; }

constexpr Context kOnP0{0, 0, kNoGo};

}  // namespace

TEST_CASE("Times are relative to the first event and rise strictly") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(5'000, 1, 1);
  r.metric(5'000, {}, Metric::kHeapAlloc, 1, 0);
  r.metric(4'000, {}, Metric::kHeapAlloc, 2, 0);
  r.metric(5'010, {}, Metric::kHeapAlloc, 3, 0);
  r.metric(INT64_MIN, {}, Metric::kHeapAlloc, 4, 0);
  r.final_sync();
  CHECK(r.last_time() == 12);
  CHECK(r.relative(4'900) == -100);
  CHECK(r.events() == 6);
  r.finish();
  std::vector<int64_t> times;
  for (const Event& e : sink.events) times.push_back(e.time);
  CHECK(times == std::vector<int64_t>{0, 1, 2, 10, 11, 12});
}

TEST_CASE("A transition tells when, where and why the state it ends began") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(1000, 1, 1);
  const GoSlot g = new_go(r, 9);
  r.go(1010, kOnP0, g, GoState::kNotExist, GoState::kRunnable, 0, 5, 6);
  r.go(1020, kOnP0, g, GoState::kRunnable, GoState::kRunning, 0, 0, 0);
  r.go(1050, {0, 0, g}, g, GoState::kRunning, GoState::kWaiting, 77, 8, 8);
  r.go(1090, {1, 1, kNoGo}, g, GoState::kWaiting, GoState::kRunnable, 0, 9, 0);
  r.finish();
  REQUIRE(sink.events.size() == 6);
  const Event& created = sink.events[1];
  CHECK(created.arg == 9);
  CHECK(created.flags == kFlagNames);
  CHECK(created.transition_stack() == 6);
  const Event& blocked = sink.events[3];
  CHECK(blocked.since == 20);
  CHECK(blocked.name == 77);
  const Event& woken = sink.events[4];
  CHECK(woken.since == 50);
  CHECK(woken.since_stack == 8);
  CHECK(woken.since_name == 77);
  CHECK(woken.stack == 9);
  CHECK(woken.transition_stack() == 0);
  CHECK(woken.spent_in() == GoState::kWaiting);
  const Event& open = sink.events[5];
  CHECK(open.open_end());
  CHECK_FALSE(open.open_start());
  CHECK(open.time == 90);
  CHECK(open.since == 90);
  CHECK(open.since_stack == 9);
  CHECK(open.from() == GoState::kRunnable);
  CHECK(open.closes());
}

TEST_CASE("What was there before the trace is open at its start until its state changes") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(0, 1, 1);
  const GoSlot g = new_go(r, 1);
  r.go(10, {}, g, GoState::kUndetermined, GoState::kWaiting, 0, 0, 0);
  r.go(20, {}, g, GoState::kWaiting, GoState::kWaiting, 0, 0, 0);
  r.go(30, {}, g, GoState::kWaiting, GoState::kRunnable, 0, 0, 0);
  r.go(40, kOnP0, g, GoState::kRunnable, GoState::kRunning, 0, 0, 0);
  r.finish();
  const auto& e = sink.events;
  CHECK(e[1].open_start());
  CHECK(e[1].since == 0);
  CHECK(e[1].spent_in() == GoState::kWaiting);
  CHECK_FALSE(e[2].closes());
  CHECK(e[3].open_start());
  CHECK(e[3].since == 10);
  CHECK_FALSE(e[4].open_start());
}

TEST_CASE("In a syscall: when the P was lost") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(0, 1, 1);
  const GoSlot kept = new_go(r, 1), lost = new_go(r, 2), early = new_go(r, 3);
  r.proc(1, {}, 0, ProcState::kUndetermined, ProcState::kRunning);
  r.proc(2, {}, 1, ProcState::kUndetermined, ProcState::kRunning);
  r.go(3, {0, 0, kNoGo}, kept, GoState::kUndetermined, GoState::kRunning, 0, 0, 0);
  r.go(4, {1, 1, kNoGo}, lost, GoState::kUndetermined, GoState::kRunning, 0, 0, 0);
  r.go(5, {0, 0, kept}, kept, GoState::kRunning, GoState::kSyscall, 0, 0, 0);
  r.go(6, {1, 1, lost}, lost, GoState::kRunning, GoState::kSyscall, 0, 0, 0);
  r.go(7, {}, early, GoState::kUndetermined, GoState::kSyscall, 0, 0, 0);
  r.proc(8, {}, 1, ProcState::kRunning, ProcState::kIdle);
  r.go(9, {0, 0, kept}, kept, GoState::kSyscall, GoState::kRunning, 0, 0, 0);
  r.proc(10, {0, 0, kept}, 0, ProcState::kRunning, ProcState::kIdle);  // no syscall's any more
  r.go(11, {1, kNoProc, lost}, lost, GoState::kSyscall, GoState::kRunnable, 0, 0, 0);
  r.go(12, {2, kNoProc, early}, early, GoState::kSyscall, GoState::kRunnable, 0, 0, 0);
  r.finish();
  const auto& e = sink.events;
  CHECK(e[7].p_lost() == 0);  // without a P since before the trace
  CHECK(e[9].p_lost() == kNever);
  CHECK(e[11].p_lost() == 8);
  CHECK(e[12].p_lost() == 7);
}

TEST_CASE("Ranges, regions and tasks end with their begin; what is left open is closed") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(0, 1, 1);
  const GoSlot g = new_go(r, 1);
  const Context on{0, 0, g};
  r.proc(1, {}, 0, ProcState::kUndetermined, ProcState::kRunning);
  r.go(2, kOnP0, g, GoState::kUndetermined, GoState::kRunning, 0, 0, 0);
  r.range_begin(3, on, EventKind::kRangeBegin, RangeScope::kGoroutine, g, 10, 100);
  r.range_begin(4, on, EventKind::kRangeActive, RangeScope::kProc, 0, 11, 0);
  r.range_begin(5, on, EventKind::kRangeBegin, RangeScope::kNone, 0, 12, 0);
  r.region_begin(6, on, 1, 20, 200);
  r.region_begin(7, on, 1, 21, 0);
  r.task_begin(8, on, 30, kNoTask, 31, 300);
  CHECK(r.range_open(RangeScope::kGoroutine, g, 10));
  CHECK_FALSE(r.range_open(RangeScope::kGoroutine, g, 11));
  CHECK(r.task_open(30));
  CHECK(r.innermost_region(g)->type == 21);
  r.region_end(9, on, 1, 21, 0);
  r.range_end(10, on, RangeScope::kProc, 0, 11, 5, 6);
  r.task_end(11, on, 30, 0);
  r.region_end(12, on, 1, 20, 0);
  r.region_end(13, on, 1, 22, 0);
  r.log(14, on, 30, 40, "hello", 0);
  r.finish();
  const auto& e = sink.events;
  CHECK(e[9].since == 7);
  CHECK(e[10].since == 0);  // active when the generation began
  CHECK(e[10].open_start());
  CHECK(e[10].arg2 == 6);
  CHECK(e[11].since == 8);
  CHECK(e[11].since_stack == 300);
  CHECK(e[11].name == 31);
  CHECK(e[12].since == 6);
  CHECK(e[12].since_stack == 200);
  CHECK(e[13].since == kNever);
  CHECK(sink.texts == "hello");
  // At the end: the goroutine's range, the program's, then the P and the goroutine.
  REQUIRE(e.size() == 19);
  CHECK(e[15].name == 10);
  CHECK(e[15].since == 3);
  CHECK(e[16].name == 12);
  CHECK(e[17].kind == EventKind::kProcTransition);
  CHECK(e[18].kind == EventKind::kGoTransition);
  for (size_t i = 15; i < 19; ++i) CHECK((e[i].open_end() && e[i].time == 14));
}

TEST_CASE("A gap closes and forgets everything") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(0, 1, 1);
  const GoSlot g = new_go(r, 1);
  r.go(1, kOnP0, g, GoState::kUndetermined, GoState::kRunning, 0, 0, 0);
  r.task_begin(2, {0, 0, g}, 5, 0, 0, 0);
  r.gap(7);
  CHECK(r.goroutines().find(1) == kNoGo);
  CHECK_FALSE(r.task_open(5));
  r.finish();
  REQUIRE(sink.events.size() == 6);
  CHECK(sink.events[5].kind == EventKind::kGap);
  CHECK(sink.events[5].arg == 7);
  CHECK(sink.events[5].time == 3);
}

TEST_CASE("A gap gives back the memory of what was open on Ps and the tasks") {
  KeepingSink sink;
  MemoryBudget budget;
  Recorder r(sink, &budget);
  r.sync(0, 1, 1);
  const uint64_t before = budget.used();
  for (int round = 0; round < 3; ++round) {
    for (ProcIndex p = 0; p < 50; ++p)
      for (StringId name = 1; name < 10; ++name)
        r.range_begin(10, kOnP0, EventKind::kRangeBegin, RangeScope::kProc, p, name, 0);
    r.task_begin(11, kOnP0, 7, kNoTask, 1, 0);
    CHECK(budget.used() >= before + 50 * 9 * sizeof(OpenRange));
    r.gap(7);
    CHECK(budget.used() == before);
  }
}

TEST_CASE("Blocks list their rare events and the births and deaths of goroutines") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(0, 1, 1);
  for (uint64_t id = 1; id <= 3000; ++id) {
    const GoSlot g = new_go(r, id);
    const auto t = static_cast<int64_t>(10 * id);
    r.go(t, kOnP0, g, GoState::kNotExist, GoState::kRunnable, 0, 0, 5);
    r.go(t + 1, kOnP0, g, GoState::kRunnable, GoState::kRunning, 0, 0, 0);
    r.metric(t + 2, {0, 0, g}, Metric::kHeapAlloc, id, 0);
    r.go(t + 3, {0, 0, g}, g, GoState::kRunning, GoState::kNotExist, 0, 0, 0);
  }
  r.finish();
  CHECK(sink.events.size() == 12'001);
  CHECK(sink.blocks == 12'001 / kBlockEvents + 1);
  CHECK(sink.rare.size() == 3001);
  CHECK(sink.born.size() == 3000);
  CHECK(sink.ended.size() == 3000);
  CHECK(sink.life.size() == 6000);
  CHECK(std::ranges::is_sorted(sink.life));
  for (size_t i : sink.rare)
    CHECK((sink.events[i].kind == EventKind::kMetric || sink.events[i].kind == EventKind::kSync));
  for (size_t i : sink.born) REQUIRE(sink.events[i].from() == GoState::kNotExist);
  for (size_t i : sink.ended) REQUIRE(sink.events[i].to() == GoState::kNotExist);
  CHECK(sink.named.empty());
}

TEST_CASE("Blocks list a goroutine that gets its name late, and what is alive at the end") {
  KeepingSink sink;
  Recorder r(sink);
  r.sync(0, 1, 1);
  const GoSlot g = new_go(r, 7);
  r.go(10, kOnP0, g, GoState::kUndetermined, GoState::kRunnable, 0, 0, 0);
  r.go(11, kOnP0, g, GoState::kRunnable, GoState::kRunnable, 0, 0, 5);
  r.finish();
  CHECK(sink.born == std::vector<size_t>{1});
  CHECK(sink.named == std::vector<size_t>{2});
  CHECK(sink.ended == std::vector<size_t>{3});
  CHECK(sink.life == std::vector<int64_t>{10, 11, 11});
}

TEST_CASE("A slot is reused only when the block of its owner's death came back") {
  for (size_t delay : {0, 1, 4}) {
    KeepingSink sink(delay);
    Recorder r(sink);
    r.sync(0, 1, 1);
    for (uint64_t id = 1; id <= 20'000; ++id) {
      const GoSlot g = new_go(r, id);
      r.go(0, kOnP0, g, GoState::kNotExist, GoState::kRunning, 0, 0, 0);
      r.go(0, {0, 0, g}, g, GoState::kRunning, GoState::kNotExist, 0, 0, 0);
    }
    CHECK(r.goroutines().slots() <= (delay + 2) * kBlockEvents);
    r.finish();
    // Within a block and those still under way a slot has one owner.
    for (size_t i = 0; i + kBlockEvents <= sink.events.size(); i += kBlockEvents) {
      std::set<std::pair<GoSlot, uint64_t>> births;
      std::set<GoSlot> slots;
      for (size_t k = i; k < i + kBlockEvents; ++k) {
        const Event& e = sink.events[k];
        if (e.kind != EventKind::kGoTransition || e.from() != GoState::kNotExist) continue;
        births.insert({e.subject, e.arg});
        slots.insert(e.subject);
      }
      REQUIRE(births.size() == slots.size());
    }
  }
}

TEST_CASE("After the sink said stop everything is taken and dropped") {
  KeepingSink sink(0, 2);
  Recorder r(sink);
  r.sync(0, 1, 1);
  for (uint64_t id = 1; id <= 5000; ++id) {
    const GoSlot g = new_go(r, id);
    r.go(0, kOnP0, g, GoState::kNotExist, GoState::kRunning, 0, 0, 0);
    r.go(0, {0, 0, g}, g, GoState::kRunning, GoState::kNotExist, 0, 0, 0);
  }
  CHECK(r.stopped());
  r.finish();
  CHECK(sink.events.size() == 2 * kBlockEvents);
}
