// Findings of captures and of tables that a test makes up.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analyses/engine/pass.h"
#include "analyses/findings/findings.h"

namespace tracetool::test {

const PassInfo& pass_named(const std::string& name);
/// As all passes run together.
PassOptions defaults_of(const PassInfo& pass);

/// What rules judge.
struct Judged {
  Report report;
  CaptureFacts facts;
};

/// The tables that rules read, of a capture.
Judged tables_of(const std::filesystem::path& path);
/// The table of findings. Fails the test if a rule asked for a table or column that does not exist.
Table findings_of(const Judged& run, const Thresholds& thresholds = {});
/// The same of tables that are not all there.
Table judged(const Judged& run, const Thresholds& thresholds = {});
std::set<std::string> kinds_of(const Table& findings);
/// The evidence of a kind of finding, "" if it was not found.
std::string evidence_of(const Table& findings, const std::string& kind);

/// A table with these columns.
Table made_up(const std::string& id, const std::vector<std::string>& columns,
              const std::vector<std::vector<Cell>>& rows);
/// Tables of a capture of that length in which nothing happens but so many events a second.
Judged made_up_capture(int64_t length, double rate);

}  // namespace tracetool::test
