#include "reports/checks/ci.h"

#include <algorithm>
#include <string>

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : clean(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// Workflow commands end at a line's end; a property also at a comma or colon.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : clean(text)) {
    if (c == '%') {
      out += "%25";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string case_name(const CheckResult& r) {
  const std::string rule = r.rule.name.empty() ? r.rule.text() : r.rule.name;
  return r.figure == r.rule.figure || rule.find(r.figure) != std::string::npos
             ? rule
             : rule + " (" + r.figure + ")";
}

void write_case(std::ostream& out, const CheckResult& r) {
  out << "    <testcase classname=\"tracetool." << xml(r.table.empty() ? "checks" : r.table)
      << "\" name=\"" << xml(case_name(r)) << "\" time=\"0\"";
  if (r.verdict == Verdict::kPass) {
    out << "/>\n";
  } else if (r.verdict == Verdict::kSkipped) {
    out << ">\n      <skipped message=\"" << xml(r.sentence()) << "\"/>\n    </testcase>\n";
  } else {
    out << ">\n      <failure type=\"" << name_of(r.verdict) << "\" message=\"" << xml(r.sentence())
        << "\">" << xml(r.where) << "</failure>\n    </testcase>\n";
  }
}

}  // namespace

void write_junit(std::ostream& out, const std::vector<CheckResult>& results) {
  const auto count = [](const auto& of, auto&& what) { return std::ranges::count_if(of, what); };
  const auto failed = [](const CheckResult& r) { return r.failed(); };
  const auto skipped = [](const CheckResult& r) { return r.verdict == Verdict::kSkipped; };
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tracetool\" tests=\""
      << results.size() << "\" failures=\"" << count(results, failed)
      << "\" errors=\"0\" time=\"0\">\n";
  std::vector<std::string> subjects;
  for (const CheckResult& r : results) {
    if (!std::ranges::count(subjects, r.subject)) subjects.push_back(r.subject);
  }
  for (const std::string& subject : subjects) {
    std::vector<CheckResult> own;
    for (const CheckResult& r : results) {
      if (r.subject == subject) own.push_back(r);
    }
    out << "  <testsuite name=\"" << xml(subject) << "\" tests=\"" << own.size() << "\" failures=\""
        << count(own, failed) << "\" errors=\"0\" skipped=\"" << count(own, skipped)
        << "\" time=\"0\">\n";
    for (const CheckResult& r : own) write_case(out, r);
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

void write_github(std::ostream& out, const std::vector<CheckResult>& results) {
  for (const CheckResult& r : results) {
    if (!r.failed()) continue;
    out << "::error title=" << escaped("tracetool: " + case_name(r), true) << "::"
        << escaped(r.subject + ": " + r.sentence() + (r.where.empty() ? "" : "; " + r.where), false)
        << '\n';
  }
}

static constexpr CheckFormat kCheckFormats[] = {{"junit", write_junit}, {"github", write_github}};

std::span<const CheckFormat> check_formats() { return kCheckFormats; }

const CheckFormat* find_check_format(std::string_view name) {
  const auto* const found = std::ranges::find(kCheckFormats, name, &CheckFormat::name);
  return found == std::end(kCheckFormats) ? nullptr : found;
}

}  // namespace tracetool
