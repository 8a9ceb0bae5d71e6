#include "tests/support/profile.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

namespace tracetool::test {

Profile reference(const nlohmann::json& records) {
  Profile out;
  if (!records.is_array()) return out;
  for (const auto& r : records) {
    std::string key;
    if (r["stack"].is_array()) {
      for (const auto& frame : r["stack"]) key += frame.get<std::string>() + "\n";
    }
    if (key == " :0\n") key.clear();  // Go's reader shows an empty stack as one empty frame
    out[key].first += r["count"].get<int64_t>();
    out[key].second += r["time"].get<int64_t>();
  }
  return out;
}

Profile profile_of(const Table& table) {
  const auto column = [&](const char* id) {
    const auto it = std::ranges::find(table.columns, id, &Column::id);
    REQUIRE(it != table.columns.end());
    return static_cast<size_t>(it - table.columns.begin());
  };
  const size_t stack = column("stack"), count = column("count"), total = column("total_ns");
  Profile out;
  for (const auto& row : table.rows) {
    const auto n = std::get<int64_t>(row[count]), time = std::get<int64_t>(row[total]);
    if (n == 0 && time == 0) continue;
    std::string key;
    if (const auto* frames = std::get_if<StackCell>(&row[stack])) {
      for (const FrameCell& frame : *frames) key += frame.text() + "\n";
    }
    out[key].first += n;
    out[key].second += time;
  }
  return out;
}

bool same_records(const Profile& a, const Profile& b, int64_t slack) {
  return std::ranges::equal(a, b, [&](const auto& x, const auto& y) {
    return x.first == y.first && x.second.first == y.second.first &&
           std::abs(x.second.second - y.second.second) <= slack;
  });
}

}  // namespace tracetool::test
