#include "analyses/engine/option_values.h"

#include "reports/model/values.h"

namespace tracetool {
namespace {

/// Reads the value of an option with `parse`.
template <class Value>
bool read(const PassOptions& options, const std::string& name, Value& value, std::string& error,
          ValueError (*parse)(std::string_view, Value&)) {
  const std::string& text = options.get(name);
  if (text.empty()) return true;
  const ValueError wrong = parse(text, value);
  if (wrong) error = name + ": " + *wrong;
  return !wrong;
}

}  // namespace

bool read_duration(const PassOptions& options, const std::string& name, int64_t& value,
                   std::string& error) {
  return read(options, name, value, error, parse_duration);
}

bool read_number(const PassOptions& options, const std::string& name, uint64_t& value,
                 std::string& error) {
  return read(options, name, value, error, parse_number);
}

bool read_size(const PassOptions& options, const std::string& name, uint64_t& value,
               std::string& error) {
  return read(options, name, value, error, parse_size);
}

bool read_regex(const PassOptions& options, const std::string& name, std::optional<Regex>& value,
                std::string& error) {
  const std::string& text = options.get(name);
  if (text.empty()) return true;
  std::string wrong;
  value = Regex::of(text, wrong);
  if (!value) error = name + ": " + wrong;
  return value.has_value();
}

}  // namespace tracetool
