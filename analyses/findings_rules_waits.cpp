// Rules about what goroutines wait for: locks, the network, the kernel.
#include <algorithm>
#include <array>

#include "analyses/findings_rules.h"
#include "reports/units.h"

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

bool is_lock(const std::string& what) { return what == "Mutex" || what == "RWMutex"; }

std::optional<Measured> locks(const RuleInput& input) {
  const TableView waits = input.report.table("blocking", {"what", "caller", "count", "total_ns"});
  const TableView wakers =
      input.report.table("blocking_wakers", {"what", "caller", "waker", "total_ns"});
  const double running = running_time(input), length = capture_length(input);
  double waited = 0, count = 0;
  std::optional<size_t> most, holder;
  for (size_t row = 0; row < waits.rows(); ++row) {
    if (!is_lock(waits.text(row, "what"))) continue;
    waited += waits.amount(row, "total_ns");
    count += waits.amount(row, "count");
    if (!most || waits.amount(row, "total_ns") > waits.amount(*most, "total_ns")) most = row;
  }
  if (!most || running <= 0 || waited < kWorthAWord * length) return std::nullopt;
  const std::string caller = waits.text(*most, "caller");
  for (size_t row = 0; row < wakers.rows(); ++row) {
    if (!is_lock(wakers.text(row, "what")) || wakers.text(row, "caller") != caller) continue;
    if (!holder || wakers.amount(row, "total_ns") > wakers.amount(*holder, "total_ns"))
      holder = row;
  }
  std::string evidence = "Goroutines waited " + format_duration(waited) + " for locks (" +
                         format_count(static_cast<int64_t>(count)) + " times) and ran for " +
                         format_duration(running) + ". Most of it, " +
                         format_duration(waits.amount(*most, "total_ns")) + ", is for the " +
                         waits.text(*most, "what") + " in " + caller;
  const std::string waker = holder ? wakers.text(*holder, "waker") : "";
  evidence += waker.empty() ? "." : ", mostly held by " + waker + ".";
  return Measured{waited / running, evidence, waits.text(*most, "what") + " in " + caller};
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

std::optional<Measured> network(const RuleInput& input) {
  const TableView waits =
      input.report.table("blocking", {"what", "class", "caller", "count", "total_ns"});
  const double running = running_time(input), length = capture_length(input);
  double waited = 0, count = 0;
  std::optional<size_t> most;
  for (size_t row = 0; row < waits.rows(); ++row) {
    const std::string kind = waits.text(row, "class"), caller = waits.text(row, "caller");
    const bool awaited = kind == "net" ? !is_idle_connection(waits.text(row, "what"), caller)
                                       : kind == "select" && is_http_request(caller);
    if (!awaited) continue;
    waited += waits.amount(row, "total_ns");
    count += waits.amount(row, "count");
    if (!most || waits.amount(row, "total_ns") > waits.amount(*most, "total_ns")) most = row;
  }
  // Half a goroutine on average: what waits now and then does not bound anything.
  constexpr double kAlways = 0.5;
  if (!most || waited < kAlways * length) return std::nullopt;
  return Measured{waited / (waited + running),
                  "Goroutines waited " + format_duration(waited) + " for answers (" +
                      format_count(static_cast<int64_t>(count)) + " times) and ran for " +
                      format_duration(running) + "; most of it, " +
                      format_duration(waits.amount(*most, "total_ns")) + ", in " +
                      waits.text(*most, "caller") + " (" + waits.text(*most, "what") + ").",
                  waits.text(*most, "caller")};
}

std::optional<Measured> syscalls(const RuleInput& input) {
  const TableView calls = input.report.table(
      "syscalls_stacks",
      {"syscall", "caller", "count", "total_ns", "blocked_ns", "blocked_count", "open_count"});
  const double running = running_time(input), length = capture_length(input);
  double spent = 0, blocked = 0, lost = 0, count = 0;
  std::optional<size_t> most;
  for (size_t row = 0; row < calls.rows(); ++row) {
    // One that never returns is a goroutine that waits for input or signals, as it should.
    if (calls.amount(row, "open_count") >= calls.amount(row, "count")) continue;
    spent += calls.amount(row, "total_ns");
    blocked += calls.amount(row, "blocked_ns");
    lost += calls.amount(row, "blocked_count");
    count += calls.amount(row, "count");
    if (!most || calls.amount(row, "total_ns") > calls.amount(*most, "total_ns")) most = row;
  }
  constexpr double kOften = 5;
  if (!most || lost < kOften || spent < kWorthAWord * length) return std::nullopt;
  const std::string name = calls.text(*most, "syscall"), caller = calls.text(*most, "caller");
  std::string evidence = format_count(static_cast<int64_t>(count)) + " system calls took " +
                         format_duration(spent) + ", while goroutines ran for " +
                         format_duration(running) + "; " +
                         format_count(static_cast<int64_t>(lost)) +
                         " of them blocked and lost their P (" + format_duration(blocked) +
                         "). Most of it is " + format_duration(calls.amount(*most, "total_ns")) +
                         " in " + (name.empty() ? "calls without a stack" : name);
  evidence += caller.empty() ? "." : ", called by " + caller + ".";
  return Measured{spent / (spent + running), evidence,
                  name.empty() || caller.empty() ? name + caller : name + " in " + caller};
}

}  // namespace

const FindingRule lock_contention_rule = {
    .id = "lock-contention",
    .title = "Goroutines wait for locks",
    .measure = "time waited for Mutex and RWMutex, per time that goroutines ran",
    .unit = Unit::kRatio,
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
