// "sched.p99 < 500us": what a figure must satisfy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/figures/figure.h"
#include "reports/model/quantity.h"

namespace tracetool {

struct Rule {
  std::string name = {};    // as the user calls it; else its text
  std::string figure = {};  // an id
  std::string op = {};      // < <= > >= == !=
  std::string limit = {};   // a quantity, in the unit of the figure
  bool optional = false;    // absent is fine
  std::string why = {};     // told when it fails
  std::string text() const { return figure + " " + op + " " + limit; }
};
/// "FIGURE OP VALUE", after "optional" if it is. Returns a message if it is not like that.
std::string parse_rule(std::string_view text, Rule& rule);

enum class Verdict : uint8_t { kPass, kFail, kAbsent, kSkipped };
std::string_view name_of(Verdict verdict);

/// A rule and one figure that it is about.
struct CheckResult {
  Rule rule = {};
  Verdict verdict = Verdict::kAbsent;
  std::string figure = {};  // the whole id
  std::string table = {};
  Cell value = {};
  Cell limit = {};
  Measure measure = {};
  std::string where = {};    // what to look at
  std::string subject = {};  // the capture that it is about
  bool failed() const { return verdict == Verdict::kFail || verdict == Verdict::kAbsent; }
  /// One sentence: "stw_totals.max_ns is 2.1ms, not < 1ms".
  std::string sentence() const;
};

/// Holds a number against a rule.
bool satisfies(double value, std::string_view op, double limit);

/// The value that a rule about these figures names; or what is wrong with it.
Quantity limit_of(const Rule& rule, const Figures& figures);
/// What is wrong with the rule itself, judged by tables without rows; "" if nothing is.
std::string rule_error(const Rule& rule, const Report& empty);
/// One result for each figure that the rule names, or one that says it is absent.
std::vector<CheckResult> check(const Rule& rule, const Report& report, double seconds);

/// The results as a table, failed ones first.
Table checks_table(const std::vector<CheckResult>& results);

}  // namespace tracetool
