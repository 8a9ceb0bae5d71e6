// Who unblocked whom: by the stack that waited and the stack that ended the wait.
#include <algorithm>
#include <memory>
#include <vector>

#include "analyses/engine/option_values.h"
#include "analyses/engine/pass.h"
#include "analyses/go/waker_class.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/interval_log.h"
#include "analyses/measure/stack_chains.h"
#include "analyses/passes/wakers/wait_story.h"
#include "reports/model/values.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

struct Pair {
  StackId waiting = 0, waking = 0;
  StringId waker = 0;  // its start location
  StringId reason = 0;
  WakerClass by = WakerClass::kGoroutine;
  uint64_t count = 0;
  int64_t total = 0, longest = -1, longest_at = 0;
  uint64_t longest_goroutine = 0;
};

struct Row {
  const Pair* pair;
  const RunContext* context;
  std::string waker;
};

Cell text_or(std::string_view text, const char* none) {
  return Cell(text.empty() ? std::string(none) : std::string(text));
}

const Columns<Row> kColumns = {
    {key("waiting_stack", "Waited at", "stack at which the woken goroutine had blocked"),
     [](const Row& r) { return Cell((*r.context->stacks)(r.pair->waiting)); }},
    {key("waker_stack", "Woken from",
         "stack of the goroutine that ended the wait; none if the runtime did"),
     [](const Row& r) { return Cell((*r.context->stacks)(r.pair->waking)); }},
    {key("waker", "Waker",
         "start location of the goroutine that ended the wait, or which part of the runtime did",
         1),
     [](const Row& r) { return text_or(r.waker, "(unknown)"); }},
    {key("reason", "Reason", "why the woken goroutine had blocked", 1),
     [](const Row& r) {
       return text_or(r.context->tables.string(r.pair->reason), "(none given)");
     }},
    {count("count", "Count", 0, "waits ended"),
     [](const Row& r) { return number_cell(r.pair->count); }},
    {cost("wait_ns", "Wait", 0, "time that the woken ones had waited, all together"),
     [](const Row& r) { return Cell(r.pair->total); }},
    {level("mean_ns", "Mean", 2, "time a wait"),
     [](const Row& r) {
       return Cell(static_cast<double>(r.pair->total) / static_cast<double>(r.pair->count));
     }},
    {peak("max_ns", "Max", 1, "longest wait"), [](const Row& r) { return Cell(r.pair->longest); }},
    {info("longest_goroutine", "by goroutine", Unit::kId, 3, "who waited longest: for --wait"),
     [](const Row& r) { return number_cell(r.pair->longest_goroutine); }},
    {moment("longest_at_ns", "Longest at", 3, "when the longest wait began: for --wait"),
     [](const Row& r) { return Cell(r.pair->longest_at); }},
};

class WakersPass final : public Pass {
 public:
  WakersPass(const RunContext& context, std::unique_ptr<WaitStory> story)
      : context_(context), classes_(context.tables), story_(std::move(story)) {}

  void block(const Block& block) override {
    classes_.each_left(block, [this](const Event& e) {
      if (e.from_to == kWakes) woken(e);
    });
    if (story_ == nullptr) return;
    for (const Event& e : block.all())
      if (e.kind == EventKind::kGoTransition) story_->transition(e);
  }
  void finish(const Capture& capture, Report& report) override;

 private:
  static constexpr uint8_t kWakes = pack_states(GoState::kWaiting, GoState::kRunnable);

  void woken(const Event& e) {
    // Not in the window, neither the wait nor its end.
    if ((e.flags & kFlagOutside) && e.since == e.time) return;
    if (!context_.goroutines[e.subject].selected) return;
    const WakerClass by = classes_.classify(e);
    const StringId waker =
        by == WakerClass::kGoroutine ? context_.goroutines[e.g].name : StringId{0};
    Pair& pair = pair_of(e, by, waker);
    const int64_t wait = e.time - e.since;
    ++pair.count;
    pair.total += wait;
    if (wait > pair.longest) {
      pair.longest = wait;
      pair.longest_at = e.since;
      pair.longest_goroutine = context_.goroutines[e.subject].id;
    }
  }

  Pair& pair_of(const Event& e, WakerClass by, StringId waker) {
    uint32_t& found =
        index_.find(e.since_stack, {e.stack, waker, e.since_name, static_cast<uint32_t>(by)});
    if (found != 0) return pairs_[found - 1];
    Pair& pair = pairs_.emplace_back();
    pair.waiting = e.since_stack;
    pair.waking = e.stack;
    pair.waker = waker;
    pair.reason = e.since_name;
    pair.by = by;
    found = static_cast<uint32_t>(pairs_.size());
    return pair;
  }

  const RunContext context_;
  WakerClasses classes_;
  std::unique_ptr<WaitStory> story_;  // for --wait
  StackChains<4> index_;              // by waiting stack and the rest: 1 + index of a pair
  std::vector<Pair> pairs_;
};

void WakersPass::finish(const Capture&, Report& report) {
  Table table{.id = "wakers",
              .detail = true,
              .title = "Who unblocked whom",
              .help =
                  "Waits that ended in the capture, by where the goroutine had blocked and by "
                  "who ended the wait.",
              .sort_by = "wait_ns"};
  std::vector<Row> rows;
  for (const Pair& pair : pairs_) {
    rows.push_back({&pair, &context_,
                    pair.by == WakerClass::kGoroutine
                        ? std::string(context_.tables.string(pair.waker))
                        : name_of(pair.by)});
  }
  fill(table, kColumns, rows);
  report.tables.push_back(std::move(table));
  if (story_ != nullptr) story_->add_tables(report);
}

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions& options,
                           std::string& error) {
  std::unique_ptr<WaitStory> story;
  const std::string& wait = options.get("--wait");
  uint64_t memory = 0;
  if (!read_size(options, "--max-memory", memory, error)) return nullptr;
  if (!wait.empty()) {
    uint64_t id = 0;
    int64_t time = 0;
    const size_t at = std::min(wait.find('@'), wait.size());
    ValueError wrong = parse_number(wait.substr(0, at), id);
    if (!wrong && at < wait.size()) wrong = parse_duration(wait.substr(at + 1), time);
    if (wrong || at == wait.size()) {
      error = "--wait: " + wrong.value_or("\"" + clean(wait) + "\" has no time") +
              "; it is GOROUTINE@TIME, such as 42@1.23s";
      return nullptr;
    }
    story = std::make_unique<WaitStory>(context, id, time, memory);
  }
  return std::make_unique<WakersPass>(context, std::move(story));
}

}  // namespace

extern const PassInfo wakers_pass;
const PassInfo wakers_pass = {
    "wakers",
    "who unblocked whom, by stack pair; what the waker of one wait was doing",
    "Each time a blocked goroutine is woken: where it had blocked, who woke it and from where.\n"
    "Wake-ups by the runtime are told apart: network poller, timers, garbage collector.\n"
    "--wait explains one wait: who ended it, and what that goroutine did meanwhile.\n"
    "\n"
    "Examples:\n"
    "  tracetool wakers trace.out --stacks\n"
    "  tracetool wakers trace.out --wait 42@1.23s",
    {{"--wait", "G@TIME", "explain the wait in which goroutine G was at TIME", ""},
     {"--max-memory", "SIZE", "most memory to keep for --wait", "512MiB"}},
    make,
    3,
    46};

}  // namespace tracetool
