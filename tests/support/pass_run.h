// Runs one pass in process, over a file or over bytes, and reads what it answered.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/engine/runner.h"
#include "reports/words/regex.h"
#include "tests/support/trace_builder.h"

namespace tracetool::test {

using Options = std::map<std::string, std::string>;

/// All committed captures that have answers.
const std::vector<std::filesystem::path>& captures();
std::filesystem::path capture(const std::string& release, const std::string& name);
/// What Go's own reader makes of a capture.
nlohmann::json answers(const std::filesystem::path& capture);

/// Options that are not given have their defaults. Fails the test if the pass refuses them.
Report run_file(const std::filesystem::path& path, const PassInfo& pass, const Options& options,
                RunOptions run = {});
Report run_bytes(const Bytes& bytes, const PassInfo& pass, const Options& options,
                 RunOptions run = {});
/// Fails the test if it is no expression.
std::optional<Regex> regex(const std::string& pattern);
/// The message with which the pass refuses its options.
std::string refusal(const PassInfo& pass, const Options& options);

const Table& table(const Report& report, const std::string& id);
/// A cell by column id, as exact text: "-" for none, stacks by their functions joined by "<".
std::string cell(const Table& table, size_t row, const std::string& column);
/// Rows as "a|b|c" of these columns, in the table's own order.
std::vector<std::string> rows(const Table& table, const std::vector<std::string>& columns);
int64_t sum(const Table& table, const std::string& column);
/// Time windows that cut a capture in two, at a time at which nothing happens.
std::vector<RunOptions> halves(const std::filesystem::path& capture);

}  // namespace tracetool::test
