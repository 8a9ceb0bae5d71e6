// What is wrong, said in words: rules over the finished tables of the passes. A rule computes one
// figure; where it passes its threshold, the figure becomes a finding with evidence and advice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/findings/report_view.h"
#include "parser/trace_reader.h"
#include "reports/model/table.h"

namespace tracetool {

/// A rule's figure and the sentences that show where it comes from.
struct Measured {
  double figure = 0;
  std::string evidence;
  StackCell stack = {};      // whom the evidence blames, where that is on one stack
  std::string culprit = {};  // function, lock or stage that most of it is of
  Cell when = {};            // where the evidence names a moment: the first one
};

struct RuleInput {
  ReportView& report;
  const CaptureFacts& facts;
  int64_t window = 0;  // of rules that have one
};

/// From where on a figure is a finding.
struct Limit {
  double value = 0;
  int64_t window = 0;  // 0: the rule's own
  bool operator==(const Limit&) const = default;
};

struct FindingRule {
  const char* id;          // "gc-assist": names it in --threshold
  const char* title;       // "Goroutines have to help the garbage collector"
  const char* measure;     // what the figure is
  Unit unit;               // of figure and threshold
  bool above_one = false;  // a ratio of which neither is a part of the other
  double threshold;        // unless the user sets another
  /// ns: length of the stretches of time that it measures, if it does so, and the option with which
  /// the (only) pass that it reads takes others.
  int64_t window = 0;
  const char* window_option = "";
  bool below = false;   // found where the figure is below the threshold, not above it
  double weight = 1;    // how much this kind of trouble matters, of 1
  const char* command;  // the pass to look at
  const char* advice;
  std::vector<const char*> passes;  // those whose tables it reads
  bool about_capture = false;       // not about the program
  /// Nothing where the capture does not tell, or where the figure would mean nothing.
  std::optional<Measured> (*measured)(const RuleInput& input);
};

/// All rules; those about the capture itself first.
const std::vector<const FindingRule*>& all_rules();

/// Whether any rule reads the tables of this pass.
bool is_read_by_rules(const PassInfo& pass);

/// 0 to 100: how far a figure is beyond the threshold, weighed by the rule.
double severity(const FindingRule& rule, double figure, double threshold);

using Thresholds = std::map<std::string, Limit>;
/// Reads "gc-assist=10%" or "low-mmu=25ms:40%" into `thresholds`; otherwise a message.
std::optional<std::string> read_threshold(const std::string& text, Thresholds& thresholds);
/// "5%", "1ms", "2"
std::string threshold_text(const FindingRule& rule, double value);

/// The window that a rule measures.
int64_t window_of(const FindingRule& rule, const Thresholds& thresholds);
/// Adds to the options of a pass what rules want to know beyond the defaults.
void ask_for_rules(const PassInfo& pass, const Thresholds& thresholds, PassOptions& options);

/// Puts the table `findings` in front of the tables of `report`. Names of tables and columns that a
/// rule asked for in vain are added to `missing`.
void add_findings(Report& report, const CaptureFacts& facts, const Thresholds& thresholds,
                  std::vector<std::string>* missing = nullptr);

}  // namespace tracetool
