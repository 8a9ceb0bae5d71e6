#include "cli/io/load_report.h"

#include <algorithm>
#include <map>

#include "analyses/findings/problems.h"
#include "cli/io/capture_run.h"
#include "cli/io/damage_table.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"
#include "parser/input/capture_file.h"
#include "reports/formats/read_json.h"
#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// As a shell takes it for one argument that is no option.
std::string as_argument(const std::string& path) {
  constexpr std::string_view kPlain = "-_./+=:,@%";
  const bool plain = std::ranges::all_of(path, [&](unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kPlain.find(static_cast<char>(c)) != kPlain.npos;
  });
  std::string out = path.starts_with('-') && path != "-" ? "./" + path : path;
  if (plain) return out;
  for (size_t at = 0; (at = out.find('\'', at)) != out.npos; at += 4) out.replace(at, 1, "'\\''");
  return "'" + out + "'";
}

/// Seconds of the time window that lie in a capture of that length.
double length_within(const TimeWindow& window, int64_t duration) {
  return static_cast<double>(std::min(window.to, duration) - std::min(window.from, duration)) / 1e9;
}

/// Of the input, as far as it is not longer than `most`.
std::optional<std::string> text_of(Input& input, uint64_t most) {
  std::string text;
  for (;;) {
    const auto bytes = input.source->look(1 << 16);
    if (bytes.empty()) return text;
    if (text.size() + bytes.size() > most) return std::nullopt;
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    input.source->advance(bytes.size());
    input.source->release();
  }
}

/// Why a saved result does not stand for its capture; "" if it does.
std::string why_unfit(const SavedReport& saved, const Settings& settings) {
  const std::string remedy = "; save with tracetool analyze TRACE --format json -o FILE";
  if (!saved.error.empty()) return saved.error;
  if (std::ranges::none_of(saved.report.tables,
                           [](const Table& t) { return !pass_of_table(t.id).empty(); }))
    return "saved results without any table of an analysis" + remedy;
  if (saved.command != "analyze")
    return "what tracetool " + clean(saved.command) + " wrote has not all figures" + remedy;
  // Neither NaN nor what no capture can be.
  if (!(saved.duration_ns.value_or(0) > 0 && saved.duration_ns.value_or(0) < 0x1p62))
    return "saved results that do not say how long the capture is" + remedy;
  if (saved.cut) return "saved with --top, so that rows are missing" + remedy;
  if (saved.selection != settings.selected) {
    const auto told = [](const std::vector<std::string>& selection) {
      return selection.empty() ? "the whole capture" : clean(joined(selection, " "));
    };
    return "saved for " + told(saved.selection) + ", but wanted is " + told(settings.selected) +
           ": no comparison; use the same options";
  }
  return {};
}

void load_saved(Input& input, const Settings& settings, LoadedReport& loaded) {
  const uint64_t most = most_saved_text(settings.max_memory);
  std::optional<std::string> text = text_of(input, most);
  if (!text) {
    loaded.error = "saved results of more than " + std::to_string(most) +
                   " bytes, which would take more memory than is allowed (--max-memory)";
    loaded.code = kExitUnusable;
    return;
  }
  SavedReport saved = read_saved(*text, settings.max_memory);
  text.reset();
  const std::string unfit = why_unfit(saved, settings);
  loaded.report = std::move(saved.report);
  // analyze adds these to what the passes say: no figures of the program.
  std::erase_if(loaded.report.tables,
                [](const Table& t) { return t.id == "findings" || t.id == "damage"; });
  if (!unfit.empty()) {
    loaded.error = unfit;
    loaded.report = {};
    loaded.code = kExitUnusable;
    return;
  }
  loaded.seconds = length_within({settings.from, settings.to},
                                 static_cast<int64_t>(saved.duration_ns.value_or(0)));
  if (saved.damaged) {
    loaded.warnings.emplace_back("made from a damaged capture");
    loaded.code = kExitDamaged;
  }
}

void add_faults(const CaptureFacts& facts, bool strict, LoadedReport& loaded) {
  for (const Fault& fault : facts.faults) {
    (fault.kind == FaultKind::kNote ? loaded.notes : loaded.warnings).push_back(shown(fault));
  }
  if (!facts.empty() && !(strict && facts.damaged())) {
    loaded.code = facts.damaged() ? kExitDamaged : kExitOk;
    return;
  }
  loaded.error = loaded.warnings.empty()
                     ? "a header and no events; was the program ended before trace.Stop()?"
                     : loaded.warnings.front();
  loaded.warnings.clear();
  loaded.code = kExitUnusable;
}

}  // namespace

std::string default_requests(const std::vector<std::string>& names,
                             std::vector<PassRequest>& requests) {
  std::vector<std::string> known;
  for (const PassInfo* pass : all_passes()) known.emplace_back(pass->name);
  for (const std::string& name : names) {
    if (!std::ranges::count(known, name))
      return "unknown analysis \"" + clean(name) + '"' + did_you_mean(name, known);
  }
  for (const PassInfo* pass : all_passes()) {
    if (!names.empty() && !std::ranges::count(names, pass->name)) continue;
    requests.push_back({pass, default_options(*pass)});
  }
  return {};
}

void keep_needed(const std::vector<std::string>& tables, std::vector<PassRequest>& requests) {
  const bool problems = std::ranges::count(tables, kProblems) > 0;
  std::erase_if(requests, [&](const PassRequest& r) {
    return !(problems && is_read_by_rules(*r.info)) &&
           std::ranges::none_of(
               tables, [&](const std::string& t) { return pass_of_table(t) == r.info->name; });
  });
}

std::string run_on_nothing(const std::vector<PassRequest>& requests, bool together,
                           CaptureFacts& facts, Report& report) {
  const Tables tables;
  const GoroutineFilter everyone;
  const GoroutineIndex goroutines(tables, everyone);
  facts.version = 26;
  std::string first;
  for (const PassRequest& request : requests) {
    std::string error;
    const RunContext context{.tables = tables, .goroutines = goroutines, .together = together};
    const auto pass = request.info->make(context, request.options, error);
    if (pass != nullptr) pass->finish({facts}, report);
    if (first.empty()) first = error;
  }
  return first;
}

Report empty_report(const std::vector<PassRequest>& requests) {
  CaptureFacts facts;
  Report report;
  run_on_nothing(requests, true, facts, report);
  add_problems(report);
  for (Table& table : report.tables) table.rows.clear();
  return report;
}

/// Reads it once, for a report of each window, which `take` gets one after the other as part of
/// `loaded`: what is wrong with the capture holds for all of them, and so does an error.
static void read_windows(Input input, const std::vector<TimeWindow>& windows,
                         const Settings& settings, const std::vector<PassRequest>& requests,
                         LoadedReport& loaded, const std::function<void()>& take) {
  const auto unusable = [&](std::string why) {
    loaded.error = std::move(why);
    loaded.code = kExitUnusable;
  };
  TraceReader reader(std::move(input), read_options(settings));
  if (const auto fault = reader.open()) return unusable(shown(*fault));
  RunOptions run = run_options(settings);
  run.together = true;
  run.top = {};  // figures are those of all rows, whatever is shown of them
  run.twin = twin_of(reader, loaded.path);
  const CaptureFacts& facts = reader.facts();
  std::string error =
      run_windows(reader, run, windows, requests, [&](size_t window, Report&& report) {
        if (window == 0) add_faults(facts, settings.strict, loaded);
        loaded.report = std::move(report);
        loaded.seconds = length_within(windows[window], facts.duration);
        add_problems(loaded.report);
        take();
      });
  if (!error.empty()) unusable(std::move(error));
}

LoadedReport load_report(const std::string& path, const Settings& given,
                         const std::vector<PassRequest>& requests, bool keep) {
  Settings settings = given;
  LoadedReport one{.path = path};
  const auto unusable = [&](std::string why) {
    one.error = std::move(why);
    one.code = kExitUnusable;
    return std::move(one);
  };
  Input input;
  if (const auto fault =
          open_input(path, {.own_thread = settings.threads > 1, .keep = keep}, input))
    return unusable(shown(*fault));
  const auto start = input.source->look(1);
  const bool saved =
      !start.empty() && looks_saved({reinterpret_cast<const char*>(start.data()), 1});
  if (saved && has_wall_window(settings))
    return unusable("saved results have no times of day for --from and --to");
  if (saved) {
    load_saved(input, settings, one);
    add_problems(one.report);
    return one;
  }
  if (auto why = find_window(input.file, path, settings); !why.empty())
    return unusable(std::move(why));
  const std::shared_ptr<const CaptureFile> file = input.file;
  const std::shared_ptr<KeptStream> kept = input.kept;
  const TimeWindow window{settings.from, settings.to};
  read_windows(std::move(input), {window}, settings, requests, one, [] {});
  if (!keep) return one;
  one.file = kept == nullptr ? file : kept->file();
  if (one.file == nullptr) one.not_kept = kept->error();
  return one;
}

LoadedReport load_slices(const LoadedReport& whole, const std::vector<TimeWindow>& windows,
                         const Settings& settings, const std::vector<PassRequest>& requests,
                         const std::function<void(const LoadedReport&)>& take) {
  LoadedReport slice{.path = whole.path};
  Input input;
  if (const auto fault =
          open_again(whole.file, whole.path, {.own_thread = settings.threads > 1}, input)) {
    slice.error = shown(*fault);
    slice.code = kExitUnusable;
    return slice;
  }
  read_windows(std::move(input), windows, settings, requests, slice, [&] {
    if (slice.code != kExitUnusable) take(slice);
  });
  slice.report = {};
  return slice;
}

void tell_faults(const LoadedReport& loaded, Io& io) {
  const std::string path = loaded.path == "-" ? "standard input" : clean(loaded.path);
  const auto line = [&](const char* kind, const std::string& text) {
    const bool named = names_file(text, path);
    io.err << "tracetool: " << kind << (named ? "" : path + ": ") << clean(text) << "\n";
  };
  for (const std::string& note : loaded.notes) line("note: ", note);
  for (const std::string& warning : loaded.warnings) line("warning: ", warning);
  if (!loaded.error.empty()) line("", loaded.error);
}

std::string pass_of_table(const std::string& table) {
  static const std::map<std::string, std::string> kPasses = [] {
    std::map<std::string, std::string> passes;
    for (const PassInfo* pass : all_passes()) {
      std::vector<PassRequest> one;
      default_requests({pass->name}, one);
      for (const Table& t : empty_report(one).tables) passes.emplace(t.id, pass->name);
    }
    passes.erase(kProblems);
    return passes;
  }();
  const auto it = kPasses.find(table);
  return it == kPasses.end() ? "" : it->second;
}

std::string command_about(const std::string& table, const std::string& path) {
  const std::string where = path.empty() ? "" : " " + as_argument(path);
  // They are no table of a command; findings tells what is behind them.
  if (table == kProblems) return "tracetool findings" + where;
  const std::string pass = pass_of_table(table);
  return pass.empty() ? "" : "tracetool " + pass + where + " --table " + table;
}

}  // namespace tracetool
