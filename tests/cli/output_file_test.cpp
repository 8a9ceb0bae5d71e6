// --output: never what is read, and as a whole or not at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "tests/support/files.h"
#include "tests/support/program.h"

using namespace tracetool::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

using Args = std::vector<std::string>;
using Names = std::vector<std::string>;

mode_t mode_of(const std::string& path) {
  struct stat about {};
  REQUIRE(::lstat(path.c_str(), &about) == 0);
  return about.st_mode;
}

/// A capture that lacks its end.
std::string cut_capture(const Folder& folder) {
  const std::string whole = unpack(capture("go1.27/gcassist_generations"));
  return folder.write("cut.trace", whole.substr(0, whole.size() * 7 / 10));
}

/// Without the rights of root, who may write everywhere.
class Nobody {
 public:
  Nobody() : was_(::geteuid()) {
    if (was_ == 0) REQUIRE(::seteuid(65534) == 0);
  }
  ~Nobody() { (void)!::seteuid(was_); }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;

 private:
  uid_t was_;
};

/// Gives up after some seconds.
bool wait_until(const std::function<bool()>& done) {
  for (int i = 0; i < 2000 && !done(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return done();
}

}  // namespace

TEST_CASE("what a command reads is not overwritten, however it was named") {
  const Folder folder("inputs");
  fs::create_directories(folder / "traces");
  const std::string a = folder / "traces/a.trace.zst", b = folder / "traces/b.trace.zst";
  fs::copy_file(capture("go1.27/http"), a);
  fs::copy_file(capture("go1.27/locks"), b);
  const std::string base = folder / "base.json";
  REQUIRE(cli({"analyze", a, "--format", "json", "-o", base}).code == 0);
  const std::string rules = folder.write("rules.json", R"({"rules": ["stw.max < 1h"]})");
  fs::create_symlink(a, folder / "soft");
  fs::create_hard_link(a, folder / "hard");
  const std::string traces = folder / "traces";
  const std::vector<std::pair<Args, std::string>> runs = {
      {{"analyze", a}, a},
      {{"events", a}, a},
      {{"events", a, "--raw"}, a},
      {{"info", a}, traces + "/../traces/a.trace.zst"},
      {{"analyze", traces}, b},
      {{"analyze", traces + "/*.zst"}, b},
      {{"check", traces, "--require", "stw.max < 1h"}, b},
      {{"check", a, "--rules", rules}, rules},
      {{"diff", a, b}, a},
      {{"diff", a, b}, b},
      {{"diff", "--before", traces, "--after", b}, a},
      {{"diff", "--before", a, "--after", traces + "/b*"}, b},
      {{"diff", "--baseline", base, a}, base},
      {{"diff", "--baseline", base, a, "--format", "json"}, base},
      {{"metrics", a}, a},
      {{"analyze", a}, folder / "soft"},
      {{"analyze", a}, folder / "hard"},
      {{"analyze", folder / "soft"}, a},
      {{"analyze", folder / "hard"}, folder / "soft"}};
  for (auto [args, output] : runs) {
    CAPTURE(args, output);
    const std::string before = read_file(output);
    args.insert(args.end(), {"-o", output});
    const CliResult r = cli(args);
    CHECK(r.code == 2);
    CHECK(r.err == "tracetool: " + output + ": is read by this command, not overwritten\n");
    CHECK((read_file(output) == before));
  }
  const CliResult redirected = Program({"analyze", "-", "-o", a}, {}, a).wait();
  CHECK(redirected.code == 2);
  CHECK_THAT(redirected.err, Contains("not overwritten"));
  CHECK((read_file(a) == read_file(capture("go1.27/http"))));
  // A FIFO would give back what is written into it, without end.
  const std::string fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const CliResult looped = cli({"analyze", fifo, "-o", fifo});
  CHECK(looped.code == 2);
  CHECK_THAT(looped.err, Contains("not overwritten"));
  // Beside them there is room.
  CHECK(cli({"analyze", traces, "-o", traces + "/.report"}).code == 0);
  CHECK(cli({"analyze", traces + "/*.zst", "-o", traces + "/report"}).code == 0);
}

TEST_CASE("a file is replaced by a whole one, with its rights and behind its link") {
  const Folder folder("replaced");
  const std::string http = capture("go1.27/http");
  const std::string file = folder.write("file", "old"), link = folder / "link";
  ::chmod(file.c_str(), 0640);
  fs::create_symlink("file", link);  // relative to the link
  const int old = ::open(file.c_str(), O_RDONLY);
  for (const char* command : {"info", "events"}) {
    REQUIRE(cli({command, http, "-o", link}).code == 0);
    CHECK(fs::is_symlink(link));
    CHECK((mode_of(file) & 07777) == 0640);
    CHECK((read_file(file) == cli({command, http}).out));
    // Whoever has the old one open still sees the old one.
    char text[4] = {};
    CHECK(::pread(old, text, 3, 0) == 3);
    CHECK(std::string(text) == "old");
  }
  ::close(old);
  fs::create_symlink(folder / "new", folder / "dangling");
  REQUIRE(cli({"info", http, "-o", folder / "dangling"}).code == 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK((mode_of(folder / "new") & 07777) == (0666 & ~mask));
  CHECK(folder.names() == Names{"dangling", "file", "link", "new"});
}

TEST_CASE("a command without a result leaves the old file, and nothing else") {
  const Folder folder("no-result");
  const std::string file = folder.write("file", "old"), cut = cut_capture(folder);
  const std::string none = folder.write("none.trace", "no trace");
  for (const Args& args : std::vector<Args>{{"info", cut, "--strict"},
                                            {"analyze", cut, "--strict"},
                                            {"events", cut, "--strict"},
                                            {"events", cut, "--strict", "--format", "json"},
                                            {"events", cut, "--strict", "--raw"},
                                            {"analyze", none},
                                            {"analyze", none, none},
                                            {"diff", cut, none},
                                            {"events", none}}) {
    CAPTURE(args);
    Args all = args;
    all.insert(all.end(), {"-o", file});
    CHECK(cli(all).code == 2);
    CHECK(read_file(file) == "old");
    CHECK(folder.names() == Names{"cut.trace", "file", "none.trace"});
  }
  // What is damaged has results, and so has a check that fails.
  CHECK(cli({"events", cut, "-o", file}).code == 3);
  CHECK((read_file(file) == cli({"events", cut}).out));
  CHECK(cli({"check", capture("go1.27/http"), "--require", "sched.p99 < 1ns", "--format", "junit",
             "-o", file})
            .code == 1);
  CHECK_THAT(read_file(file), Contains("<testsuites"));
}

TEST_CASE("a full disk leaves the old file, and nothing else") {
  const Folder folder("full");
  const std::string file = folder.write("file", "old");
  for (const Args& args : std::vector<Args>{{"analyze", capture("go1.27/http"), "--format", "json"},
                                            {"events", capture("go1.27/http")}}) {
    Args all = args;
    all.insert(all.end(), {"-o", file});
    const CliResult r = Program(all, Limit{RLIMIT_FSIZE, 5000}).wait();
    CHECK(r.code == 2);
    CHECK(r.err == "tracetool: cannot write " + file + ": File too large\n");
    CHECK(read_file(file) == "old");
    CHECK(folder.names() == Names{"file"});
  }
}

TEST_CASE("in another's folder a file is written over, when there is a result") {
  const Folder folder("others");
  const std::string file = folder.write("file", "old"), none = folder.write("none.trace", "none");
  const std::string http = folder / "http";
  fs::copy_file(capture("go1.27/http"), http);
  REQUIRE(::chmod(file.c_str(), 0666) == 0);
  REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
  const Nobody nobody;
  CHECK(cli({"info", none, "-o", file}).code == 2);
  CHECK(read_file(file) == "old");
  const CliResult full =
      Program({"analyze", http, "--format", "json", "-o", file}, Limit{RLIMIT_FSIZE, 5000}).wait();
  CHECK_THAT(full.err, Contains("tracetool: cannot write " + file + ": File too large\n"));
  CHECK(read_file(file) == "old");
  for (const Args& args : {Args{"info", http, "--format", "json"}, Args{"info", http}}) {
    Args all = args;
    all.insert(all.end(), {"-o", file});
    CHECK(cli(all).code == 0);
    CHECK((read_file(file) == cli(args).out));  // the second is shorter
  }
  CHECK(folder.names() == Names{"file", "http", "none.trace"});
  CHECK(cli({"info", http, "-o", folder / "new"}).code == 2);
}

TEST_CASE("an interrupt leaves the old file, and nothing else") {
  const Folder folder("interrupt");
  const std::string file = folder.write("file", "old"), pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::string bytes = unpack(capture("go1.27/http"));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM}) {
    Program program({"events", pipe, "-o", file}, Limit{RLIMIT_CORE, 0});
    // It waits for the rest.
    const int fd = ::open(pipe.c_str(), O_WRONLY);
    REQUIRE(::write(fd, bytes.data(), 5000) == 5000);
    CHECK(wait_until([&] { return folder.names().size() == 3; }));
    ::kill(program.pid(), signal);
    CHECK(program.wait().code == -signal);
    ::close(fd);
    CHECK(read_file(file) == "old");
    CHECK(folder.names() == Names{"file", "pipe"});
  }
}

TEST_CASE("what is no regular file is written as it is") {
  const Folder folder("devices");
  const std::string http = capture("go1.27/http"), pipe = folder / "pipe";
  const std::string expected = cli({"info", http}).out;
  CHECK(cli({"info", http, "-o", "/dev/null"}).code == 0);
  CHECK(S_ISCHR(mode_of("/dev/null")));
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string got;
  std::thread reader([&] {
    std::ifstream in(pipe, std::ios::binary);
    got = {std::istreambuf_iterator<char>(in), {}};
  });
  CHECK(cli({"info", http, "-o", pipe}).code == 0);
  reader.join();
  CHECK(got == expected);
  // Whatever file it goes to, it stays the one that was opened.
  for (const char* name : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    const CliResult r = Program({"info", http, "-o", name}).wait();
    CHECK(r.code == 0);
    CHECK(r.out == expected);
  }
  CHECK(folder.names() == Names{"pipe"});
  // What is appended to keeps what it has.
  const std::string log = folder.write("log", "before\n");
  const std::string shell = program_path() + " info " + http + " -o ";
  for (const char* name : {"/dev/stdout", "/proc/self/fd/1"})
    REQUIRE(std::system((shell + name + " >> " + log).c_str()) == 0);
  CHECK((read_file(log) == "before\n" + expected + expected));
  fs::remove(log);
  // A reader that has enough is no fault.
  std::thread leaves([&] { ::close(::open(pipe.c_str(), O_RDONLY)); });
  const CliResult left = Program({"events", http, "-o", pipe}).wait();
  leaves.join();
  CHECK(left.code == 0);
  CHECK(left.err.empty());
  const CliResult directory = cli({"info", http, "-o", folder.path()});
  CHECK(directory.code == 2);
  CHECK_THAT(directory.err, Contains("Is a directory"));
}
