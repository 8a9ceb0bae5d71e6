#include "analyses/engine/runner.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <numeric>

#include "analyses/engine/block_ring.h"
#include "parser/threads/thread_group.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

/// A clock's reading goes with its event, but for what was read behind the window: no moment of
/// the window goes by that.
void move_wall_clock(Event& sync, int64_t by) {
  int64_t moved = 0;
  const bool fits = by >= 0 && !__builtin_add_overflow(sync.wall_clock(), by, &moved);
  fits ? sync.set_wall_clock(moved) : void(sync.aux = 0);
}

/// Moves times into the window, so that durations are clipped without any pass knowing of it.
/// What lies outside keeps its effect on states, at no length.
void clip(Block& block, const TimeWindow& window) {
  const int64_t from = window.from, to = window.to;
  for (Event& e : std::span(block.events, block.count)) {
    map_begins(e, [&](int64_t time) { return std::clamp(time, from, to); });
    if (e.time < from || e.time > to) {
      const int64_t time = std::clamp(e.time, from, to);
      if (e.kind == EventKind::kSync && e.has_wall_clock()) move_wall_clock(e, time - e.time);
      if (e.kind == EventKind::kStackSample) e.since = e.time;
      e.time = time;
      e.flags |= kFlagOutside;
    }
  }
}

void copy(const Block& from, Block& to) {
  std::copy_n(from.events, from.count, to.events);
  to.count = from.count;
  to.lists = from.lists;
  to.freed = from.freed;
  to.text = from.text;
}

/// Passes that share a thread, and what they see of the capture.
class Crew {
 public:
  Crew(TraceReader& reader, const RunOptions& options, const TimeWindow& window)
      : reader_(reader),
        options_(options),
        window_(window),
        goroutines_(reader.tables(), options.goroutines),
        context{reader.tables(), goroutines_, options.scope.active(), options.top,
                options.together} {}

  void block(const Block& block) {
    goroutines_.block(block);
    for (Pass* pass : passes) pass->block(block);
  }
  /// The same for a block that others want to see as it is.
  void shared_block(const Block& block) {
    if (own_ == nullptr) {
      own_ = std::make_unique<Block>();
      prepare_own_ = prepare();
    }
    copy(block, *own_);
    if (prepare_own_) prepare_own_(*own_);
    this->block(*own_);
  }
  /// What has to be done to each block before any pass sees it; empty for nothing.
  std::function<void(Block&)> prepare() {
    const bool windowed = window_.from > 0 || window_.to != INT64_MAX;
    if (options_.scope.active())
      scope_ = std::make_unique<ScopeFilter>(reader_.tables(), options_.scope);
    if (!windowed && scope_ == nullptr) return {};
    return [this, windowed](Block& block) {
      if (windowed) clip(block, window_);
      if (scope_ != nullptr) scope_->rewrite(block);
    };
  }
  /// After the last block: which of the user's filters left nothing; empty if something was left.
  std::string why_nothing(const CaptureFacts& facts) const {
    if (facts.events > 0 && window_.from > facts.duration)
      return "the time window begins behind the end of the capture, which is " +
             format_duration(static_cast<double>(facts.duration)) + " long";
    const std::string where = facts.stopped_early ? " as far as it was read, behind --to" : "";
    if (!goroutines_.matched()) return "no goroutine matches the filter" + where;
    if (scope_ != nullptr && !scope_->matched())
      return "no region in the capture is of such a type or task" + where;
    return "";
  }

 private:
  TraceReader& reader_;
  const RunOptions& options_;
  const TimeWindow window_;
  GoroutineIndex goroutines_;
  std::unique_ptr<ScopeFilter> scope_;
  std::unique_ptr<Block> own_;
  std::function<void(Block&)> prepare_own_;

 public:
  const RunContext context;
  std::vector<Pass*> passes;
};

/// Of times that are so long that sums of them may not fit into 64 bits: what has a sum in it.
void leave_out_sums(Report& report) {
  for (Table& table : report.tables) {
    bool left_out = false;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const Column& column = table.columns[c];
      if (column.role != Role::kSum && column.role != Role::kStat) continue;
      if (column.unit != Unit::kNanoseconds && column.unit != Unit::kRatio) continue;
      for (auto& row : table.rows) row[c] = Cell();
      left_out = true;
    }
    if (!left_out || table.rows.empty()) continue;
    // Notes are worked out of the same sums.
    table.notes = {"sums of times, means and shares are left out: they may not fit into 64 bits"};
  }
}

/// From how many ns an event on it pays to hand a lone pass its events on another thread: to write
/// them to where another core sees them costs about as much.
constexpr int kWorthHandingOver = 15;

/// Who takes which request: the dearest first, each to the crew with the least to do.
std::vector<size_t> spread(const std::vector<PassRequest>& requests, size_t crews) {
  std::vector<size_t> order(requests.size()), crew_of(requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](size_t i) { return requests[i].info->cost; });
  std::vector<int> load(crews);
  for (const size_t i : order) {
    crew_of[i] = static_cast<size_t>(std::ranges::min_element(load) - load.begin());
    load[crew_of[i]] += requests[i].info->cost;
  }
  return crew_of;
}

/// The passes of all windows, and who reads for which of them.
class Run {
 public:
  Run(TraceReader& reader, const RunOptions& options, std::span<const TimeWindow> windows,
      const std::vector<PassRequest>& requests)
      : reader_(reader),
        options_(options),
        windows_(windows),
        requests_(requests),
        several_(windows.size() > 1),
        passes_(windows.size()) {
    const auto most = static_cast<size_t>(std::max(options.threads, 1));
    // The passes of one window are spread over the threads; of several each is a crew's.
    const size_t crews =
        several_ ? windows.size() : std::min(most, std::max<size_t>(1, requests.size()));
    threads_ = std::min(most, crews);
    open_twins();
    const int64_t until = std::ranges::max(windows, {}, &TimeWindow::to).to;
    for (size_t t = 0; t < threads_; ++t) reader_of(t).set_until(until);
    for (size_t i = 0; i < crews; ++i) {
      crews_.push_back(
          std::make_unique<Crew>(reader_of(i % threads_), options, windows_[several_ ? i : 0]));
    }
  }

  /// Reads the capture; an error for an option's value, or if the readers did not see the same one.
  std::string run() {
    if (std::string error = make_passes(); !error.empty()) return error;
    return read() ? "" : "the capture changed while it was read";
  }
  /// Once for each window, whose passes are gone then.
  void finish(size_t window, Report& report) {
    const CaptureFacts& facts = reader_.facts();
    const Capture capture{facts, std::min(windows_[window].from, facts.duration),
                          std::min(windows_[window].to, facts.duration)};
    for (const auto& pass : passes_[window]) pass->finish(capture, report);
    if (facts.sums_overflow) leave_out_sums(report);
    report.nothing_selected = crews_[window]->why_nothing(facts);
    passes_[window].clear();
    if (several_) crews_[window].reset();
  }

 private:
  /// An error for an option's value.
  std::string make_passes() {
    std::string error;
    const std::vector<size_t> crew_of = spread(requests_, crews_.size());
    for (size_t w = 0; w < windows_.size(); ++w) {
      for (size_t i = 0; i < requests_.size(); ++i) {
        Crew& crew = *crews_[several_ ? w : crew_of[i]];
        auto pass = requests_[i].info->make(crew.context, requests_[i].options, error);
        if (pass == nullptr) return error;
        crew.passes.push_back(pass.get());
        passes_[w].push_back(std::move(pass));
      }
    }
    return {};
  }
  /// Answers false if the readers did not see the same capture.
  bool read() {
    twins_.empty() ? read_for_all() : read_each();
    return !reader_.facts().spoiled && std::ranges::all_of(twins_, [&](const auto& twin) {
      return twin->facts().bytes == reader_.facts().bytes;
    });
  }
  void open_twins() {
    while (options_.twin && twins_.size() + 1 < threads_) {
      twins_.push_back(options_.twin());
      if (twins_.back() != nullptr) continue;
      twins_.clear();
      break;
    }
  }
  TraceReader& reader_of(size_t thread) {
    return thread == 0 || twins_.empty() ? reader_ : *twins_[thread - 1];
  }
  void feed(size_t thread, const Block& block) {
    for (size_t i = thread; i < crews_.size(); i += threads_)
      several_ ? crews_[i]->shared_block(block) : crews_[i]->block(block);
  }
  std::function<void(Block&)> prepare(size_t thread) {
    return several_ ? nullptr : crews_[thread]->prepare();
  }

  void read_for_all() {
    BlockPlan plan{prepare(0), {}};
    for (size_t t = 0; t < threads_; ++t) {
      plan.consumers.emplace_back([this, t](const Block& block) {
        feed(t, block);
        return true;
      });
    }
    const bool alone =
        !several_ && requests_.size() == 1 && requests_[0].info->cost < kWorthHandingOver;
    run_blocks(reader_, alone ? 1 : options_.threads, options_.progress, plan);
  }
  void read_each() {
    ThreadGroup others;
    std::vector<size_t> here = {0};  // and those for which no thread can be had
    for (size_t t = 1; t < threads_; ++t) {
      if (!others.start([this, t] { read_alone(t, {}); })) here.push_back(t);
    }
    for (const size_t t : here)
      read_alone(t, t == 0 ? options_.progress : std::function<void(uint64_t)>());
    others.join();
  }
  void read_alone(size_t thread, const std::function<void(uint64_t)>& progress) {
    BlockPlan plan{prepare(thread), {}};
    plan.consumers.emplace_back([this, thread](const Block& block) {
      if (failed_) return false;
      feed(thread, block);
      return true;
    });
    try {
      run_blocks(reader_of(thread), 1, progress, plan);
    } catch (...) {
      failed_ = true;  // the others need not go on
      throw;
    }
  }

  TraceReader& reader_;
  const RunOptions& options_;
  const std::span<const TimeWindow> windows_;
  const std::vector<PassRequest>& requests_;
  const bool several_;
  size_t threads_ = 1;
  std::vector<std::unique_ptr<TraceReader>> twins_;
  std::vector<std::unique_ptr<Crew>> crews_;                // i is on thread i % threads_
  std::vector<std::vector<std::unique_ptr<Pass>>> passes_;  // by window, as requested
  std::atomic<bool> failed_ = false;
};

}  // namespace

std::string run_windows(TraceReader& reader, const RunOptions& options,
                        std::span<const TimeWindow> windows,
                        const std::vector<PassRequest>& requests,
                        const std::function<void(size_t, Report&&)>& take) {
  Run run(reader, options, windows, requests);
  if (std::string error = run.run(); !error.empty()) return error;
  for (size_t w = 0; w < windows.size(); ++w) {
    Report report;
    run.finish(w, report);
    take(w, std::move(report));
  }
  return "";
}

std::string run_passes(TraceReader& reader, const RunOptions& options,
                       const std::vector<PassRequest>& requests, Report& report) {
  const TimeWindow window{options.from, options.to};
  Run run(reader, options, {&window, 1}, requests);
  if (std::string error = run.run(); !error.empty()) return error;
  run.finish(0, report);
  return "";
}

std::string run_taker(TraceReader& reader, const RunOptions& options,
                      const std::function<BlockTaker(const RunContext&)>& make) {
  const TimeWindow window{options.from, options.to};
  reader.set_until(window.to);
  Crew crew(reader, options, window);
  const BlockTaker take = make(crew.context);
  BlockPlan plan{crew.prepare(), {}};
  plan.consumers.emplace_back([&](const Block& block) {
    crew.block(block);
    return take(block);
  });
  run_blocks(reader, options.threads, options.progress, plan);
  return crew.why_nothing(reader.facts());
}

}  // namespace tracetool
