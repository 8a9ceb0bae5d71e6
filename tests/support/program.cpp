#include "tests/support/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/support/files.h"

namespace tracetool::test {

namespace fs = std::filesystem;

std::string program_path() { return TRACETOOL_PROGRAM; }

Program::Program(const std::vector<std::string>& args, std::optional<Limit> limit,
                 const std::string& input) {
  static int number = 0;
  const std::string name = (fs::temp_directory_path() / "tracetool-").string() +
                           std::to_string(getpid()) + "-run" + std::to_string(number++);
  out_ = name + ".out";
  err_ = name + ".err";
  std::vector<std::string> words = {TRACETOOL_PROGRAM};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ > 0) return;
  ::dup2(::open(input.c_str(), O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  ::dup2(::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  if (limit) {
    const rlimit both{limit->value, limit->value};
    ::setrlimit(static_cast<decltype(RLIMIT_AS)>(limit->resource), &both);
  }
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  fs::remove(out_);
  fs::remove(err_);
}

CliResult Program::wait() {
  int status = 0;
  bool late = false;
  for (int i = 0; ::waitpid(pid_, &status, WNOHANG) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(i < 100 ? 1 : 20));
    if (i < 3000) continue;
    late = true;
    ::kill(pid_, SIGKILL);
  }
  pid_ = -1;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return {late ? -1000 : code, read_file(out_), read_file(err_)};
}

}  // namespace tracetool::test
