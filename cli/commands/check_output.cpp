#include "cli/commands/check_output.h"

#include <algorithm>

#include "cli/io/capture_run.h"
#include "cli/io/report_output.h"
#include "cli/options/exit_code.h"
#include "reports/checks/ci.h"

namespace tracetool {

int write_checks(std::vector<Table> tables, const std::vector<CheckResult>& results, int code,
                 const Invocation& invocation, Io& io) {
  Report report{std::move(tables)};
  for (const CheckResult& r : results) {
    if (r.failed())
      report.failed_checks.push_back(r.sentence() + (r.where.empty() ? "" : "; " + r.where));
  }
  const CheckFormat* of_checks = find_check_format(invocation.settings.format);
  if (of_checks == nullptr) {
    if (!results.empty()) report.tables.push_back(checks_table(results));
    return write_made(report, {}, code, invocation, io);
  }
  const int written = with_output(invocation, io, [&](std::ostream& out) {
    of_checks->write(out, results);
    return code;
  });
  if (written == kExitUnusable) return written;
  return report.failed_checks.empty() ? written : kExitCheckFailed;
}

}  // namespace tracetool
