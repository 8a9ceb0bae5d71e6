// What a task's, a region's or a goroutine's time went for, through all goroutines it waited for.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "analyses/engine/option_values.h"
#include "analyses/engine/pass.h"
#include "analyses/passes/critical_path/critical_tables.h"
#include "parser/model/hash.h"

namespace tracetool {
namespace {

constexpr uint64_t kMainGoroutine = 1;
/// What is kept when all passes run together.
constexpr uint64_t kSmallMemory = 16 << 20;

struct Wanted {
  uint64_t task = kNoTask, goroutine = 0;
  std::optional<Regex> task_type, region;
  uint64_t slowest = 1, limit = 100, memory = 0;
  /// Nothing asked for: the slowest task, else the slowest region, else the main goroutine.
  bool anything = false;
  /// Among all passes: only tasks. Regions are often open all the time, lives always are, and to
  /// remember everything is not cheap.
  bool cheap = false;
  bool tasks() const { return anything || task != kNoTask || task_type; }
  bool regions() const { return (anything && !cheap) || region; }
};

class CriticalPathPass final : public Pass {
 public:
  CriticalPathPass(const RunContext& context, const Wanted& wanted)
      : context_(context),
        wanted_(wanted),
        is_wanted_task_(context.tables, wanted.task_type),
        is_wanted_region_(context.tables, wanted.region),
        log_(context.goroutines, wanted_.memory),
        goroutine_(wanted.anything && !wanted.cheap ? kMainGoroutine : wanted.goroutine) {
    if (goroutine_ != 0) log_.start(0);
  }

  void block(const Block& block) override {
    if (waiting_ > 0 && may_walk()) walk_waiting();
    if (!log_.recording() && !concerns(block)) return;
    size_t next_rare = 0;
    const auto rares = block.rare_positions();
    for (uint32_t at = 0; at < block.count; ++at) {
      const Event& e = block.events[at];
      if (e.kind == EventKind::kGoTransition) {
        if (log_.recording()) log_.transition(e);
        if (e.to() == GoState::kNotExist || e.from() <= GoState::kNotExist || e.open_end()) life(e);
      } else if (next_rare < rares.size() && rares[next_rare] == at) {
        ++next_rare;
        rare(e);
      }
    }
  }
  void finish(const Capture& capture, Report& report) override;

 private:
  using Opened = std::multiset<uint64_t>::iterator;
  /// One of the slowest, and where the walk along its path begins.
  struct Candidate {
    ExplainedPath path;
    IntervalId last;
    StringId group;
    StackId stack;
    /// Set as long as it waits for its walk: the log keeps its past until then.
    std::optional<Opened> opened = {};
  };
  struct Slowest {
    std::multimap<int64_t, Candidate, std::greater<>> by_length;  // of equal ones the first leads
    uint64_t seen = 0;
  };
  struct OpenTask {
    Opened opened;
    GoSlot slot;
    uint64_t serial;
    int64_t begin;
    StringId type;
  };

  bool concerns(const Block& block) const {
    const EventKind last = wanted_.regions() ? EventKind::kRegionEnd : EventKind::kTaskEnd;
    return std::ranges::any_of(block.rare_positions(), [&](uint16_t at) {
      const EventKind kind = block.events[at].kind;
      return (kind >= EventKind::kTaskBegin && kind <= last) || kind == EventKind::kGap;
    });
  }

  /// The log reaches back to the oldest of what is open.
  Opened open(int64_t now) {
    if (wanted_.anything && goroutine_ != 0) {
      // There is something better than the main goroutine.
      goroutine_ = 0;
      log_.stop();
    }
    if (goroutine_ == 0) log_.start(now);
    return open_.insert(log_.position());
  }
  void close(Opened opened) {
    open_.erase(opened);
    if (goroutine_ != 0) return;
    if (open_.empty()) {
      log_.stop();
    } else {
      log_.forget_before(*open_.begin());
    }
  }

  void rare(const Event& e) {
    if (e.kind == EventKind::kGap && e.generation() == 0) {
      // Another trace, whose ids are its own: none of these ends.
      for (const auto& [id, task] : tasks_) close(task.opened);
      tasks_.clear();
    }
    if (e.g == kNoGo) return;
    switch (e.kind) {
      case EventKind::kTaskBegin:
        if (!wanted_.tasks() || (wanted_.task != kNoTask && e.task() != wanted_.task)) return;
        if (const auto it = tasks_.find(e.task()); it != tasks_.end()) {
          // The id is used again: that one has no end.
          close(it->second.opened);
          tasks_.erase(it);
        }
        if (!is_wanted_task_(e.name)) return;
        tasks_.insert(
            {e.task(), {open(e.time), e.g, context_.goroutines[e.g].serial, e.time, e.name}});
        break;
      case EventKind::kTaskEnd: {
        const auto it = tasks_.find(e.task());
        if (it == tasks_.end()) return;
        explain(best_tasks_, "task", e.name, e.task(), e.g, it->second.begin, e.time, e.stack,
                it->second.opened);
        tasks_.erase(it);
        break;
      }
      case EventKind::kRegionBegin:
        if (wanted_.regions() && is_wanted_region_(e.name))
          regions_[e.g].push_back({open(e.time), e.time});
        break;
      case EventKind::kRegionEnd: {
        const auto it = regions_.find(e.g);
        if (it == regions_.end() || e.open_end() || e.since == kNever) return;
        // Those that do not match were not kept. Nearly always the last one, but ends may cross.
        const auto begun = std::find_if(it->second.rbegin(), it->second.rend(),
                                        [&](const auto& r) { return r.second <= e.since; });
        if (begun == it->second.rend() || begun->second != e.since) return;
        explain(best_regions_, "region", e.name, e.task() == kNoTask ? 0 : e.task(), e.g, e.since,
                e.time, e.stack, begun->first);
        it->second.erase(std::next(begun).base());
        if (it->second.empty()) regions_.erase(it);
        break;
      }
      default:
        break;
    }
  }

  void life(const Event& e) {
    const Goroutine& g = context_.goroutines[e.subject];
    const bool ends = e.to() == GoState::kNotExist || e.open_end();
    if (ends && !regions_.empty()) {
      const auto it = regions_.find(e.subject);
      if (it != regions_.end()) {
        for (const auto& region : it->second) close(region.first);
        regions_.erase(it);
      }
    }
    if (goroutine_ == 0 || g.id != goroutine_) return;
    found_goroutine_ = true;
    if (ends)
      explain(best_goroutines_, "goroutine", g.name, g.id, e.subject, g.creation, e.time, e.stack,
              std::nullopt);
  }

  /// Keeps the path if it is one of the slowest. Closes `opened`, at once or when it was walked.
  void explain(Slowest& best, const char* kind, StringId name, uint64_t id, GoSlot slot,
               int64_t begin, int64_t end, StackId stack, std::optional<Opened> opened) {
    const Goroutine& g = context_.goroutines[slot];
    auto& kept = best.by_length;
    const IntervalId last = log_.last_of(slot);
    const bool counts = end > begin && g.selected;
    best.seen += counts;
    const bool full = kept.size() >= wanted_.slowest;
    if (!counts || wanted_.slowest == 0 || (full && std::prev(kept.end())->first >= end - begin)) {
      if (opened) close(*opened);
      return;
    }
    if (full) drop(kept);
    if (!kept.empty() && kept.begin()->first < end - begin)
      std::vector<PathStep>().swap(kept.begin()->second.path.steps);
    const auto at =
        kept.insert({end - begin,
                     {{kind, std::string(context_.tables.string(name)), id, g.id, begin, end},
                      last,
                      g.name,
                      stack,
                      opened}});
    waiting_ += opened.has_value();
    if (!opened || may_walk()) walk(at->second, at == kept.begin());
  }
  void drop(std::multimap<int64_t, Candidate, std::greater<>>& kept) {
    forget_walk(std::prev(kept.end())->second);
    kept.erase(std::prev(kept.end()));
  }
  void forget_walk(Candidate& candidate) {
    if (!candidate.opened) return;
    close(*candidate.opened);
    candidate.opened.reset();
    --waiting_;
  }

  /// Where many are each the slowest so far, not all are worth a walk: what was recorded pays for
  /// them, and mostly another one takes its place until then.
  bool may_walk() const {
    constexpr uint64_t kFreeVisits = 1 << 18, kVisitsAnInterval = 2;
    return visited_ <= kFreeVisits + kVisitsAnInterval * log_.position();
  }
  void walk(Candidate& candidate, bool longest) {
    ExplainedPath& path = candidate.path;
    path.steps = walk_back(log_, candidate.last, {path.goroutine, candidate.group}, path.begin,
                           path.end, candidate.stack, visited_);
    path.parts = parts_of(path.steps);
    if (!longest) std::vector<PathStep>().swap(path.steps);
    forget_walk(candidate);
  }
  void walk_waiting() {
    for (Slowest* best : {&best_tasks_, &best_regions_}) {
      for (auto it = best->by_length.begin(); it != best->by_length.end() && may_walk(); ++it)
        if (it->second.opened) walk(it->second, it == best->by_length.begin());
    }
  }

  const RunContext context_;
  const Wanted wanted_;
  NameMatch is_wanted_task_, is_wanted_region_;
  IntervalLog log_;
  uint64_t goroutine_;            // 0 none
  std::multiset<uint64_t> open_;  // log positions at which open instances began
  std::unordered_map<uint64_t, OpenTask, IdHash> tasks_;
  std::unordered_map<GoSlot, std::vector<std::pair<Opened, int64_t>>> regions_;
  Slowest best_tasks_, best_regions_, best_goroutines_;
  size_t waiting_ = 0;    // candidates that wait for their walk
  uint64_t visited_ = 0;  // by walks
  bool found_goroutine_ = false;
};

void CriticalPathPass::finish(const Capture& capture, Report& report) {
  std::vector<std::string> notes;
  if (wanted_.task != kNoTask && best_tasks_.by_length.empty()) {
    const auto it = tasks_.find(wanted_.task);
    if (it != tasks_.end() && context_.goroutines[it->second.slot].serial == it->second.serial) {
      notes.push_back("the task did not end: its time is explained up to the end of the capture");
      const OpenTask& task = it->second;
      explain(best_tasks_, "task", task.type, wanted_.task, task.slot, task.begin, capture.end, 0,
              std::nullopt);
    } else {
      notes.push_back("task " + std::to_string(wanted_.task) +
                      " has no begin in the capture whose goroutine could be followed");
    }
  }
  if (wanted_.goroutine != 0 && !found_goroutine_)
    notes.push_back("there is no goroutine " + std::to_string(wanted_.goroutine));
  Slowest& best = !best_tasks_.by_length.empty()     ? best_tasks_
                  : !best_regions_.by_length.empty() ? best_regions_
                                                     : best_goroutines_;
  std::vector<ExplainedPath> paths;
  for (auto& [length, candidate] : best.by_length) {
    if (candidate.opened) walk(candidate, paths.empty());
    paths.push_back(std::move(candidate.path));
  }
  if (paths.empty()) {
    if (wanted_.cheap)
      notes.emplace_back(
          "no task begins and ends in the capture; without tasks `tracetool critical-path` "
          "explains "
          "a region or goroutine");
    else if (wanted_.anything)
      notes.emplace_back(
          "no task or region begins and ends in the capture, and it has no goroutine 1");
    else if (wanted_.task_type || wanted_.region)
      notes.emplace_back("no such task or region begins and ends in the capture");
  }
  if (best.seen > paths.size() && !paths.empty())
    notes.push_back("the " + (paths.size() == 1 ? "" : std::to_string(paths.size()) + " ") +
                    "slowest of " + std::to_string(best.seen) + "; --slowest takes more");
  if (log_.overflowed())
    notes.push_back("the memory did not reach back to every begin (--max-memory): see Unknown");
  add_critical_tables(paths, *context_.stacks, wanted_.limit, std::move(notes), report);
}

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions& options,
                           std::string& error) {
  Wanted wanted;
  if (!read_number(options, "--task", wanted.task, error) ||
      !read_number(options, "--goroutine", wanted.goroutine, error) ||
      !read_regex(options, "--task-type", wanted.task_type, error) ||
      !read_regex(options, "--region", wanted.region, error) ||
      !read_number(options, "--slowest", wanted.slowest, error) ||
      !read_number(options, "--limit", wanted.limit, error) ||
      !read_size(options, "--max-memory", wanted.memory, error))
    return nullptr;
  wanted.limit = context.list_rows(wanted.limit);
  int asked = 0;
  for (const char* option : {"--task", "--goroutine", "--task-type", "--region"})
    asked += options.flag(option);
  if (asked > 1) {
    error = "--task, --goroutine, --task-type and --region exclude each other";
    return nullptr;
  }
  // What is typical of a type shows in several.
  constexpr uint64_t kSome = 10;
  if (!options.flag("--slowest") && wanted.task_type) wanted.slowest = kSome;
  wanted.anything = asked == 0;
  if (context.together) {
    wanted.cheap = true;
    wanted.memory = kSmallMemory;
  }
  return std::make_unique<CriticalPathPass>(context, wanted);
}

}  // namespace

extern const PassInfo critical_path_pass;
const PassInfo critical_path_pass = {
    "critical-path",
    "what a task, region or goroutine really waited for, through all its wakers",
    "Walks back from the end of a task, region or goroutine: through its execution, scheduler "
    "waits\n"
    "and blocks, and in place of each block through what the goroutine did that ended it. The "
    "steps\n"
    "add up to the latency. Without an option: the slowest task, else region, else main.\n"
    "\n"
    "Examples:\n"
    "  tracetool critical-path trace.out\n"
    "  tracetool critical-path trace.out --task 17 --stacks\n"
    "  tracetool critical-path trace.out --task-type '^GET' --slowest 10",
    {{"--task", "N", "the task with this id", ""},
     {"--goroutine", "N", "this goroutine's whole life", ""},
     {"--region", "REGEX", "the slowest region whose type matches", ""},
     {"--task-type", "REGEX", "the slowest tasks whose type matches", ""},
     {"--slowest", "K", "take so many of the slowest, summed up; 10 of a task type, else 1", ""},
     {"--limit", "N", "list so many steps", "100"},
     {"--max-memory", "SIZE", "most memory to keep for the past", "512MiB"}},
    make,
    2,
    45};

}  // namespace tracetool
