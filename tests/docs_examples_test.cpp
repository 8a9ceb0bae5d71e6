// Examples in docs/passes are what the program prints today.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/cli_run.h"
#include "tests/support/files.h"

using namespace tracetool::test;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

struct Example {
  std::string command;
  Lines shown;  // a line "…" stands for any
};

/// "$ tracetool …" and what follows it, from blocks of code.
std::vector<Example> examples_in(const fs::path& page) {
  std::ifstream in(page);
  std::stringstream text;
  text << in.rdbuf();
  std::vector<Example> examples;
  bool code = false, output = false;
  for (const std::string& line : lines_of(text.str())) {
    if (line.starts_with("```")) {
      code = !code;
      output = false;
    } else if (code && line.starts_with("$ tracetool ")) {
      examples.push_back({line.substr(12), {}});
      output = true;
    } else if (output) {
      examples.back().shown.push_back(line);
    }
  }
  return examples;
}

std::vector<std::string> arguments(const std::string& command) {
  std::vector<std::string> args;
  std::stringstream words(command);
  for (std::string word; words >> word;) {
    if (word.ends_with(".trace")) word = capture("go1.27/" + word.substr(0, word.size() - 6));
    args.push_back(word);
  }
  return args;
}

/// Whether the lines stand in `printed`, in order, each stretch between two "…" without a break.
bool stands_in(const Lines& shown, const Lines& printed) {
  auto from = printed.begin();
  for (auto at = shown.begin(); at != shown.end();) {
    const auto end = std::find(at, shown.end(), "…");
    const auto found = std::search(from, printed.end(), at, end);
    if (found == printed.end() && at != end) return false;
    from = found + (end - at);
    at = end == shown.end() ? end : end + 1;
  }
  return true;
}

}  // namespace

TEST_CASE("docs: every example is true") {
  // The folder of testdata/captures/go1.27/idle.trace.zst
  const fs::path root =
      fs::path(capture("go1.27/idle")).parent_path().parent_path().parent_path().parent_path();
  size_t pages = 0, examples = 0;
  for (const auto& page : fs::directory_iterator(root / "docs" / "passes")) {
    ++pages;
    for (Example& example : examples_in(page.path())) {
      INFO(page.path().filename().string() << ": tracetool " << example.command);
      while (!example.shown.empty() && example.shown.back().empty()) example.shown.pop_back();
      CHECK(example.shown.size() > 2);
      const std::string printed = cli(arguments(example.command)).out;
      INFO(printed);
      CHECK(stands_in(example.shown, lines_of(printed)));
      ++examples;
    }
  }
  CHECK(pages >= 18);
  CHECK(examples >= 20);
}
