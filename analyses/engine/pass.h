// A pass: one question about the capture, answered in one file,
// analyses/passes/<name>/pass_<name>.cpp.
//
// To add one: copy the smallest pass, define `extern const PassInfo <name>_pass` in it, build. The
// list of passes is made from the files' names; command, options, formats and diff follow from what
// the file declares.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyses/engine/goroutine_index.h"
#include "analyses/engine/stack_cell.h"
#include "parser/model/block.h"
#include "parser/model/tables.h"
#include "parser/trace_reader.h"
#include "reports/model/table.h"

namespace tracetool {

/// A command-line option of one pass.
struct PassOption {
  std::string name;           // "--include"
  std::string value;          // what stands for its value in the help, "LIST"; "" for a flag
  std::string help;           // one line
  std::string default_value;  // as the user would write it; "" for none
  /// Words of which the value is a list: it may then also stand alone, without the option's name.
  std::vector<std::string> words = {};
};

/// Option values by name, with defaults filled in; a flag is "" or "1".
class PassOptions {
 public:
  const std::string& get(const std::string& name) const {
    static const std::string kNothing;
    const auto it = values_.find(name);
    return it == values_.end() ? kNothing : it->second;
  }
  bool flag(const std::string& name) const { return !get(name).empty(); }
  void set(const std::string& name, std::string value) { values_[name] = std::move(value); }

 private:
  std::map<std::string, std::string> values_;
};

/// More rows of single things than that no table lists: each takes a KiB or two of memory.
inline constexpr size_t kMostRows = 500'000;

/// What all passes of a run share.
struct RunContext {
  const Tables& tables;
  /// Names and births of goroutines; has seen the block that a pass is handed.
  const GoroutineIndex& goroutines;
  /// Only time inside some tasks or regions reaches the passes (ScopeFilter): what a goroutine did
  /// then does not add up to its life.
  bool scoped = false;
  /// How many rows the user wants of each table, 0 for all.
  std::optional<uint64_t> top = {};
  /// Many passes share the run: those that need much have to be modest.
  bool together = false;
  /// For whoever shows stacks when all events were seen.
  std::shared_ptr<StackCells> stacks = std::make_shared<StackCells>(tables);

  /// How many a list of single things keeps that otherwise keeps `usual`.
  size_t list_rows(size_t usual) const {
    if (!top) return usual;
    const uint64_t wanted = *top == 0 ? kMostRows : std::min<uint64_t>(*top, kMostRows);
    return std::max(usual, static_cast<size_t>(wanted));
  }
};
/// What a table says where that is not enough for all.
inline constexpr const char* kRowsLeftOut =
    "only the first 500,000 are kept: more would take too much memory";

/// What is known when all events were seen.
struct Capture {
  const CaptureFacts& facts;
  int64_t begin = 0;  // ns; of the time window, or of the trace
  int64_t end = 0;
  int64_t length() const { return end - begin; }
};

class Pass {
 public:
  virtual ~Pass() = default;
  /// Events in order. Blocks are only valid during the call.
  virtual void block(const Block& block) = 0;
  /// Adds its tables, all of them even if empty. What was still open was closed by events with
  /// kFlagOpenEnd before.
  virtual void finish(const Capture& capture, Report& report) = 0;
};

enum class Filters : uint8_t {
  kAll,         // --function, --goroutine, --system, --task and --region
  kGoroutines,  // not --task and --region
  kScope,       // --task and --region only
  kNone,
};

struct PassInfo {
  const char* name;         // the command: "goroutines"
  const char* summary;      // one line for the list of commands
  const char* description;  // for --help: what it answers, how to read it, examples
  std::vector<PassOption> options;
  /// A new pass, or nullptr with `error` set when an option's value makes no sense.
  std::unique_ptr<Pass> (*make)(const RunContext& context, const PassOptions& options,
                                std::string& error);
  /// About what it costs, ns an event of a dense capture: evens out the work of threads.
  int cost = 2;
  /// Where its tables stand among those of all passes: smaller comes first.
  int place = 50;
  /// Which of the user's filters change what it tells.
  Filters filters = Filters::kAll;
};

/// All passes, by name.
const std::vector<const PassInfo*>& all_passes();

/// The options that hold where the user gives none.
PassOptions default_options(const PassInfo& pass);

}  // namespace tracetool
