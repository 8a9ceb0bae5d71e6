// Figures of several reports side by side: joined on the names of rows, never on ids, addresses or
// lines of source that merely moved. Only numbers and names are kept, so that a report may go as
// soon as it was added: there are as many figures as rows times columns.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/compare/statistics.h"
#include "reports/model/table.h"
#include "reports/model/units.h"

namespace tracetool {

/// Names of rows: functions, reasons, texts, each once.
class RowNames {
 public:
  uint32_t id_of(std::string_view name);
  const std::string& text(uint32_t id) const { return *texts_[id]; }
  uint32_t size() const { return static_cast<uint32_t>(texts_.size()); }

 private:
  std::map<std::string, uint32_t, std::less<>> ids_;
  std::vector<const std::string*> texts_;
};

/// The names that make the key of a row. Among their ids are some of no name, where the next cell
/// begins.
struct KeyNames {
  const RowNames* texts = nullptr;
  std::span<const uint32_t> ids = {};
};

/// What one figure is. What it points to lives as long as what it comes from.
struct Series {
  const Table* table = nullptr;  // of the first capture that has the row; without rows
  const Column* column = nullptr;
  KeyNames names;          // by which the row is known in any capture; none for tables of one row
  std::string_view label;  // the same for people
  Measure measure;
  /// The largest "count" of its row in a sample, where there is one: a statistic of few is chance.
  std::optional<double> support = {};
  std::string id() const;
};

class RowKeys;

/// First all captures are added, then they are joined, then come slices of captures. Curves are
/// left out, and rows that only an id tells apart; so are tables and columns that a capture lacks,
/// as when it was saved by an older program: that says nothing about what it measured.
class Joined {
 public:
  /// What growing figures are divided by is counted in `per`: "s", "task".
  explicit Joined(std::string per) : per_(std::move(per)) {}
  Joined(Joined&&) = default;
  Joined& operator=(Joined&&) = default;

  void add(const Report& report, double divisor);
  void join();
  /// A part of the time of the capture before (0) or after (1), which may lack rows.
  void add_slice(const Report& report, double divisor, size_t side);

  size_t captures() const { return divisors_.size(); }
  size_t figures() const { return figures_; }
  size_t rows() const { return rows_.size(); }
  /// The row of a figure.
  size_t row_of(size_t figure) const;

  Series series(size_t figure) const;
  std::optional<double> value(size_t figure, size_t capture) const;
  /// The capture has the table, but no such row.
  bool rowless(size_t figure, size_t capture) const;
  /// From the least to the largest value in slices of that side; none of fewer than two.
  std::optional<ValueRange> slices(size_t figure, size_t side) const;
  /// Keeps of these only how far they reach from the capture's own value, in half the memory.
  void keep_reach();
  std::optional<double> reach(size_t figure, size_t side) const;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  /// A table in one capture.
  struct Part {
    bool present = false;
    Table head = {};                  // without rows
    std::vector<uint32_t> column_id;  // of each column: index in Joint::column_ids
    std::vector<uint32_t> figure_of;  // by column id: which of the figures of a row, or kNone
    std::vector<uint32_t> column;     // of each figure
    std::vector<double> values;       // row by row; NaN for none
    /// Rows by key: those of key k are rows[first[k]] to rows[first[k + 1]].
    std::vector<uint32_t> first, rows;
    /// The same in the order of the source, of keys that several rows have.
    std::map<uint32_t, std::vector<uint32_t>> by_line;
    bool has(uint32_t id) const;
    size_t count_of(uint32_t key) const;
    std::vector<uint32_t> rows_of(uint32_t key) const;
  };
  /// A table in all captures.
  struct Joint {
    std::string id;
    bool left_out = false, by_id = false;
    std::vector<Part> parts;
    std::map<std::vector<uint32_t>, uint32_t> keys;  // by their names
    std::vector<const std::vector<uint32_t>*> key_names;
    std::vector<std::string> labels;  // of keys
    std::vector<std::string> column_ids;
    /// By key: its first joined row, and how many it has; in the order of keys.
    std::vector<uint32_t> first_row, row_count;
  };
  struct Row {
    uint32_t table, key;
    uint32_t number;  // of several rows of that key: 1, 2, …; 0 for a row of its own
    uint32_t first_figure;
    uint32_t capture;  // the first one that has it
    uint32_t columns;  // index in column_list_
    bool combined;     // of as many rows as there are in each capture
    double support;    // NaN for none
  };

  uint16_t column(const Row& row, size_t figure) const {
    return (*column_list_[row.columns])[figure - row.first_figure];
  }
  Joint& joint(const std::string& id);
  static void digest(const Table& table, RowKeys& keys, Joint& joint, Part& part);
  void add_row(uint32_t table, uint32_t key, uint32_t number, bool combined);
  std::optional<double> value(const Row& row, uint32_t id, size_t capture) const;
  void fold(const Row& row, size_t index, const Table& table, const std::vector<size_t>& rows,
            double divisor, size_t side);

  std::string per_;
  std::unique_ptr<RowNames> names_ = std::make_unique<RowNames>();  // pointed at
  std::vector<double> divisors_;                                    // of captures
  std::deque<Joint> tables_;                                        // keys of maps are pointed at
  std::vector<Row> rows_;
  std::map<size_t, std::string> numbered_;  // labels of rows with a number
  size_t figures_ = 0;
  /// Columns of a row's figures, in its first capture. Most rows of a table have the same.
  std::map<std::vector<uint16_t>, uint32_t> column_lists_;
  std::vector<const std::vector<uint16_t>*> column_list_;
  /// By figure. NaN in `low`: in no slice; in `high` alone: in one.
  struct Slices {
    std::vector<double> low, high;
  };
  Slices slices_[2];
  std::vector<double> reach_[2];
};

/// What a text is called in any capture: functions without their places, addresses left out.
std::string row_name(std::string_view text);

}  // namespace tracetool
