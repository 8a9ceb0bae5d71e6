#include "analyses/measure/work_choice.h"

#include <iterator>
#include <utility>

#include "analyses/engine/option_values.h"

namespace tracetool {

std::vector<PassOption> WorkChoice::options(const std::string& what, std::vector<PassOption> more) {
  const std::string only = "only " + what + ' ';
  std::vector<PassOption> all = {
      {"--type", "REGEX", only + "whose type matches", ""},
      {"--min", "DURATION", only + "that took at least so long", ""},
      {"--max", "DURATION", only + "that took at most so long", ""},
      {"--complete", "", only + "with begin and end in the capture", ""},
      {"--incomplete", "", only + "without", ""},
      {"--log", "TEXT", only + "with a log message or category that contains TEXT", ""}};
  std::move(more.begin(), more.end(), std::back_inserter(all));
  return all;
}

bool WorkChoice::read(const PassOptions& options, std::string& error) {
  complete_ = options.flag("--complete");
  incomplete_ = options.flag("--incomplete");
  log_ = options.get("--log");
  if (!read_regex(options, "--type", type_, error) ||
      !read_duration(options, "--min", min_, error) ||
      !read_duration(options, "--max", max_, error))
    return false;
  if (complete_ && incomplete_) error = "--complete and --incomplete exclude each other";
  return error.empty();
}

}  // namespace tracetool
