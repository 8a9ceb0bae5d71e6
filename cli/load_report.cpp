#include "cli/load_report.h"

#include <algorithm>
#include <map>

#include "analyses/problems.h"
#include "cli/app.h"
#include "cli/capture_run.h"
#include "reports/read_json.h"
#include "reports/suggest.h"
#include "reports/utf8.h"

namespace tracetool {
namespace {

/// Seconds of the time window that lie in a capture of that length.
double length_within(const Settings& settings, int64_t duration) {
  return static_cast<double>(std::min(settings.to, duration) - std::min(settings.from, duration)) /
         1e9;
}

std::string text_of(Input& input) {
  std::string text;
  for (;;) {
    const auto bytes = input.source->look(1 << 16);
    if (bytes.empty()) return text;
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
  SavedReport saved = read_saved(text_of(input));
  loaded.saved = true;
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
  loaded.seconds = length_within(settings, static_cast<int64_t>(saved.duration_ns.value_or(0)));
  if (saved.damaged) {
    loaded.warnings.emplace_back("made from a damaged capture");
    loaded.code = kExitDamaged;
  }
}

void add_faults(const CaptureFacts& facts, bool strict, LoadedReport& loaded) {
  for (const Fault& fault : facts.faults) {
    (fault.kind == FaultKind::kNote ? loaded.notes : loaded.warnings)
        .push_back(clean(fault.describe()));
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
    PassOptions options;
    options.set("in-analyze", "1");
    for (const PassOption& option : pass->options) options.set(option.name, option.default_value);
    requests.push_back({pass, options});
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

std::string run_on_nothing(const std::vector<PassRequest>& requests, CaptureFacts& facts,
                           Report& report) {
  const Tables tables;
  const GoroutineFilter everyone;
  const GoroutineIndex goroutines(tables, everyone);
  facts.version = 26;
  std::string first;
  for (const PassRequest& request : requests) {
    std::string error;
    const auto pass = request.info->make({tables, goroutines}, request.options, error);
    if (pass != nullptr) pass->finish({facts}, report);
    if (first.empty()) first = error;
  }
  return first;
}

Report empty_report(const std::vector<PassRequest>& requests) {
  CaptureFacts facts;
  Report report;
  run_on_nothing(requests, facts, report);
  add_problems(report);
  for (Table& table : report.tables) table.rows.clear();
  return report;
}

LoadedReport load_report(const std::string& path, const Settings& settings,
                         const std::vector<PassRequest>& requests) {
  LoadedReport loaded{.path = path};
  const auto unusable = [&](std::string why) {
    loaded.error = std::move(why);
    loaded.code = kExitUnusable;
    return loaded;
  };
  Input input;
  InputOptions options;
  options.own_thread = settings.threads > 1;
  if (const auto fault = open_input(path, options, input))
    return unusable(clean(fault->describe()));
  const auto start = input.source->look(1);
  if (!start.empty() && looks_saved({reinterpret_cast<const char*>(start.data()), 1})) {
    load_saved(input, settings, loaded);
    add_problems(loaded.report);
    return loaded;
  }
  ReadOptions read;
  read.strict = settings.strict;
  TraceReader reader(std::move(input), read);
  if (const auto fault = reader.open()) return unusable(clean(fault->describe()));
  RunOptions run;
  run.threads = settings.threads;
  run.from = settings.from;
  run.to = settings.to;
  run.goroutines = settings.goroutines;
  run.scope = settings.scope;
  run.twin = twin_of(reader, path, settings.strict);
  const std::string error = run_passes(reader, run, requests, loaded.report);
  if (!error.empty()) return unusable(error);
  const CaptureFacts& facts = reader.facts();
  loaded.seconds = length_within(settings, facts.duration);
  add_faults(facts, settings.strict, loaded);
  add_problems(loaded.report);
  return loaded;
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
  const std::string where = path.empty() ? "" : " " + path;
  // They are no table of a command; findings tells what is behind them.
  if (table == kProblems) return "tracetool findings" + where;
  const std::string pass = pass_of_table(table);
  return pass.empty() ? "" : "tracetool " + pass + where + " --table " + table;
}

}  // namespace tracetool
