#include "reports/formats/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

constexpr int kHeight = 12;
constexpr int kTickRows = 3;  // a label every third row: quarters of the axis

struct Point {
  double x = 0;  // on the axis: a logarithm in logarithmic plots
  std::optional<double> y;
};

struct Span {
  double low, high;
};

double tens(double exponent) { return std::pow(10.0, exponent); }

// The smallest round number at or above `value`. Bytes are round in powers of 1024.
double round_up(double value, Unit unit, bool quarters) {
  if (!(value > 0)) return quarters ? 4 : 1;
  const bool bytes = unit == Unit::kBytes || unit == Unit::kBytesPerSecond;
  const double power =
      bytes && value >= 1024 ? std::pow(1024.0, std::floor(std::log2(value) / 10)) : 1;
  const double scale = power * tens(std::floor(std::log10(value / power)));
  for (const double m :
       {1.0, 1.2, 1.4, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0}) {
    const double top = m * scale;
    if (top < value * (1 - 1e-12)) continue;
    // Quarters of a whole number of things should be whole too.
    if (quarters && std::fmod(top, 4) != 0) continue;
    return top;
  }
  return quarters ? 4 : value;
}

Span y_axis(const std::vector<Point>& points, const std::vector<Point>& limit, Unit unit) {
  Span seen{0, 0};
  for (const auto* all : {&points, &limit}) {
    for (const Point& p : *all)
      if (p.y) seen = {std::min(seen.low, *p.y), std::max(seen.high, *p.y)};
  }
  if (unit == Unit::kRatio && seen.low >= 0 && seen.high <= 1) return {0, 1};
  const bool whole = unit == Unit::kCount;
  const double high = seen.high > 0 || seen.low == 0 ? round_up(seen.high, unit, whole) : 0;
  return {seen.low < 0 ? -round_up(-seen.low, unit, whole) : 0, high};
}

// What each column of the plot shows, from the points in it or else from the line between its
// neighbours. A point without y interrupts the line.
std::vector<std::optional<Span>> columns_of(const std::vector<Point>& points, Span x, size_t n) {
  std::vector<std::optional<Span>> out(n);
  std::vector<bool> hit(n, false);
  const double step = (x.high - x.low) / static_cast<double>(n);
  for (const Point& p : points) {
    const auto at = static_cast<size_t>(std::max(0.0, (p.x - x.low) / step));
    const size_t c = std::min(n - 1, at);
    hit[c] = true;
    if (!p.y) continue;
    const Span old = out[c].value_or(Span{*p.y, *p.y});
    out[c] = Span{std::min(old.low, *p.y), std::max(old.high, *p.y)};
  }
  size_t next = 0;
  for (size_t c = 0; c < n; ++c) {
    if (hit[c]) continue;
    const double at = x.low + (static_cast<double>(c) + 0.5) * step;
    while (next < points.size() && points[next].x < at) ++next;
    if (next == 0 || next == points.size()) continue;
    const Point &a = points[next - 1], &b = points[next];
    if (!a.y || !b.y || !(b.x > a.x)) continue;
    const double y = *a.y + (*b.y - *a.y) * (at - a.x) / (b.x - a.x);
    out[c] = Span{y, y};
  }
  return out;
}

const char* cell_of(const std::optional<Span>& span, double floor, double row_height) {
  constexpr const char* kEighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (!span) return " ";
  const auto eighths = [&](double y) {
    return static_cast<int>(std::lround(std::clamp((y - floor) / row_height, 0.0, 1.0) * 8));
  };
  const int low = eighths(span->low), high = eighths(span->high);
  if (low == 8) return kEighths[8];
  if (low == high) return kEighths[low];
  return low >= 4 ? kEighths[low] : "░";
}

struct Tick {
  double at;  // on the axis
  std::string label;
};

std::string tick_label(double value, double step, Unit unit) {
  if (std::fabs(value) < step / 1e6) value = 0;  // also drops the sign of -0
  constexpr double kEnd = 9e18;  // of an int64_t; larger ones would not be short either
  if (unit != Unit::kTime || std::fabs(value) > kEnd) return format_cell(value, unit);
  // As many decimals as tell neighbours apart.
  const double decimals = std::clamp(std::ceil(9 - std::log10(step) - 1e-9), 0.0, 9.0);
  return fixed(value / 1e9, static_cast<int>(decimals)) + "s";
}

std::vector<Tick> linear_ticks(Span x, Unit unit, size_t width) {
  const double most = static_cast<double>(std::max<size_t>(width / 10, 1));
  double step = (x.high - x.low) / most;
  const bool bytes = unit == Unit::kBytes && step >= 1024;
  const double power = bytes ? std::pow(1024.0, std::floor(std::log2(step) / 10)) : 1;
  const double scale = power * tens(std::floor(std::log10(step / power)));
  for (const double m : {1.0, 2.0, 5.0, 10.0}) {
    if (m * scale >= step * (1 - 1e-12)) {
      step = m * scale;
      break;
    }
  }
  std::vector<Tick> ticks;
  for (double i = std::ceil(x.low / step - 1e-9); i * step <= x.high + step * 1e-9; ++i) {
    if (ticks.size() > width) break;  // steps below the precision of a double
    ticks.push_back({i * step, tick_label(i * step, step, unit)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(Span x, Unit unit) {
  std::vector<Tick> ticks;
  const auto add = [&](double value) {
    const double at = std::log10(value);
    if (at >= x.low - 1e-9 && at <= x.high + 1e-9) {
      ticks.push_back({at, tick_label(value, value, unit)});
    }
  };
  const bool dense = x.high - x.low < 3;
  const int last = static_cast<int>(std::floor(x.high + 1e-9));
  for (int e = static_cast<int>(std::floor(x.low)); e <= last; ++e) {
    add(tens(e));
    if (dense) add(2 * tens(e));
    if (dense) add(5 * tens(e));
  }
  return ticks;
}

std::string spaces(size_t n) { return std::string(n, ' '); }

// The axis and its labels; labels that would touch the one before them are left out.
void draw_x_axis(const std::vector<Tick>& ticks, Span x, size_t width, size_t gutter,
                 const std::string& zero, std::vector<std::string>& lines) {
  std::vector<bool> marked(width, false);
  std::string labels = spaces(gutter + 2);
  size_t end = 0;  // of the labels so far
  for (const Tick& tick : ticks) {
    const double share = (tick.at - x.low) / (x.high - x.low);
    const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(width - 1);
    const auto column = static_cast<size_t>(std::lround(at));
    const size_t size = display_width(tick.label);
    if (size > width) continue;
    const size_t start = std::min(column - std::min(column, size / 2), width - size);
    if (end > 0 && start < end + 2) continue;
    marked[column] = true;
    labels += spaces(start - end) + tick.label;
    end = start + size;
  }
  std::string axis = spaces(gutter - display_width(zero)) + zero + " └";
  for (const bool mark : marked) axis += mark ? "┴" : "─";
  lines.push_back(std::move(axis));
  lines.push_back(std::move(labels));
}

// Column of a limit to the curve, drawn as a line: described, in the same unit. 0 where there is
// none.
size_t limit_column(const Table& table) {
  for (size_t c = 2; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    if (column.role == Role::kInfo && column.unit == table.columns[1].unit) return c;
  }
  return 0;
}

}  // namespace

std::vector<std::string> plot(const Table& table, size_t width) {
  constexpr size_t kDefault = 80, kWidest = 120, kNarrowest = 24;
  if (table.columns.size() < 2) return {};
  width = width == 0 ? kDefault : std::clamp(width, kNarrowest, kWidest);
  const bool logarithmic = table.layout == Layout::kLogPlot;
  const Column &cx = table.columns[0], &cy = table.columns[1];

  const size_t limit_at = limit_column(table);
  std::vector<Point> points, limit;
  size_t undrawn = 0;
  for (const auto& row : table.rows) {
    if (row.size() < 2) continue;
    const std::optional<double> px = number_in(row[0]);
    if (!px) continue;
    if (logarithmic && *px <= 0) {
      ++undrawn;
      continue;
    }
    const double at = logarithmic ? std::log10(*px) : *px;
    points.push_back({at, number_in(row[1])});
    if (limit_at > 0 && limit_at < row.size()) limit.push_back({at, number_in(row[limit_at])});
  }
  for (auto* all : {&points, &limit}) {
    std::stable_sort(all->begin(), all->end(),
                     [](const Point& a, const Point& b) { return a.x < b.x; });
  }
  const auto has_y = [](const Point& p) { return p.y.has_value(); };
  // A limit far above would leave the curve no room.
  constexpr double kFar = 4;
  double highest = 0;
  for (const Point& p : points) highest = std::max(highest, p.y.value_or(0));
  for (Point& p : limit)
    if (p.y && *p.y > kFar * highest) p.y.reset();
  if (std::none_of(points.begin(), points.end(), has_y)) return {};

  Span x{points.front().x, points.back().x};
  constexpr double kTiny = 1e-290;  // below it divisions would overflow
  if (!(x.high - x.low > kTiny)) x.high = x.low + std::max(1.0, std::fabs(x.low) / 1e3);
  const Span y = y_axis(points, limit, cy.unit);
  const double row_height = (y.high - y.low) / kHeight;
  if (!std::isfinite(row_height) || row_height < kTiny || !std::isfinite(x.high - x.low)) return {};

  std::vector<std::string> labels(kHeight + 1);
  size_t gutter = 0;
  for (int row = 0; row <= kHeight; row += kTickRows) {
    const double quarter = (y.high - y.low) / 4;
    const int tick = row / kTickRows;
    labels[row] = tick_label(y.high - quarter * tick, quarter, cy.unit);
    gutter = std::max(gutter, display_width(labels[row]));
  }
  const size_t inner = std::max<size_t>(width - std::min(width, gutter + 2), 4);

  const bool limited = std::any_of(limit.begin(), limit.end(), has_y);
  std::string heading = clean(cy.heading);
  if (limited) heading += ", ─ " + clean(table.columns[limit_at].heading);
  std::vector<std::string> lines{shorten(heading, width)};
  const auto spans = columns_of(points, x, inner);
  const auto limits = columns_of(limit, x, inner);
  for (int row = 0; row < kHeight; ++row) {
    std::string line = spaces(gutter - display_width(labels[row])) + labels[row];
    line += labels[row].empty() ? " │" : " ┤";
    const double floor = y.low + row_height * (kHeight - 1 - row);
    for (size_t c = 0; c < inner; ++c) {
      const double above = limits[c] ? (limits[c]->high - floor) / row_height : -1;
      line += above >= 0 && (above < 1 || (row == 0 && above < 1 + 1e-9))
                  ? "─"
                  : cell_of(spans[c], floor, row_height);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  const auto ticks = logarithmic ? log_ticks(x, cx.unit) : linear_ticks(x, cx.unit, inner);
  draw_x_axis(ticks, x, inner, gutter, labels[kHeight], lines);
  std::string name = shorten(clean(cx.heading), inner);
  if (logarithmic && display_width(name) + 14 <= inner) name += " (logarithmic)";
  lines.push_back(spaces(gutter + 2 + (inner - display_width(name)) / 2) + name);
  if (undrawn > 0) {
    lines.push_back(shorten("not drawn: " + format_count(static_cast<int64_t>(undrawn)) +
                                " at or below 0, where the axis cannot reach",
                            width));
  }
  return lines;
}

}  // namespace tracetool
