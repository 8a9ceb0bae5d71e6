// Threads that cannot be had, and threads that fail: the same output with fewer, or the exception
// where somebody can tell of it. Nothing waits for ever.
#include <pthread.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <climits>
#include <csignal>
#include <map>
#include <new>
#include <stdexcept>

#include "analyses/engine/block_ring.h"
#include "analyses/engine/runner.h"
#include "parser/threads/thread_group.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/long_trace.h"
#include "tests/support/program.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

/// As if no more threads than that could be had.
class FewThreads {
 public:
  explicit FewThreads(int count) { allow_more_threads(count); }
  ~FewThreads() { allow_more_threads(INT_MAX); }
};

/// Fails when so many bytes were read.
class FailingReader final : public ByteReader {
 public:
  FailingReader(const std::string& bytes, size_t good) : bytes_(bytes), good_(good) {}
  size_t read(std::span<uint8_t> into) override {
    if (at_ >= good_) throw std::bad_alloc();
    const size_t n = std::min({into.size(), good_ - at_, bytes_.size() - at_, size_t{1000}});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), n, into.begin());
    at_ += n;
    return n;
  }

 private:
  const std::string& bytes_;
  size_t good_, at_ = 0;
};

std::unique_ptr<TraceReader> open(std::unique_ptr<ByteReader> bytes) {
  Input input;
  input.source = make_stream_source(std::move(bytes), 4096);
  auto reader = std::make_unique<TraceReader>(std::move(input), ReadOptions{});
  REQUIRE_FALSE(reader->open());
  return reader;
}

const std::string& bytes_of_capture() {
  static const std::string kBytes = long_trace(6);  // a hundred blocks
  return kBytes;
}

struct Trouble : std::runtime_error {
  Trouble() : std::runtime_error("a consumer's trouble") {}
};

}  // namespace

TEST_CASE("what a thread throws comes out where it is joined", "[threads]") {
  ThreadGroup threads;
  REQUIRE(threads.start([] { throw Trouble(); }));
  REQUIRE(threads.start([] {}));
  CHECK_THROWS_AS(threads.join(), Trouble);
  CHECK_NOTHROW(threads.join());
  // Nor does it hurt if nobody asks.
  ThreadGroup forgotten;
  REQUIRE(forgotten.start([] { throw Trouble(); }));
}

TEST_CASE("signals go to the main thread, and stacks are large enough", "[threads]") {
  ThreadGroup threads;
  sigset_t theirs, ours;
  size_t stack = 0;
  REQUIRE(threads.start([&] {
    ::pthread_sigmask(SIG_BLOCK, nullptr, &theirs);
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
    ::pthread_attr_getstacksize(&attributes, &stack);
    ::pthread_attr_destroy(&attributes);
  }));
  threads.join();
  ::pthread_sigmask(SIG_BLOCK, nullptr, &ours);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGALRM, SIGXCPU}) {
    CHECK(::sigismember(&theirs, signal) == 1);
    CHECK(::sigismember(&ours, signal) == 0);
  }
  for (const int own : {SIGSEGV, SIGABRT}) CHECK(::sigismember(&theirs, own) == 0);
  CHECK(stack >= size_t{512} << 10);
}

TEST_CASE("a thread that cannot be had is no exception", "[threads]") {
  const FewThreads one(1);
  ThreadGroup threads;
  bool ran = false;
  CHECK(threads.start([&] { ran = true; }));
  CHECK_FALSE(threads.start([] { throw Trouble(); }));
  threads.join();
  CHECK(ran);
}

TEST_CASE("any consumer of blocks may throw, at any block", "[threads]") {
  for (const int threads : {1, 2, 4}) {
    for (size_t thrower = 0; thrower < 3; ++thrower) {
      for (const int block : {0, 1, 7, 40}) {
        CAPTURE(threads, thrower, block);
        const auto reader = open(
            std::make_unique<FailingReader>(bytes_of_capture(), bytes_of_capture().size() + 1));
        BlockPlan plan;
        std::array<int, 3> seen{};
        for (size_t c = 0; c < 3; ++c) {
          plan.consumers.emplace_back([&, c](const Block&) {
            if (c == thrower && seen[c] == block) throw Trouble();
            ++seen[c];
            return true;
          });
        }
        CHECK_THROWS_AS(run_blocks(*reader, threads, {}, plan), Trouble);
        CHECK(seen[thrower] == block);
      }
    }
  }
}

TEST_CASE("the reading thread may throw, at any byte", "[threads]") {
  const size_t size = bytes_of_capture().size();
  for (const int threads : {1, 2, 4}) {
    for (const size_t good : {size / 7, size / 2, size - 1}) {
      CAPTURE(threads, good);
      const auto reader = open(std::make_unique<FailingReader>(bytes_of_capture(), good));
      BlockPlan plan;
      for (int c = 0; c < 3; ++c) plan.consumers.emplace_back([](const Block&) { return true; });
      CHECK_THROWS_AS(run_blocks(*reader, threads, {}, plan), std::bad_alloc);
    }
  }
}

TEST_CASE("a twin that throws ends the run", "[threads]") {
  const size_t size = bytes_of_capture().size();
  using Good = std::pair<size_t, size_t>;  // bytes of the first reader and of the twin
  for (const auto& [first, second] : {Good{size / 3, size + 1}, Good{size + 1, size / 3}}) {
    const auto reader = open(std::make_unique<FailingReader>(bytes_of_capture(), first));
    RunOptions run;
    run.threads = 2;
    run.twin = [good = second] {
      return open(std::make_unique<FailingReader>(bytes_of_capture(), good));
    };
    std::vector<PassRequest> requests;
    for (const PassInfo* pass : all_passes()) {
      PassRequest& request = requests.emplace_back(PassRequest{pass, {}});
      for (const PassOption& o : pass->options) request.options.set(o.name, o.default_value);
    }
    Report report;
    CHECK_THROWS_AS(run_passes(*reader, run, requests, report), std::bad_alloc);
  }
}

TEST_CASE("what reading ahead throws comes behind what was read before", "[threads]") {
  const std::string bytes(3'000'000, 'x');
  const auto ahead = make_read_ahead(std::make_unique<FailingReader>(bytes, 2'000'000));
  std::vector<uint8_t> into(100'000);
  size_t all = 0;
  const auto read = [&] {
    const size_t n = ahead->read(into);
    all += n;
    return n;
  };
  CHECK_THROWS_AS(
      [&] {
        while (read() > 0) {
        }
      }(),
      std::bad_alloc);
  CHECK(all == 2'000'000);
  // Nor does it hurt if nobody reads.
  make_read_ahead(std::make_unique<FailingReader>(bytes, 0));
}

TEST_CASE("with fewer threads than wanted the output is the same", "[threads]") {
  const Folder folder("few-threads");
  const std::string plain = folder.write("plain.trace", bytes_of_capture());
  const std::string packed = folder.write("packed.trace", zstd_packed(bytes_of_capture()));
  const std::string other = capture("go1.27/http");
  const std::vector<std::vector<std::string>> runs = {
      {"analyze", plain, "--full", "--format", "json"},
      {"analyze", packed, "--full", "--format", "json"},
      {"analyze", capture("go1.19/http"), "--format", "json"},
      {"analyze", packed, other, plain, "--format", "json"},
      {"diff", plain, other, "--format", "json"},
      {"events", packed, "--format", "jsonl"}};
  for (std::vector<std::string> args : runs) {
    CAPTURE(args);
    const CliResult whole = cli(args);
    REQUIRE(whole.code == 0);
    args.insert(args.end(), {"-j", "5"});
    for (int count = 0; count < 7; ++count) {
      CAPTURE(count);
      const FewThreads few(count);
      const CliResult r = cli(args);
      CHECK(r.code == 0);
      CHECK(r.err.empty());
      CHECK((r.out == whole.out));
    }
  }
}

TEST_CASE("however little memory there is: the output, or one line and exit code 2") {
  if (!can_limit_memory()) {
    WARN("skipped: sanitizers need all of the address space");
    return;
  }
  const Folder folder("little-memory");
  const std::string plain = folder.write("plain.trace", bytes_of_capture());
  const std::string packed = folder.write("packed.trace", zstd_packed(bytes_of_capture()));
  const std::string old = folder.write("old.json", "old");
  const auto limited = [](const std::vector<std::string>& args, size_t kib) {
    return Program(args, Limit{RLIMIT_AS, kib << 10}).wait();
  };
  // Below that the system cannot even start it.
  size_t least = 4 << 10;
  while (limited({"--version"}, least).code != 0) least += 64;
  const std::vector<std::vector<std::string>> runs = {
      {"analyze", plain, "--format", "json"},
      {"analyze", packed, "--format", "json", "-j", "4"},
      {"analyze", packed, plain, capture("go1.19/http"), "-j", "3"},
      {"diff", plain, packed},
      {"analyze", packed, "--format", "json", "-o", old},
      {"events", packed, "-o", old}};
  for (const auto& args : runs) {
    const bool to_file = args.back() == old;
    folder.write("old.json", "old");
    const std::string whole = Program(args).wait().out;
    const std::string whole_file = read_file(old);
    std::map<int, int> codes;
    for (size_t above = 0; above < (96 << 10); above += above < 8192 ? 397 : 4099) {
      CAPTURE(args, least + above);
      folder.write("old.json", "old");
      const CliResult r = limited(args, least + above);
      ++codes[r.code];
      if (r.code == 0) {
        CHECK((r.out == whole));
        CHECK(r.err.empty());
      } else {
        CHECK(r.code == 2);
        CHECK(r.err == "tracetool: out of memory\n");
      }
      if (to_file) CHECK((read_file(old) == (r.code == 0 ? whole_file : "old")));
      CHECK(folder.names() == std::vector<std::string>{"old.json", "packed.trace", "plain.trace"});
    }
    CHECK(codes[0] > 0);
    CHECK(codes[2] > 0);
  }
}

TEST_CASE("a low limit of the stack is enough, or is said", "[stack]") {
  if (!can_limit_memory()) return;
  const std::string path = capture("go1.27/http");
  const CliResult usual = cli({"analyze", path, "--width", "100"});
  for (const rlim_t kib : {320, 400, 512, 700, 8192}) {
    CAPTURE(kib);
    const Limit limit{RLIMIT_STACK, kib << 10};
    const CliResult r = Program({"analyze", path, "--width", "100"}, limit).wait();
    CHECK(r.code == 0);
    CHECK((r.out == usual.out));
    CHECK(r.err.empty());
    CHECK(Program({"blocking", path, "-j", "1"}, limit).wait().code == 0);
  }
  const CliResult low = Program({"analyze", path}, Limit{RLIMIT_STACK, 200 << 10}).wait();
  CHECK(low.code == 2);
  CHECK(low.out.empty());
  CHECK(low.err ==
        "tracetool: the limit of the stack is too low (ulimit -s): 320 KiB are needed\n");
}
