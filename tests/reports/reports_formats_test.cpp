#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/formats/csv.h"
#include "reports/formats/format.h"
#include "reports/formats/json.h"
#include "reports/formats/markdown.h"
#include "reports/formats/text.h"

using namespace tracetool;

namespace {

using Records = std::vector<std::vector<std::string>>;

// A reader of RFC 4180 as strict as the text of it.
Records read_csv(const std::string& text) {
  Records out;
  size_t i = 0;
  while (i < text.size()) {
    auto& record = out.emplace_back();
    for (;;) {
      std::string& field = record.emplace_back();
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          REQUIRE(i < text.size());
          if (text[i] == '"' && text[i + 1] != '"') break;
          if (text[i] == '"') ++i;
          field += text[i];
        }
        ++i;
      } else {
        while (i < text.size() && text[i] != ',' && text[i] != '\r') {
          REQUIRE(text[i] != '"');
          REQUIRE(text[i] != '\n');
          field += text[i++];
        }
      }
      REQUIRE(i < text.size());
      if (text[i] == ',') {
        ++i;
        continue;
      }
      REQUIRE(text.substr(i, 2) == "\r\n");
      i += 2;
      break;
    }
  }
  return out;
}

Table sample() {
  Table table;
  table.id = "goroutines";
  table.title = "Goroutines";
  table.columns = {{"start", "Start", Unit::kNone, Role::kKey},
                   {"stack", "Stack", Unit::kNone, Role::kKey},
                   {"exec_ns", "Exec", Unit::kNanoseconds, Role::kSum, Better::kLower, true, 1,
                    "time spent running"},
                   {"share", "Share", Unit::kRatio, Role::kStat}};
  table.rows = {
      {"a,b|c", StackCell{"f x.go:1", "g x.go:2"}, std::numeric_limits<int64_t>::max(), 1.0},
      {"say \"hi\"\r\nnext", StackCell{}, Cell(), std::nan("")},
      {"\x1b[31m\xff", StackCell{"*p* `q` <r>"}, int64_t{-1}, 1.0 / 3}};
  table.notes = {"a note"};
  return table;
}

std::string rendered(const Report& report, const RenderOptions& options) {
  std::ostringstream out;
  const auto error = render(report, options, out);
  CHECK_FALSE(error);
  return out.str();
}

}  // namespace

TEST_CASE("CSV reads back as it was written", "[reports]") {
  const std::string text = rendered({{sample()}}, {.format = &csv_format});
  const Records records = read_csv(text);
  CHECK(records == Records{{"start", "stack", "exec_ns", "share"},
                           {"a,b|c", "f x.go:1;g x.go:2", "9223372036854775807", "1"},
                           {"say \"hi\"\r\nnext", "", "", ""},
                           {"\\x1b[31m\uFFFD", "*p* `q` <r>", "-1", "0.3333333333333333"}});
  CHECK(text.find('\x1b') == std::string::npos);

  Table one;
  one.columns = {{"only", "Only"}};
  one.rows = {{Cell()}, {" padded "}, {}};
  std::ostringstream out;
  write_csv(out, one);
  CHECK(out.str() == "only\r\n\"\"\r\n\" padded \"\r\n\"\"\r\n");
}

TEST_CASE("CSV: no text is a formula or a command, and all of it reads back", "[reports]") {
  const std::vector<std::string> risky = {"=1+1",
                                          "+1",
                                          "-1",
                                          "@cmd",
                                          "\tx",
                                          "\rx",
                                          "\n=1",
                                          "'quoted",
                                          "::error::x",
                                          "  ::debug::x",
                                          "\u3000::debug::x",
                                          "=HYPERLINK(\"a\",\"b\")"};
  const std::vector<std::string> plain = {"main.f", "a=b", "1-2", " =1", "x'", "a::b", "#1"};
  Table table;
  table.columns = {{"text", "Text"}, {"number", "Number", Unit::kNanoseconds}};
  for (const std::string& text : risky) table.rows.push_back({text, int64_t{-5}});
  for (const std::string& text : plain) table.rows.push_back({text, -0.5});
  table.rows.push_back({StackCell{"=f x.go:1", "g"}, Cell()});
  table.rows.push_back({"=a\n  ::set-output::b\r::c", Cell()});
  std::ostringstream out;
  write_csv(out, table);
  const Records records = read_csv(out.str());
  REQUIRE(records.size() == 1 + risky.size() + plain.size() + 2);
  for (size_t i = 0; i < risky.size(); ++i) {
    CHECK(records[i + 1][0] == "'" + risky[i]);
    CHECK(records[i + 1][1] == "-5");
  }
  for (size_t i = 0; i < plain.size(); ++i) {
    CHECK(records[i + 1 + risky.size()][0] == plain[i]);
    CHECK(records[i + 1 + risky.size()][1] == "-0.5");
  }
  CHECK(records[records.size() - 2][0] == "'=f x.go:1;g");
  CHECK(records.back()[0] == "'=a\\n  ::set-output::b\\r::c");
  for (std::istringstream lines(out.str()); !lines.eof();) {
    std::string line;
    std::getline(lines, line);
    CHECK(line.find_first_not_of(' ') == line.find_first_not_of(" :"));
  }
}

TEST_CASE("no line of text is a command to a build service", "[reports]") {
  Table table;
  table.id = "t";
  table.title = "::error::title";
  table.columns = {{"text", "::warning::heading"}, {"more", "More"}, {"stack", "Stack"}};
  table.rows = {{"::error::first", "::set-env name=X::y", StackCell{"::debug::f x.go:1"}},
                {"long enough to be wrapped ::notice::there and ::error::there too",
                 "##[error]x ##vso[task.x]##teamcity[y]", StackCell{}}};
  table.notes = {"::error::note"};
  Table record = table;
  record.layout = Layout::kRecord;
  record.rows.resize(1);
  Table list = table;
  list.layout = Layout::kList;
  for (const TableFormat* format : {&text_format, &markdown_format, &csv_format, &json_format}) {
    for (const size_t width : {size_t{0}, size_t{24}, size_t{60}}) {
      for (const Table& t : {table, record, list}) {
        std::istringstream lines(
            rendered({{t}}, {.format = format, .width = width, .stacks = true, .explain = true}));
        for (std::string line; std::getline(lines, line);) {
          INFO(line);
          const size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
          CHECK(line.compare(begin, 2, "::") != 0);
          for (const char* command : {"##[", "##vso[", "##teamcity["})
            if (format != &json_format) CHECK(line.find(command) == line.npos);
        }
      }
    }
  }
}

TEST_CASE("CSV goes by the declared order", "[reports]") {
  Table table = sample();
  table.sort_by = "share";
  const Records records = read_csv(rendered({{table}}, {.format = &csv_format}));
  CHECK(records[2][3] == "0.3333333333333333");
  CHECK(records[3][3].empty());
}

TEST_CASE("CSV needs one table", "[reports]") {
  Report report{{sample(), sample()}};
  report.tables[1].id = "blocking";
  std::ostringstream out;
  CHECK(render(report, {.format = &csv_format}, out) ==
        "there are several tables, name one of: goroutines, blocking");
  CHECK(out.str().empty());
  CHECK_FALSE(render(report, {.format = &csv_format, .table = "blocking"}, out));
}

TEST_CASE("JSON parses and keeps every figure", "[reports]") {
  Table record = sample();
  record.layout = Layout::kRecord;
  record.id = "summary";
  record.rows.resize(1);
  Table empty;
  empty.id = "empty";
  RenderOptions options{.format = &json_format};
  options.header.fields = {{"file", "a\xff.trace"},
                           {"length_ns", int64_t{5}},
                           {"version", StackCell{"go1.22"}},
                           {"schema", "taken already"}};
  options.header.faults = {"cut short"};
  Report report{{sample(), record, empty, empty}};
  report.failed_checks = {"too slow"};
  const std::string text = rendered(report, options);
  CHECK(text.find('\x1b') == std::string::npos);

  const auto json = nlohmann::json::parse(text);
  CHECK(json["schema"] == "tracetool-report");
  CHECK(json["schema_version"] == 1);
  CHECK(json["schema_2"] == "taken already");
  CHECK(json["file"] == "a\uFFFD.trace");
  CHECK(json["length_ns"] == 5);
  CHECK(json["faults"] == nlohmann::json::array({"cut short"}));
  CHECK(json["failed_checks"] == nlohmann::json::array({"too slow"}));
  REQUIRE(json["tables"].size() == 4);
  CHECK(json["tables"]["empty_2"]["rows"].empty());

  const auto& table = json["tables"]["goroutines"];
  CHECK(table["title"] == "Goroutines");
  CHECK(table["notes"] == nlohmann::json::array({"a note"}));
  CHECK(table["columns"][2] == nlohmann::json({{"id", "exec_ns"},
                                               {"heading", "Exec"},
                                               {"unit", "ns"},
                                               {"role", "sum"},
                                               {"better", "lower"},
                                               {"grows", true},
                                               {"help", "time spent running"}}));
  const auto& rows = table["rows"];
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["exec_ns"].is_number_integer());
  CHECK(rows[0]["exec_ns"] == std::numeric_limits<int64_t>::max());
  CHECK(rows[0]["share"].is_number_float());
  CHECK(rows[0]["stack"] == nlohmann::json::array({"f x.go:1", "g x.go:2"}));
  CHECK(rows[1]["start"] == "say \"hi\"\r\nnext");
  CHECK(rows[1]["exec_ns"].is_null());
  CHECK(rows[1]["share"].is_null());
  CHECK(rows[2]["start"] == "\x1b[31m\uFFFD");
  CHECK(rows[2]["share"] == 1.0 / 3);
  CHECK(json["tables"]["summary"]["rows"].size() == 1);
  CHECK(json["tables"]["summary"]["layout"] == "record");
}

TEST_CASE("JSON strings carry nothing that a terminal obeys", "[reports]") {
  CHECK(json_string("\x7f\xc2\x9b ü") == "\"\\u007f\\u009b ü\"");
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string quoted = json_string(text);
      bool fine = nlohmann::json::accept(quoted);
      for (const char c : quoted) fine = fine && static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
      if (!fine) FAIL("bytes " << first << " " << second);
    }
  }
}

TEST_CASE("Markdown tables hold whatever the trace contains", "[reports]") {
  CHECK(rendered({{sample()}}, {.format = &markdown_format}) ==
        "### Goroutines\n\n"
        "| Start | Stack | Exec | Share |\n"
        "|:---|:---|---:|---:|\n"
        "| `a,b\\|c` | `f x.go:1` | 2,562,048h | 100% |\n"
        "| `say \"hi\"\\r\\nnext` | - | - | - |\n"
        "| `\\x1b[31m\uFFFD` | `` *p* `q` <r> `` | -1ns | 33.3% |\n"
        "\n- note: a note\n");
  CHECK(escape_markdown("<b> *x* @me https://x www.x a|b #1") ==
        "&lt;b\\> \\*x\\* &#64;me https&#58;//x www&#46;x a\\|b \\#1");

  Table table = sample();
  table.layout = Layout::kRecord;
  table.rows.resize(1);
  table.notes.clear();
  CHECK(rendered({{table}}, {.format = &markdown_format, .stacks = true}) ==
        "### Goroutines\n\n"
        "| | |\n|:---|:---|\n"
        "| Start | `a,b\\|c` |\n"
        "| Stack | `f x.go:1`<br>`g x.go:2` |\n"
        "| Exec | 2,562,048h |\n"
        "| Share | 100% |\n");
  CHECK(rendered({{Table{.id = "none"}}}, {.format = &markdown_format}) == "### none\n\n(none)\n");
}

TEST_CASE("formats have names", "[reports]") {
  CHECK(find_format("json") == &json_format);
  CHECK(find_format("markdown") == &markdown_format);
  CHECK(find_format("xml") == nullptr);
  for (const std::string& name : format_names()) CHECK(find_format(name)->name == name);
  std::ostringstream out;
  CHECK(render({{sample()}}, {.format = &text_format, .table = "gorutines"}, out));
  CHECK(rendered({{sample()}}, {.format = &text_format, .table = "goroutines"}).substr(0, 11) ==
        "Goroutines\n");
}
