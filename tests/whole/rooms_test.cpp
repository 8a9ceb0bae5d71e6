// scripts/check-includes notices what the table of rooms does not allow, in a copy of this tree.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/support/files.h"
#include "tests/support/program.h"

using namespace tracetool::test;
namespace fs = std::filesystem;

namespace {

class Tree {
 public:
  Tree() : folder_("rooms") {
    for (const char* top : {"parser", "analyses", "reports", "cli"})
      fs::copy(root() / top, folder_ / top, fs::copy_options::recursive);
  }
  static fs::path root() { return fs::path(TRACETOOL_TESTS_DIR).parent_path(); }
  void add(const std::string& file, const std::string& text) const {
    fs::create_directories(fs::path(folder_ / file).parent_path());
    folder_.write(file, text);
  }
  void remove(const std::string& name) const { fs::remove_all(folder_ / name); }
  /// "" if all is well, else what is not.
  std::string complaint() const {
    const std::string log = folder_ / "log";
    const std::string script = (root() / "scripts" / "check-includes").string();
    const int status =
        std::system((script + " '" + folder_.path() + "' >/dev/null 2>'" + log + "'").c_str());
    const std::string text = read_file(log);
    CHECK((status == 0) == text.empty());
    fs::remove(log);
    return text;
  }

 private:
  Folder folder_;
};

}  // namespace

TEST_CASE("A file that the table of rooms does not allow is told", "[rooms]") {
  const Tree tree;
  CHECK(tree.complaint().empty());
  const std::string a = "parser/model/a.h", line = "#include \"parser/input/byte_source.h\"\n";
  struct Wrong {
    std::string file, text, told;
  };
  const std::vector<Wrong> wrongs = {
      {a, line, a + ": parser/model may not include parser/input/byte_source.h\n"},
      {a, "  #  include <parser/input/byte_source.h>\n",
       a + ": parser/model may not include parser/input/byte_source.h\n"},
      {a, "#include \"tests/support/files.h\"\n",
       a + ": parser/model may not include tests/support/files.h\n"},
      {a, "#include \"reports/model/cell.h\"\n",
       a + ": parser/model may not include reports/model/cell.h\n"},
      {a, "#include <re2/re2.h>\n",
       a + ": parser/model may not include re2/re2.h: only reports/words\n"},
      {"analyses/engine/a.h", "#include <fstream>\n",
       "analyses/engine/a.h: analyses/engine may not include fstream: only cli/io\n"},
      {a, "void f() { std::exit(1); }\n",
       a + ": only cli/ prints or exits: void f() { std::exit(1); }\n"},
      {"analyses/passes/logs/a.h", "#include \"analyses/passes/gc/gc_tables.h\"\n",
       "analyses/passes/logs/a.h: analyses/passes/logs may not include "
       "analyses/passes/gc/gc_tables.h\n"},
      {"parser/format1/a.h", "#include \"parser/format2/v2_order.h\"\n",
       "parser/format1/a.h: parser/format1 may not include parser/format2/v2_order.h\n"},
      {"cli/io/a.h", "#include \"cli/commands/commands.h\"\n",
       "cli/io/a.h: cli/io may not include cli/commands/commands.h\n"},
      {"parser/other/a.h", "", "parser/other/a.h: is in no room\n"},
      {"analyses/a.cpp", "", "analyses/a.cpp: is in no room\n"},
      {"analyses/passes/a.cpp", "", "analyses/passes/a.cpp: is in no room\n"},
  };
  for (const Wrong& wrong : wrongs) {
    INFO(wrong.file << ": " << wrong.text);
    tree.add(wrong.file, wrong.text);
    CHECK(tree.complaint() == wrong.told);
    tree.remove(wrong.file);
  }
  const std::string fine = "#include \"parser/model/event.h\"\n#include <vector>\n";
  tree.add("parser/format1/a.h", fine);
  tree.add("analyses/passes/another/pass_a.cpp", fine);
  CHECK(tree.complaint().empty());
}

TEST_CASE("A room without files or with too many is told", "[rooms]") {
  const Tree tree;
  for (int i = 0; i < 25; ++i) tree.add("analyses/passes/another/" + std::to_string(i) + ".h", "");
  CHECK(tree.complaint().empty());
  tree.add("analyses/passes/another/25.h", "");
  CHECK(tree.complaint() ==
        "analyses/passes/another: 26 files are more than one can take in (25)\n");
  tree.remove("analyses/passes/another");
  tree.remove("reports/checks");
  // Who includes it is told by the compiler.
  CHECK(tree.complaint() == "reports/checks: a room without files\n");
  tree.add("reports/checks/a.h", "");
  tree.remove("analyses/passes");
  CHECK(tree.complaint() == "analyses/passes/*: a room without files\n");
}
