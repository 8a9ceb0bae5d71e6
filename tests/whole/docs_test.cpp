// The examples of the documents are what the program prints today.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "analyses/export/sorted_intervals.h"
#include "tests/support/cli_run.h"
#include "tests/support/examples.h"
#include "tests/support/files.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

using Lines = TextLines;

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

/// Examples begin with "$ tracetool" inside a fenced block and reach to its end or the next one.
/// Those of the page are held against what the program prints, or with TRACETOOL_UPDATE made anew.
size_t check_examples(const std::filesystem::path& page) {
  const bool updating = std::getenv("TRACETOOL_UPDATE") != nullptr;
  std::ifstream in(page);
  REQUIRE(in);
  size_t examples = 0;
  Lines text, example;
  std::string command;
  const auto end_example = [&] {
    if (command.empty()) return;
    INFO(page.filename().string() << ": " << command);
    const CliResult result = cli(arguments(command));
    std::istringstream out(result.out);
    const Lines output = lines_of(out);
    CHECK(result.code == 0);
    if (updating) {
      const bool apart = !example.empty() && example.back().empty();
      example = updated(example, output);
      if (apart) example.emplace_back();
    } else {
      CHECK(first_wrong(example, output) == "");
    }
    text.insert(text.end(), example.begin(), example.end());
    ++examples;
    command.clear();
    example.clear();
  };
  for (const std::string& line : lines_of(in)) {
    if (line.starts_with("```") || line.starts_with("$ ")) end_example();
    if (!command.empty()) {
      example.push_back(line);
      continue;
    }
    text.push_back(line);
    if (line.starts_with("$ tracetool ")) command = line;
  }
  if (updating) {
    std::ofstream out(page);
    for (const std::string& line : text) out << line << '\n';
  }
  return examples;
}

}  // namespace

TEST_CASE("The pages of the passes show what the program prints", "[docs]") {
  size_t pages = 0, examples = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(TRACETOOL_TESTDATA "/../docs/passes")) {
    const std::string page = entry.path().filename().string();
    INFO(page);
    examples += check_examples(entry.path());
    ++pages;
  }
  CHECK(pages == 20);
  CHECK(examples == 29);
}

TEST_CASE("The README shows what the program prints", "[docs]") {
  CHECK(check_examples(TRACETOOL_TESTDATA "/../README.md") == 2);
}

TEST_CASE("the docs say how many intervals fit into the default memory", "[docs]") {
  CHECK(SortedIntervals::fit(uint64_t{512} << 20) == 2'033'601);
  CHECK_THAT(read_file(TRACETOOL_TESTDATA "/../docs/cli.md"),
             Catch::Contains("2,033,601 in the default 512 MiB"));
}
