// User regions by type and by the place that begins them.
#include <deque>
#include <unordered_map>

#include "analyses/engine/option_values.h"
#include "analyses/engine/pass.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/latency_columns.h"
#include "analyses/measure/split_time.h"
#include "analyses/measure/work_choice.h"
#include "analyses/passes/regions/region_times.h"
#include "parser/model/hash.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

/// What begins and ends a region costs the program: two events with stacks, about 0.4 µs each.
constexpr int64_t kShort = 1000;
/// Fewer short ones are not worth a word.
constexpr uint64_t kManyShort = 100;

struct Wanted {
  WorkChoice regions;
  int64_t short_below = kShort;
};

struct Group {
  StringId type = 0;
  FrameId frame = 0;
  bool has_frame = false;
  uint64_t count = 0, complete = 0, short_ones = 0;
  int64_t total = 0, self = 0;
  SplitTime split;
  Histogram latency;
  Decades decades;
  int64_t longest = -1, longest_at = 0;
  uint64_t longest_goroutine = 0;
};

struct Row {
  std::string type, frame;
  const Group* group;
  SplitTime split;
  const Histogram* latency;
};

Columns<Row> columns() {
  Columns<Row> c = {
      {key("type", "Region type", "name that the program gave the region"), of<&Row::type>},
      {key("begun_at", "Begun at", "innermost frame of the stack at which the region begins"),
       text_of<&Row::frame>},
      {count("count", "Count", 0, "regions"),
       [](const Row& r) { return count_cell(r.group->count); }},
      {count("complete", "Complete", 3,
             "regions with begin and end in the capture: min to max and the histogram are of them"),
       [](const Row& r) { return count_cell(r.group->complete); }},
      // As many as were open when the capture began or ended.
      {standing(count(
           "incomplete", "Incomplete", 4,
           "regions whose begin or end is missing; what is there of them counts in the sums")),
       [](const Row& r) { return count_cell(r.group->count - r.group->complete); }},
      {cost("total_ns", "Total", 0, "duration of all of them together"),
       [](const Row& r) { return Cell(r.group->total); }},
      {cost("self_ns", "Self", 1, "duration without the regions inside"),
       [](const Row& r) { return Cell(r.group->self); }},
  };
  add_latency_columns(c, "regions");
  add_split_columns(c);
  append(c, {{amount("unknown_ns", "Unknown", 5, "total that no part explains"),
              [](const Row& r) { return Cell(r.group->total - r.split.total()); }},
             {cost_count("short", "Short", 5, "complete regions shorter than --short"),
              [](const Row& r) { return count_cell(r.group->short_ones); }}});
  c.push_back(
      {moment("longest_at_ns", "Longest at", 5, "when the longest one began"),
       [](const Row& r) { return r.group->longest < 0 ? Cell() : Cell(r.group->longest_at); }});
  c.push_back(
      {info("longest_goroutine", "by goroutine", Unit::kId, 5, "goroutine of the longest one"),
       [](const Row& r) {
         return r.group->longest < 0 ? Cell() : count_cell(r.group->longest_goroutine);
       }});
  return c;
}

Columns<BucketRow> histogram_columns() {
  Columns<BucketRow> c = {
      {key("type", "Region type", "name that the program gave the region"), of<&BucketRow::group>},
      {key("begun_at", "Begun at", "innermost frame of the stack at which the region begins", 1),
       text_of<&BucketRow::detail>},
  };
  add_bucket_columns(c);
  return c;
}

class RegionsPass final : public Pass {
 public:
  RegionsPass(const RunContext& context, Wanted wanted)
      : context_(context),
        wanted_(std::move(wanted)),
        times_(
            context.tables, context.goroutines,
            [this](const FinishedRegion& region) { add(region); },
            wanted_.regions.needs_log() ? [this](const Event& e) { return is_wanted_log(e); }
                                        : RegionTimes::IsWantedLog()) {}

  void block(const Block& block) override {
    block_ = &block;
    times_.block(block);
  }
  void finish(const Capture& capture, Report& report) override;

 private:
  bool is_wanted_log(const Event& e) const {
    return wanted_.regions.is_wanted_log(context_.tables.string(e.name), block_->message(e));
  }
  void add(const FinishedRegion& region) {
    if (region.inherited || region.outside) return;
    const Goroutine& g = context_.goroutines[region.g];
    const WorkChoice& choice = wanted_.regions;
    if (!g.selected || !choice.takes_duration(region.total()) || !choice.takes(region.complete()))
      return;
    if (choice.needs_log() && !region.logged) return;
    Group* group = group_of(region);
    if (group == nullptr) return;
    ++group->count;
    group->total += region.total();
    group->self += region.self;
    if (region.time != nullptr) group->split.add(*region.time);
    if (!region.complete()) return;
    ++group->complete;
    group->latency.add(region.total());
    group->decades.add(region.total());
    group->short_ones += region.total() < wanted_.short_below;
    if (region.total() > group->longest) {
      group->longest = region.total();
      group->longest_at = region.begin;
      group->longest_goroutine = g.id;
    }
  }

  /// nullptr for types that are not wanted.
  Group* group_of(const FinishedRegion& region) {
    const auto frames = context_.tables.stack(region.stack);
    const uint64_t frame = frames.empty() ? 0 : frames[0] + uint64_t{1};
    const auto [it, fresh] = index_.try_emplace(frame << 32 | region.type, nullptr);
    if (fresh) {
      if (is_wanted_type_(region.type)) {
        Group& group = groups_.emplace_back();
        group.type = region.type;
        group.has_frame = frame != 0;
        group.frame = frames.empty() ? 0 : frames[0];
        it->second = &group;
      }
    }
    return it->second;
  }

  const RunContext context_;
  const Wanted wanted_;
  NameMatch is_wanted_type_{context_.tables, wanted_.regions.type()};
  const Block* block_ = nullptr;
  RegionTimes times_;
  std::deque<Group> groups_;
  std::unordered_map<uint64_t, Group*, IdHash> index_;  // by frame and type; nullptr: not wanted
};

void RegionsPass::finish(const Capture&, Report& report) {
  Table table{.id = "regions",
              .title = "Regions by type",
              .help =
                  "Total = execution + sched wait + block + syscall + syscall block + unknown. "
                  "A region inside another counts in both totals, but in one self time only.",
              .sort_by = "total_ns"};
  const Tables& tables = context_.tables;
  std::vector<Row> rows;
  std::vector<BucketRow> buckets;
  uint64_t incomplete = 0;
  for (const Group& g : groups_) {
    Row row{std::string(tables.string(g.type)), "", &g, g.split, &g.latency};
    if (g.has_frame) {
      const Frame& f = tables.frame(g.frame);
      const std::string_view file = tables.string(f.file);
      row.frame.append(tables.string(f.function)).append(" ");
      row.frame.append(file.substr(file.rfind('/') + 1)).append(":");
      row.frame.append(std::to_string(f.line));
    }
    incomplete += g.count - g.complete;
    add_buckets(buckets, row.type, row.frame, g.decades, g.complete);
    if (g.short_ones >= kManyShort && g.latency.percentile(0.5) < wanted_.short_below) {
      table.notes.push_back(
          std::to_string(g.short_ones) + " of " + std::to_string(g.complete) + " regions \"" +
          row.type + "\" are shorter than " +
          format_duration(static_cast<double>(wanted_.short_below)) +
          ": about what it costs to trace a region. They slow the program down and measure "
          "themselves; widen or remove them.");
    }
    rows.push_back(std::move(row));
  }
  if (incomplete > 0) {
    table.notes.push_back(std::to_string(incomplete) +
                          " regions began before or ended after the capture: what is there of them "
                          "is in the sums, not in min to max");
  }
  fill(table, columns(), rows);
  report.tables.push_back(std::move(table));

  Table histogram{.id = "region_histogram",
                  .detail = true,
                  .title = "Durations of regions",
                  .help = "Complete regions by duration, five buckets per decade."};
  fill(histogram, histogram_columns(), buckets);
  report.tables.push_back(std::move(histogram));
}

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions& options,
                           std::string& error) {
  Wanted wanted;
  if (!wanted.regions.read(options, error) ||
      !read_duration(options, "--short", wanted.short_below, error))
    return nullptr;
  return std::make_unique<RegionsPass>(context, std::move(wanted));
}

}  // namespace

extern const PassInfo regions_pass;
const PassInfo regions_pass = {
    "regions",
    "user regions by type: how long they take and where their time goes",
    "Regions (trace.WithRegion, trace.StartRegion) by type and by the place that begins them: how\n"
    "many, how long (percentiles and histogram of the complete ones), how much of it in regions\n"
    "inside, and what their goroutine did meanwhile.\n"
    "\n"
    "Examples:\n"
    "  tracetool regions trace.out\n"
    "  tracetool regions trace.out --type '^db' --min 10ms\n"
    "  tracetool regions trace.out --table region_histogram --format csv",
    WorkChoice::options("regions",
                        {{"--short", "DURATION", "warn of types that mostly take less", "1us"}}),
    make,
    2,
    41};

}  // namespace tracetool
