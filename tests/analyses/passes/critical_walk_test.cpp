// The critical path a second time, the simple way: all of every goroutine's past is kept, and a
// wait is replaced by what its waker did, recursively. On every committed capture with tasks the
// two have to agree step by step.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"

namespace tracetool {
extern const PassInfo critical_path_pass;
}

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

struct Stay {
  int64_t begin, end;
  std::string state;
  int64_t waker = -1;  // who ended it, if it is a wait
};

struct Life {
  std::vector<Stay> stays;
  int64_t since = 0;  // of the state that it is in
  int64_t created = -1, creator = -1;
};

struct Task {
  uint64_t id;
  int64_t goroutine, begin, end;
};

/// "1200|50|1|35|block": from, length, depth, goroutine, state.
using Steps = std::vector<std::string>;

class Past {
 public:
  explicit Past(const std::vector<json>& events) {
    std::map<uint64_t, int64_t> begun;
    for (const json& e : events) {
      const auto kind = e["kind"].get<std::string>();
      const auto time = e["time"].get<int64_t>();
      if (kind == "TaskBegin") begun.emplace(e["task"].get<uint64_t>(), time);
      if (kind == "TaskEnd" && begun.contains(e["task"].get<uint64_t>())) {
        const auto id = e["task"].get<uint64_t>();
        tasks.push_back({id, e["g"].get<int64_t>(), begun[id], time});
        begun.erase(id);
      }
      if (kind == "StateTransition") transition(e, time);
    }
  }

  /// What explains [low, high), at the end of which `g` runs; in order of time.
  void explain(int64_t g, int64_t low, int64_t high, int depth, Steps& steps,
               const Stay* wait = nullptr, int64_t waiting = -1) const {
    const Life& life = lives.at(g);
    if (life.created > low) {
      if (life.creator > 0) {
        explain(life.creator, low, life.created, depth, steps, wait, waiting);
      } else if (wait != nullptr) {
        add(low, life.created, depth, waiting, wait->state, steps);
      } else {
        add(low, life.created, depth, g, "unknown", steps);
      }
      low = life.created;
    }
    for (const Stay& stay : life.stays) {
      const int64_t begin = std::max(low, stay.begin), end = std::min(high, stay.end);
      if (begin >= end) continue;
      if (stay.state == "block" && stay.waker > 0) {
        explain(stay.waker, begin, end, depth + 1, steps, &stay, g);
      } else {
        add(begin, end, depth, g, stay.state, steps);
      }
    }
    // The run that goes on.
    add(std::max(low, life.stays.empty() ? int64_t{0} : life.stays.back().end), high, depth, g,
        "execution", steps);
  }

  std::vector<Task> tasks;  // that begin and end in the capture

 private:
  static void add(int64_t from, int64_t to, int depth, int64_t g, const std::string& state,
                  Steps& steps) {
    if (from >= to) return;
    steps.push_back(std::to_string(from) + "|" + std::to_string(to - from) + "|" +
                    std::to_string(depth) + "|" + std::to_string(g) + "|" + state);
  }

  void transition(const json& e, int64_t time) {
    const auto resource = e["resource"].get<std::string>();
    const auto from = e["from"].get<std::string>(), to = e["to"].get<std::string>();
    if (!resource.starts_with("Goroutine(") || from == to) return;
    static const std::map<std::string, std::string> kNames = {{"Runnable", "sched wait"},
                                                              {"Running", "execution"},
                                                              {"Waiting", "block"},
                                                              {"Syscall", "syscall"}};
    const int64_t id = std::stoll(resource.substr(10));
    const auto by = e["g"].get<int64_t>();
    Life& life = lives[id];
    if (from == "NotExist") {
      life.created = life.since = time;
      life.creator = by;
      return;
    }
    // What is first seen in some state has been in it since the capture began.
    const std::string& state = from == "Undetermined" ? to : from;
    life.stays.push_back(
        {life.since, time, kNames.at(state), from == "Waiting" && by != id ? by : int64_t{-1}});
    life.since = time;
  }

  std::map<int64_t, Life> lives;
};

}  // namespace

TEST_CASE("critical-path: equal to a simple second walk, on all captures", "[critical]") {
  size_t compared = 0, steps_compared = 0, deepest = 0;
  for (const auto& path : captures()) {
    const std::vector<json> events =
        reference_events_with(path, {"\"StateTransition\"", "\"TaskBegin\"", "\"TaskEnd\""});
    Past past(events);
    std::ranges::sort(past.tasks, std::ranges::greater(),
                      [](const Task& t) { return t.end - t.begin; });
    if (past.tasks.size() > 3) past.tasks.resize(3);
    for (const Task& task : past.tasks) {
      INFO(path << " task " << task.id);
      Steps expected;
      past.explain(task.goroutine, task.begin, task.end, 0, expected);
      const Report report = run_file(path, critical_path_pass,
                                     {{"--task", std::to_string(task.id)}, {"--limit", "1000000"}});
      const Table& steps = table(report, "critical_path");
      CHECK(rows(steps, {"from_ns", "length_ns", "depth", "goroutine", "state"}) == expected);
      for (size_t i = 0; i < steps.rows.size(); ++i)
        deepest = std::max<size_t>(deepest, std::stoul(cell(steps, i, "depth")));
      steps_compared += expected.size();
      ++compared;
    }
  }
  CHECK(compared == 102);
  CHECK(steps_compared == 1116);
  CHECK(deepest >= 3);
}
