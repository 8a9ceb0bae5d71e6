#include "analyses/passes/goroutines/goroutine_labels.h"

#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"

namespace tracetool {

void GoroutineLabels::add_table(const Tables& tables, Report& report) const {
  struct Row {
    std::string label;
    int64_t goroutines, runs, time;
  };
  const Columns<Row> columns = {
      {key("label", "Label", "As the runtime gives it."), of<&Row::label>},
      {info("goroutines", "Goroutines", Unit::kCount, 0, "That had it.", Role::kStat),
       of<&Row::goroutines>},
      {count("runs", "Runs", 0, "Times that one ran with it."), of<&Row::runs>},
      {amount("labelled_ns", "Execution", 0, "Length of these runs."), of<&Row::time>}};
  std::vector<Row> rows;
  for (const auto& [label, sums] : sums_) {
    rows.push_back({std::string(tables.string(label)), static_cast<int64_t>(sums.goroutines.size()),
                    static_cast<int64_t>(sums.runs), sums.time});
  }
  Table table{.id = "goroutine_labels",
              .detail = true,
              .title = "Labels of goroutines",
              .help = "A label holds for the run in which it is given.",
              .sort_by = "labelled_ns"};
  fill(table, columns, rows);
  report.tables.push_back(std::move(table));
}

}  // namespace tracetool
