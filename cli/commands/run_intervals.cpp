// `intervals`: the stays of goroutines in their states, one by one.
#include <iterator>

#include "analyses/engine/runner.h"
#include "analyses/export/interval_writers.h"
#include "analyses/export/sorted_intervals.h"
#include "cli/commands/commands.h"
#include "cli/io/capture_run.h"
#include "cli/io/report_output.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"
#include "reports/words/suggest.h"

namespace tracetool {
namespace {

std::unique_ptr<IntervalWriter> make_writer(const std::string& format, const EventSource& source,
                                            std::ostream& out) {
  if (format == "json") return make_interval_json(source, out, true);
  if (format == "jsonl") return make_interval_json(source, out, false);
  if (format == "csv") return make_interval_csv(source, out);
  return make_interval_text(source, out);
}

class Listing {
 public:
  Listing(TraceReader& reader, const Invocation& invocation, IntervalOrder order)
      : reader_(reader),
        invocation_(invocation),
        settings_(invocation.settings),
        sorts_(!settings_.sort.empty() || settings_.top.value_or(0) > 0),
        most_(SortedIntervals::fit(settings_.intervals.max_memory)),
        sorted_(order, std::min<uint64_t>(most_, wanted())) {}

  void write(const std::function<void(uint64_t)>& progress, bool colour, std::ostream& out) {
    RunOptions options = run_options(settings_);
    options.progress = progress;
    WallClock clock;
    const GoroutineFilter everyone;
    const GoroutineIndex nobody(reader_.tables(), everyone);
    EventSource source{reader_.tables(), nobody, settings_.stacks, colour};
    if (settings_.wall) source.wall = &clock;
    const auto writer = make_writer(settings_.format, source, out);
    nothing_ = run_taker(reader_, options, [&](const RunContext& context) -> BlockTaker {
      intervals_ =
          std::make_unique<GoIntervals>(context, settings_.intervals.filter, settings_.from);
      return [&](const Block& block) {
        clock.block(block);
        return intervals_->block(block, [&](const GoInterval& interval) {
          if (!sorts_) return writer->write(interval);
          sorted_.add(interval);
          return true;
        });
      };
    });
    if (sorts_) sorted_.each([&](const GoInterval& i) { return writer->write(i); });
  }

  /// What the user has to know about what was written.
  void tell(Io& io) const {
    const auto note = [&](const std::string& text) {
      io.err << "tracetool " << invocation_.command->name << ": " << text << "\n";
    };
    if (!nothing_.empty()) note(nothing_);
    const uint64_t nameless = intervals_ == nullptr ? 0 : intervals_->nameless();
    if (settings_.goroutines.function && nameless > 0)
      note(std::to_string(nameless) + " intervals are left out: they ended before the capture " +
           "told the name of their goroutine");
    if (sorted_.seen() > most_ && wanted() > most_)
      note("only the first " + std::to_string(most_) + " of " + std::to_string(sorted_.seen()) +
           " intervals in this order: --max-memory has no room for more");
  }

 private:
  uint64_t wanted() const {
    const uint64_t top = settings_.top.value_or(0);
    return top == 0 ? UINT64_MAX : top;
  }

  TraceReader& reader_;
  const Invocation& invocation_;
  const Settings& settings_;
  const bool sorts_;
  const size_t most_;
  SortedIntervals sorted_;
  std::unique_ptr<GoIntervals> intervals_;
  std::string nothing_;
};

/// One JSON document, written as the intervals come.
void write_intervals_document(const TraceReader& reader, const Invocation& invocation,
                              std::ostream& out, const std::function<void()>& list) {
  begin_json(out, "tracetool-intervals", input_header(reader, invocation),
             {"selection", "intervals", "faults"});
  out << ",\n\"selection\":" << json_strings(invocation.settings.selected) << ",\n\"intervals\":[";
  list();
  out << "],\n\"faults\":" << json_strings(fault_texts(reader.facts())) << "}\n";
}

}  // namespace

int run_intervals(const Invocation& given, Io& io) {
  Invocation invocation = given;
  Settings& settings = invocation.settings;
  IntervalOrder order{.ascending = settings.ascending};
  if (!settings.sort.empty()) {
    const auto key = interval_key(settings.sort);
    const std::vector<std::string> keys(std::begin(kIntervalKeys), std::end(kIntervalKeys));
    if (!key)
      return usage_error(invocation, io,
                         "--sort: intervals are sorted by " + joined(keys) + ", not by \"" +
                             settings.sort + '"' + did_you_mean(settings.sort, keys));
    order.key = *key;
  }
  const auto reader = open_selected(invocation, io);
  if (reader == nullptr) return kExitUnusable;
  Progress progress(invocation, *reader, io);
  Listing listing(*reader, invocation, order);
  return with_output(invocation, io, [&](std::ostream& out) {
    const bool colour = wants_colour(invocation, io);
    const auto list = [&] { listing.write(progress.callback(), colour, out); };
    settings.format == "json" ? write_intervals_document(*reader, invocation, out, list) : list();
    progress.clear();
    // Messages come after what is already on its way to standard output.
    out.flush();
    if (!out.good()) return static_cast<int>(kExitOk);
    listing.tell(io);
    return report_faults(*reader, invocation, io);
  });
}

}  // namespace tracetool
