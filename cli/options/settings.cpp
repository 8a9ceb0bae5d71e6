#include "cli/options/settings.h"

#include <algorithm>
#include <cctype>
#include <thread>

#include "reports/model/values.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Reads options one after the other; the first error stays.
class Reader {
 public:
  explicit Reader(const FlagValues& values) : values_(values) {}

  const std::optional<std::string>& error() const { return error_; }
  void fail(const std::string& option, const std::string& what) {
    if (!error_) error_ = option + ": " + what;
  }

  void duration(const std::string& option, int64_t& ns) {
    if (!values_.has(option)) return;
    if (auto error = parse_duration(values_.last(option), ns)) fail(option, *error);
  }
  /// Since the first event, or a time of day.
  void moment(const std::string& option, int64_t& ns, std::optional<TypedTime>& wall) {
    const std::string text = values_.last(option);
    if (!looks_like_time(text)) return duration(option, ns);
    wall = parse_time(text);
    if (!wall)
      fail(option, "\"" + clean(text) +
                       "\" is no time; write 2026-11-24T19:26:55.5Z, with +01:00 for Z, or "
                       "19:26:55 (UTC)");
  }
  /// Bytes, with a unit.
  void size(const std::string& option, uint64_t& bytes) {
    if (!values_.has(option)) return;
    if (auto error = parse_size(values_.last(option), bytes)) fail(option, *error);
  }
  template <class Number>
  void number(const std::string& option, Number& into) {
    uint64_t value = 0;
    if (!values_.has(option)) return;
    if (auto error = parse_number(values_.last(option), value)) return fail(option, *error);
    into = static_cast<Number>(value);
  }
  void numbers(const std::string& option, std::unordered_set<uint64_t>& into) {
    std::vector<uint64_t> parsed;
    for (const std::string& text : values_.all(option)) {
      if (auto error = parse_numbers(text, parsed)) return fail(option, *error);
    }
    into.insert(parsed.begin(), parsed.end());
  }
  void regex(const std::string& option, std::optional<Regex>& into) {
    if (!values_.has(option)) return;
    std::string error;
    into = Regex::of(values_.last(option), error);
    if (!into) fail(option, error);
  }
  /// "5%" or "0.05", less than 1.
  void share(const std::string& option, double& into) {
    if (!values_.has(option)) return;
    double share = 0;
    if (auto error = parse_share(values_.last(option), share)) return fail(option, *error);
    if (share >= 1) return fail(option, "less than 1");
    into = share;
  }
  /// One of `names`, whatever its case.
  std::string choice(const std::string& option, const std::vector<std::string>& names,
                     const std::string& otherwise) {
    if (!values_.has(option)) return otherwise;
    const std::string given = values_.last(option);
    if (std::ranges::find(names, lower(given)) != names.end()) return lower(given);
    fail(option,
         "unknown value \"" + given + "\", one of " + joined(names) + did_you_mean(given, names));
    return otherwise;
  }

 private:
  const FlagValues& values_;
  std::optional<std::string> error_;
};

void read_kinds(const FlagValues& values, Reader& reader, uint32_t& kinds) {
  if (!values.has("--kind")) return;
  kinds = 0;
  for (const std::string& list : values.all("--kind")) {
    for (const std::string& word : split_list(list)) {
      bool known = false;
      for (int k = 0; k < kEventKinds; ++k) {
        if (lower(name_of(static_cast<EventKind>(k))) != lower(word)) continue;
        kinds |= uint32_t{1} << k;
        known = true;
      }
      if (!known) {
        reader.fail("--kind", "unknown kind \"" + word + "\", one of " + joined(kind_names()) +
                                  did_you_mean(word, kind_names()));
      }
    }
  }
  if (kinds == 0) reader.fail("--kind", "an empty list");
}

void read_filter(const FlagValues& values, Reader& reader, Settings& s) {
  reader.moment("--from", s.from, s.from_wall);
  reader.moment("--to", s.to, s.to_wall);
  if (s.from > s.to) {
    reader.fail("--from", "\"" + values.last("--from") + "\" is later than --to \"" +
                              values.last("--to") + "\"");
  }
  reader.numbers("--goroutine", s.goroutines.ids);
  reader.numbers("--proc", s.events.procs);
  reader.numbers("--thread", s.events.threads);
  reader.number("--limit", s.events.limit);
  read_kinds(values, reader, s.events.kinds);
  s.goroutines.system = !values.has("--no-system");
  reader.numbers("--task", s.scope.tasks);
  reader.regex("--region", s.scope.region);
  reader.regex("--function", s.goroutines.function);
  for (const char* option : {"--from", "--to", "--function", "--goroutine", "--task", "--region"}) {
    for (const std::string& value : values.all(option))
      s.selected.push_back(std::string(option) + " " + value);
  }
  if (values.has("--no-system")) s.selected.emplace_back("--no-system");
}

/// The words of a list option, each of which has to be one of `names`.
std::vector<std::string> words(const FlagValues& values, Reader& reader, const std::string& option,
                               const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& list : values.all(option)) {
    for (const std::string& word : split_list(list)) {
      out.push_back(lower(word));
      if (std::ranges::find(names, out.back()) == names.end())
        reader.fail(option, "unknown value \"" + word + "\", of " + joined(names) +
                                did_you_mean(word, names));
    }
  }
  if (values.has(option) && out.empty()) reader.fail(option, "an empty list");
  return out;
}

void read_intervals(const FlagValues& values, Reader& reader, IntervalSettings& into) {
  const std::vector<std::string> states(std::begin(kIntervalStates), std::end(kIntervalStates));
  for (const std::string& name : words(values, reader, "--state", states))
    into.filter.states |= state_bit(name);
  const std::vector<std::string> classes(std::begin(kWaitClassNames), std::end(kWaitClassNames));
  for (const std::string& name : words(values, reader, "--class", classes))
    into.filter.classes |= class_bits(name);
  reader.regex("--reason", into.filter.reason);
  reader.duration("--min", into.filter.shortest);
  reader.size("--max-memory", into.max_memory);
}

void read_output(const FlagValues& values, const std::vector<std::string>& formats, Reader& reader,
                 Settings& s) {
  s.format = reader.choice("--format", formats, "text");
  s.output = values.last("--output");
  if (values.has("--output") && s.output.empty()) reader.fail("--output", "a name is missing");
  const std::string color = reader.choice("--color", {"auto", "always", "never"}, "auto");
  s.color = color == "always"  ? Settings::Color::kAlways
            : color == "never" ? Settings::Color::kNever
                               : Settings::Color::kAuto;
  reader.number("--width", s.width);
  if (s.width && *s.width > 0 && *s.width < 24) reader.fail("--width", "at least 24, or 0 for any");
  s.table = values.last("--table");
  for (const std::string& list : values.all("--columns")) {
    for (const std::string& name : split_list(list)) s.columns.push_back(name);
  }
  s.sort = values.last("--sort");
  if (s.sort.ends_with(":asc")) s.ascending = true;
  if (s.sort.ends_with(":asc") || s.sort.ends_with(":desc")) s.sort.resize(s.sort.rfind(':'));
  if (values.has("--sort") && s.sort.empty()) reader.fail("--sort", "a column is missing");
  reader.number("--top", s.top);
  s.stacks = values.has("--stacks");
  s.figures = values.has("--figures");
  for (const std::string& text : values.all("--threshold")) {
    if (const auto error = read_threshold(text, s.thresholds)) reader.fail("--threshold", *error);
  }
  s.explain = values.has("--explain");
  s.raw = values.has("--raw");
  s.full = values.has("--full");
  s.wall = values.has("--wall");
}

/// Like split_list, but a comma in brackets belongs to the id.
std::vector<std::string> split_ids(const std::string& text) {
  std::vector<std::string> ids(1);
  bool inside = false;
  for (const char c : text) {
    if (c == '[' || c == ']') inside = c == '[';
    if (c == ',' && !inside) {
      ids.emplace_back();
    } else if (c != ' ' || inside) {
      ids.back() += c;
    }
  }
  std::erase(ids, "");
  return ids;
}

void read_gates(const FlagValues& values, Reader& reader, GateSettings& gates) {
  for (const std::string& list : values.all("--passes")) {
    for (const std::string& name : split_list(list)) gates.passes.push_back(name);
  }
  gates.require = values.all("--require");
  gates.rules = values.all("--rules");
  gates.before = values.all("--before");
  gates.after = values.all("--after");
  gates.baseline = values.all("--baseline");
  gates.fail_on = values.all("--fail-on");
  for (const std::string& ids : values.all("--metrics")) {
    for (const std::string& id : split_ids(ids)) gates.metrics.push_back(id);
  }
  gates.per = values.last("--per");
  reader.share("--alpha", gates.alpha);
  reader.share("--min-change", gates.threshold);
}

void read_input(const FlagValues& values, Reader& reader, Settings& s) {
  s.strict = values.has("--strict");
  reader.size("--max-memory", s.max_memory);
  const unsigned cores = std::thread::hardware_concurrency();
  uint64_t threads = std::clamp(cores, 1U, 2U);
  reader.number("--threads", threads);
  if (threads == 0 || threads > 1024) reader.fail("--threads", "between 1 and 1024");
  s.threads = static_cast<int>(threads);
  if (values.has("--progress")) s.progress = true;
  if (values.has("--no-progress")) s.progress = false;
  for (const std::string& name : {std::string("progress"), std::string("system")}) {
    if (values.has("--" + name) && values.has("--no-" + name))
      reader.fail("--" + name, "contradicts --no-" + name);
  }
}

}  // namespace

const std::vector<std::string>& kind_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (int k = 0; k < kEventKinds; ++k) {
      const std::string name = name_of(static_cast<EventKind>(k));
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
  }();
  return kNames;
}

std::optional<std::string> read_settings(const FlagValues& values,
                                         const std::vector<std::string>& formats,
                                         Settings& settings) {
  Reader reader(values);
  read_filter(values, reader, settings);
  read_intervals(values, reader, settings.intervals);
  read_output(values, formats, reader, settings);
  read_gates(values, reader, settings.gates);
  read_input(values, reader, settings);
  return reader.error();
}

}  // namespace tracetool
