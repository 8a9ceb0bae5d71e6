// The examples of the documents are what the program prints today.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "analyses/export/sorted_intervals.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::istream& in) {
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// "$ tracetool blocking 'locks.trace'" as arguments, files in testdata.
Lines arguments(const std::string& command) {
  Lines out;
  std::istringstream in(command.substr(2));
  for (std::string word; in >> word;) {
    std::erase(word, '\'');
    if (word.ends_with(".trace")) word = capture("go1.27/" + word.substr(0, word.size() - 6));
    if (word.starts_with("testdata/")) word.replace(0, 8, TRACETOOL_TESTDATA);
    out.push_back(word);
  }
  REQUIRE(out.at(0) == "tracetool");
  out.erase(out.begin());
  return out;
}

/// Whether the example's lines are lines of the output, in that order. Of what an example leaves
/// out, nothing is said.
std::string first_missing(const Lines& example, const Lines& output) {
  auto from = output.begin();
  for (const std::string& line : example) {
    if (line.empty() || line == "…") continue;
    from = std::find(from, output.end(), line);
    if (from == output.end()) return line;
    ++from;
  }
  return "";
}

/// Examples begin with "$ tracetool" inside a fenced block and reach to its end or the next one.
size_t check_examples(const std::filesystem::path& page) {
  std::ifstream in(page);
  REQUIRE(in);
  size_t examples = 0;
  std::string command;
  Lines example;
  const auto check = [&] {
    if (command.empty()) return;
    INFO(page.filename().string() << ": " << command);
    const CliResult result = cli(arguments(command));
    std::istringstream out(result.out);
    CHECK(result.code == 0);
    CHECK(!example.empty());
    CHECK(first_missing(example, lines_of(out)) == "");
    ++examples;
    command.clear();
    example.clear();
  };
  for (const std::string& line : lines_of(in)) {
    const bool fence = line.starts_with("```");
    if (fence || line.starts_with("$ ")) check();
    if (line.starts_with("$ tracetool ")) {
      command = line;
    } else if (!command.empty()) {
      example.push_back(line);
    }
  }
  return examples;
}

}  // namespace

TEST_CASE("The pages of the passes show what the program prints", "[docs]") {
  size_t pages = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(TRACETOOL_TESTDATA "/../docs/passes")) {
    const std::string page = entry.path().filename().string();
    INFO(page);
    const size_t examples = check_examples(entry.path());
    CHECK((examples > 0 || page == "findings.md"));  // its example is the README's
    ++pages;
  }
  CHECK(pages >= 20);
}

TEST_CASE("The README shows what the program prints", "[docs]") {
  CHECK(check_examples(TRACETOOL_TESTDATA "/../README.md") >= 2);
}

TEST_CASE("the docs say how many intervals fit into the default memory", "[docs]") {
  CHECK(SortedIntervals::fit(uint64_t{512} << 20) == 2'033'601);
  CHECK_THAT(read_file(TRACETOOL_TESTDATA "/../docs/cli.md"),
             Catch::Contains("2,033,601 in the default 512 MiB"));
}
