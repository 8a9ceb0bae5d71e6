#include "cli/commands/check_output.h"

#include <algorithm>

#include "cli/io/capture_run.h"
#include "cli/io/report_output.h"
#include "cli/options/exit_code.h"
#include "reports/checks/ci.h"

namespace tracetool {

int write_checks(std::vector<Table> tables, const std::vector<CheckResult>& results, int code,
                 const Invocation& invocation, Io& io) {
  const std::string& format = invocation.settings.format;
  Report report{std::move(tables)};
  for (const CheckResult& r : results) {
    if (r.failed())
      report.failed_checks.push_back(r.sentence() + (r.where.empty() ? "" : "; " + r.where));
  }
  if (format != "junit" && format != "github") {
    if (!results.empty()) report.tables.push_back(checks_table(results));
    return write_made(report, {}, code, invocation, io);
  }
  const int written = with_output(invocation, io, [&](std::ostream& out) {
    format == "junit" ? write_junit(out, results) : write_github(out, results);
    return code;
  });
  if (written == kExitUnusable) return written;
  return report.failed_checks.empty() ? written : kExitCheckFailed;
}

}  // namespace tracetool
