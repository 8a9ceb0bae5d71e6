// Profiles by stack: ours, and those of Go's own reader.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "reports/model/table.h"

namespace tracetool::test {

using Profile = std::map<std::string, std::pair<int64_t, int64_t>>;  // stack -> count, time

/// Of the records of an answer.
Profile reference(const nlohmann::json& records);
/// Of a table with columns stack, count and total_ns; rows without either are none.
Profile profile_of(const Table& table);
/// Record by record. Go's reader of format 1 puts the goroutines that it must announce itself in
/// random order, some ns apart: their times differ between two of its own runs, by up to `slack`.
bool same_records(const Profile& a, const Profile& b, int64_t slack);

}  // namespace tracetool::test
