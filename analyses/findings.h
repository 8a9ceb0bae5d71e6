// What is wrong, said in words: rules over the finished tables of the passes. A rule computes one
// figure; where it passes its threshold, the figure becomes a finding with evidence and advice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyses/report_view.h"
#include "parser/trace_reader.h"
#include "reports/table.h"

namespace tracetool {

/// A rule's figure and the sentence that shows where it comes from.
struct Measured {
  double figure = 0;
  std::string evidence;
  std::string culprit = {};  // function, lock or stage that most of it is of
};

struct RuleInput {
  ReportView& report;
  const CaptureFacts& facts;
};

struct FindingRule {
  const char* id;       // "gc-assist": names it in --threshold
  const char* title;    // "Goroutines have to help the garbage collector"
  const char* measure;  // what the figure is
  Unit unit;            // of figure and threshold
  double threshold;     // unless the user sets another
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

using Thresholds = std::map<std::string, double>;
/// 0 to 100: how far a figure is beyond the threshold, weighed by the rule.
double severity(const FindingRule& rule, double figure, double threshold);

/// Reads "gc-assist=10%" into `thresholds`; otherwise a message.
std::optional<std::string> read_threshold(const std::string& text, Thresholds& thresholds);
/// "5%", "1ms", "2"
std::string threshold_text(const FindingRule& rule, double value);

/// Puts the table `findings` in front of the tables of `report`. Names of tables and columns that a
/// rule asked for in vain are added to `missing`.
void add_findings(Report& report, const CaptureFacts& facts, const Thresholds& thresholds,
                  std::vector<std::string>* missing = nullptr);

}  // namespace tracetool
