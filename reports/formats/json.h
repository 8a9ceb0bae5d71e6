// Reports for programs: base units, stable ids, nothing rounded.
#pragma once

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "reports/formats/table_format.h"

namespace tracetool {

/// Raised when a reader of the old form would misread the new one; additions do not count.
constexpr int kJsonSchemaVersion = 1;

/// {"schema", "schema_version", fields…, "faults", "failed_checks", "tables": {id: {title, help,
/// layout, sort_by, columns, rows, notes}}}. A row is an object by column id and stands on a line
/// of its own; rows are written one by one. Rows keep the order of the table. Those left out are
/// summed up in "rest", beside "rest_rows".
void write_json(std::ostream& out, const Report& report, const JsonHeader& header = {});

/// The beginning of any document: '{"schema":…,"schema_version":…' and the fields, none of which
/// gets a name of `own`, those that the caller goes on with.
void begin_json(std::ostream& out, const std::string& schema, const JsonHeader& header,
                std::set<std::string> own);
/// An array of strings.
std::string json_strings(const std::vector<std::string>& texts);

extern const TableFormat json_format;

/// A quoted JSON string in valid UTF-8, without characters that would act on a terminal.
std::string json_string(const std::string& text);

}  // namespace tracetool
