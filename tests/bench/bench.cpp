// Measures the engine: the floor, the ordered read, each pass; and any other command's time and
// peak memory. One line "SECONDS EVENTS PEAK_KIB" a measurement, for scripts/bench.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "analyses/engine/runner.h"
#include "parser/library/block_reader.h"

namespace tracetool {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

long peak_kib(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return usage.ru_maxrss;
}

/// The physical limit: walks all varints of the bytes and keeps nothing.
int floor(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
  // No varint runs past this.
  bytes.insert(bytes.end(), 16, 0);
  const auto begin = Clock::now();
  uint64_t sum = 0, count = 0;
  const uint8_t* p = bytes.data();
  const uint8_t* const end = p + bytes.size() - 16;
  while (p < end) {
    uint64_t value = *p++;
    if (value >= 0x80) {
      value &= 0x7F;
      for (int shift = 7; shift < 70; shift += 7) {
        const uint64_t b = *p++;
        value |= (b & 0x7F) << (shift & 63);
        if (b < 0x80) break;
      }
    }
    sum += value;
    ++count;
  }
  const double seconds = since(begin);
  volatile uint64_t keep = sum;
  (void)keep;
  std::printf("%.4f %llu %ld\n", seconds, static_cast<unsigned long long>(count),
              peak_kib(RUSAGE_SELF));
  return 0;
}

class NullSink final : public BlockSink {
 public:
  Block* exchange(Block*) override { return &block_; }

 private:
  Block block_;
};

bool open(const char* path, std::unique_ptr<TraceReader>& reader) {
  Input input;
  if (const auto fault = open_input(path, {}, input)) {
    std::fprintf(stderr, "%s\n", fault->describe().c_str());
    return false;
  }
  reader = std::make_unique<TraceReader>(std::move(input), ReadOptions{});
  if (const auto fault = reader->open()) {
    std::fprintf(stderr, "%s\n", fault->describe().c_str());
    return false;
  }
  return true;
}

/// Ordered events to nobody, on one thread.
int read(const char* path) {
  std::unique_ptr<TraceReader> reader;
  if (!open(path, reader)) return 2;
  const auto begin = Clock::now();
  const auto sink = std::make_unique<NullSink>();
  reader->read(*sink);
  std::printf("%.4f %llu %ld\n", since(begin),
              static_cast<unsigned long long>(reader->facts().events), peak_kib(RUSAGE_SELF));
  return reader->facts().damaged() ? 3 : 0;
}

/// Ordered events to nobody, pulled.
int pull(const char* path) {
  std::unique_ptr<TraceReader> reader;
  if (!open(path, reader)) return 2;
  const auto begin = Clock::now();
  BlockReader blocks(*reader);
  while (blocks.next() != nullptr) {
  }
  std::printf("%.4f %llu %ld\n", since(begin),
              static_cast<unsigned long long>(reader->facts().events), peak_kib(RUSAGE_SELF));
  return reader->facts().damaged() ? 3 : 0;
}

/// One thread, the passes named (all: every one; none: only the goroutine index).
int pass(const char* path, const std::string& names, int threads) {
  std::unique_ptr<TraceReader> reader;
  if (!open(path, reader)) return 2;
  std::vector<PassRequest> requests;
  for (const PassInfo* info : all_passes()) {
    if (names != "all" && names != info->name) continue;
    requests.push_back({info, default_options(*info)});
  }
  RunOptions run;
  run.together = names == "all";
  run.threads = threads;
  Report report;
  const auto begin = Clock::now();
  const std::string error = run_passes(*reader, run, requests, report);
  if (!error.empty()) std::fprintf(stderr, "%s\n", error.c_str());
  std::printf("%.4f %llu %ld\n", since(begin),
              static_cast<unsigned long long>(reader->facts().events), peak_kib(RUSAGE_SELF));
  return error.empty() ? 0 : 2;
}

int exec(char** command) {
  const auto begin = Clock::now();
  const pid_t child = fork();
  if (child == 0) {
    // What it prints is not wanted.
    if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(127);
    execvp(command[0], command);
    std::perror(command[0]);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) return 2;
  std::printf("%.4f 0 %ld\n", since(begin), peak_kib(RUSAGE_CHILDREN));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

}  // namespace
}  // namespace tracetool

int main(int argc, char** argv) {
  using namespace tracetool;
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "floor" && argc == 3) return floor(argv[2]);
  if (mode == "read" && argc == 3) return read(argv[2]);
  if (mode == "pull" && argc == 3) return pull(argv[2]);
  if (mode == "pass" && argc == 5) return pass(argv[3], argv[2], std::atoi(argv[4]));
  if (mode == "passes" && argc == 2) {
    for (const PassInfo* info : all_passes()) std::puts(info->name);
    return 0;
  }
  if (mode == "exec" && argc > 2) return exec(argv + 2);
  std::fprintf(stderr,
               "usage: tracetool_bench floor FILE | read FILE | pull FILE | "
               "pass NAME|all|none FILE THREADS | passes | exec COMMAND...\n");
  return 2;
}
