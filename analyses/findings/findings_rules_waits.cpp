// Rules about what goroutines wait for: locks, the network, the kernel.
#include <algorithm>
#include <array>

#include "analyses/findings/findings_rules.h"
#include "analyses/go/wait_kind.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

/// Less than this of the capture's length is not worth a word, however little else happens.
constexpr double kWorthAWord = 0.1;

double running_time(const RuleInput& input) {
  return input.report.table("gc_totals", {"running_ns"}).amount(0, "running_ns");
}

double capture_length(const RuleInput& input) {
  return input.report.table("capture", {"duration_ns"}).amount(0, "duration_ns");
}

struct LockWaits {
  TableView rows;  // of all waits
  double count = 0, time = 0;
  bool worth_a_word = false;
};

LockWaits lock_waits(const RuleInput& input) {
  LockWaits waits{input.report.table("blocking", {"what", "caller", "count", "total_ns", "stack"})};
  for (size_t row = 0; row < waits.rows.rows(); ++row) {
    if (!is_lock(waits.rows.text(row, "what"))) continue;
    waits.time += waits.rows.amount(row, "total_ns");
    waits.count += waits.rows.amount(row, "count");
  }
  waits.worth_a_word = waits.time > 0 && waits.time >= kWorthAWord * capture_length(input);
  return waits;
}

std::optional<Measured> locks(const RuleInput& input) {
  const LockWaits all = lock_waits(input);
  const TableView& waits = all.rows;
  const TableView wakers =
      input.report.table("blocking_wakers", {"what", "caller", "waker", "total_ns", "waker_stack"});
  const double running = running_time(input);
  const auto waits_for_lock = [&](size_t row) { return is_lock(waits.text(row, "what")); };
  const auto most = waits.largest_group("caller", "total_ns", waits_for_lock);
  if (!most || running <= 0 || !all.worth_a_word) return std::nullopt;
  std::string evidence = "Goroutines waited " + format_duration(all.time) + " for locks (" +
                         count_of(all.count, "time") + ") and ran for " + format_duration(running) +
                         ". Most of it, " + format_duration(most->sum) + ", is for the " +
                         waits.text(most->row, "what") + " in " +
                         located(most->text, waits.stack(most->row, "stack"));
  const auto holder = wakers.largest_group("waker", "total_ns", [&](size_t row) {
    return is_lock(wakers.text(row, "what")) && wakers.text(row, "caller") == most->text;
  });
  // Who unlocks has held it.
  StackCell stack;
  if (holder) {
    stack = wakers.stack(holder->row, "waker_stack");
    evidence += ", mostly held by " + located(holder->text, stack);
  }
  return Measured{all.time / running, evidence + ".", stack,
                  waits.text(most->row, "what") + " in " + most->text};
}

/// Idle connections: nobody waits for what they do.
bool is_idle_connection(const std::string& what, const std::string& caller) {
  static constexpr std::array<const char*, 3> kPlumbing = {
      "net/http.(*connReader)", "net/http.(*persistConn).Read", "net/http.(*http2"};
  return what == "net accept" || std::ranges::any_of(kPlumbing, [&](const char* start) {
           return caller.starts_with(start);
         });
}

bool is_http_request(const std::string& caller) {
  return caller == "net/http.(*persistConn).roundTrip" || caller == "net/http.(*Transport).getConn";
}

/// The network poller also serves pipes and terminals.
bool is_file(const StackCell& stack) {
  return std::ranges::any_of(
      stack, [](const FrameCell& frame) { return frame.function->starts_with("os.(*File)."); });
}

std::optional<Measured> network(const RuleInput& input) {
  const TableView waits =
      input.report.table("blocking", {"what", "class", "caller", "count", "total_ns", "stack"});
  const double running = running_time(input), length = capture_length(input);
  const auto awaited = [&](size_t row) {
    const std::string kind = waits.text(row, "class"), caller = waits.text(row, "caller");
    if (kind == "select") return is_http_request(caller);
    return kind == "net" && !is_idle_connection(waits.text(row, "what"), caller) &&
           !is_file(waits.stack(row, "stack"));
  };
  double waited = 0, count = 0;
  for (size_t row = 0; row < waits.rows(); ++row) {
    if (!awaited(row)) continue;
    waited += waits.amount(row, "total_ns");
    count += waits.amount(row, "count");
  }
  const auto most = waits.largest_group("caller", "total_ns", awaited);
  // Half a goroutine on average: what waits now and then does not bound anything.
  constexpr double kAlways = 0.5;
  if (!most || waited < kAlways * length) return std::nullopt;
  const StackCell stack = waits.stack(most->row, "stack");
  return Measured{waited / (waited + running),
                  "Goroutines waited " + format_duration(waited) + " for answers (" +
                      count_of(count, "time") + ") and ran for " + format_duration(running) +
                      "; most of it, " + format_duration(most->sum) + ", in " +
                      located(most->text, stack) + " (" + waits.text(most->row, "what") + ").",
                  stack, most->text};
}

std::optional<Measured> syscalls(const RuleInput& input) {
  const TableView calls =
      input.report.table("syscalls_stacks", {"syscall", "caller", "count", "total_ns", "blocked_ns",
                                             "blocked_count", "open_count", "mean_ns", "stack"});
  const double running = running_time(input), length = capture_length(input);
  // One that never returns is a goroutine that waits for input or signals, as it should.
  const auto returns = [&](size_t row) {
    return calls.amount(row, "open_count") < calls.amount(row, "count");
  };
  // From one place again and again, and so long that the runtime takes the P away if it is needed.
  constexpr double kOften = 5, kLong = 100e3;
  double spent = 0, blocked = 0, lost = 0, count = 0, long_ones = 0;
  for (size_t row = 0; row < calls.rows(); ++row) {
    if (!returns(row)) continue;
    spent += calls.amount(row, "total_ns");
    blocked += calls.amount(row, "blocked_ns");
    lost += calls.amount(row, "blocked_count");
    count += calls.amount(row, "count");
    if (calls.amount(row, "count") >= kOften && calls.amount(row, "mean_ns") >= kLong)
      long_ones += calls.amount(row, "total_ns");
  }
  const auto most = calls.largest_group("syscall", "total_ns", returns);
  if (!most || long_ones < kWorthAWord * length) return std::nullopt;
  const std::string caller = calls.text(most->row, "caller");
  const StackCell stack = calls.stack(most->row, "stack");
  std::string evidence = count_of(count, "system call") + " took " + format_duration(spent) +
                         ", while goroutines ran for " + format_duration(running) + "; ";
  evidence += lost == 0   ? "none lost its P."
              : lost == 1 ? "one lost its P"
                          : format_count(static_cast<int64_t>(lost)) + " lost their P";
  evidence += lost == 0 ? "" : " (" + format_duration(blocked) + ").";
  evidence += " Most of it is " + format_duration(most->sum) + " in " +
              (most->text == "(no stack)" ? "calls of threads of C" : most->text);
  evidence += caller.empty() ? "." : ", called by " + located(caller, stack) + ".";
  return Measured{spent / (spent + running), evidence, stack,
                  most->text + (caller.empty() ? "" : " in " + caller)};
}

}  // namespace

bool locks_are_told(const RuleInput& input) { return lock_waits(input).worth_a_word; }

const FindingRule lock_contention_rule = {
    .id = "lock-contention",
    .title = "Goroutines wait for locks",
    .measure = "time waited for Mutex and RWMutex, per time that goroutines ran",
    .unit = Unit::kRatio,
    .above_one = true,
    .threshold = 0.2,
    .weight = 0.9,
    .command = "blocking sync",
    .advice =
        "Hold the lock for less (nothing that blocks or computes inside), split it by shard, or "
        "gather per goroutine and merge. tracetool wakers shows who holds it on which stack.",
    .passes = {"capture", "gc", "blocking"},
    .measured = locks,
};

const FindingRule network_bound_rule = {
    .id = "network-bound",
    .title = "The program waits for the network",
    .measure = "time waited for answers, as a share of it and the running time",
    .unit = Unit::kRatio,
    .threshold = 0.8,
    .weight = 0.5,
    .command = "blocking net",
    .advice =
        "More CPU will not help: ask less often, in batches or in parallel, cache answers, keep "
        "connections open; or look at the other side.",
    .passes = {"capture", "gc", "blocking"},
    .measured = network,
};

const FindingRule blocking_syscalls_rule = {
    .id = "blocking-syscalls",
    .title = "System calls block threads",
    .measure = "time in system calls, as a share of it and the running time",
    .unit = Unit::kRatio,
    .threshold = 0.3,
    .weight = 0.6,
    .command = "syscalls",
    .advice =
        "Fewer and larger calls (buffered files, fewer fsyncs), descriptors that the network "
        "poller knows, or a bound on the goroutines that call at once: each one keeps a thread.",
    .passes = {"capture", "gc", "syscalls"},
    .measured = syscalls,
};

}  // namespace tracetool
